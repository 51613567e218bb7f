/** The dialects that clients speak here, each loaded when the first of them asks. */
import { type Dialect, type DialectId, loadDialect } from "@dragoman/llm";

export type DialectShelf = (id: DialectId) => Promise<Dialect>;

export function createDialectShelf(): DialectShelf {
  const loading = new Map<DialectId, Promise<Dialect>>();
  return (id) => {
    const known = loading.get(id);
    if (known !== undefined) return known;
    const loaded = loadDialect(id);
    loading.set(id, loaded);
    // What could not be loaded is tried again.
    loaded.catch(() => loading.delete(id));
    return loaded;
  };
}
