import type { ChunkingContext } from "rolldown";

/** The module, all that it imports, and all that those import, but for what is imported on demand. Ids of other packages are not followed. */
export function loadedAtOnce(module: string, context: ChunkingContext): ReadonlySet<string> {
  const loaded = new Set([module]);
  for (const one of loaded) for (const imported of context.getModuleInfo(one)?.importedIds ?? []) loaded.add(imported);
  return loaded;
}
