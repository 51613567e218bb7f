/** Which of a package's modules go into one file, so that no entry point loads what it does not use, nor hundreds of files. */
import type { ChunkingContext, CodeSplittingGroup } from "rolldown";
import { loadedAtOnce } from "./loaded-at-once.ts";

/** A name, and the source that it stands for. */
type Entry = readonly [name: string, file: string];

/**
 * Of what the first entry loads at once: one chunk for the modules that the same entries load, those of one folder taken together. Anything
 * else is left to the bundler, which keeps apart what is imported on demand. `fixed` are sources that must not move, as they look for a file
 * beside themselves.
 */
export function chunksOfEntries(entries: readonly Entry[], fixed: ReadonlySet<string>): CodeSplittingGroup[] {
  const main = entries.slice(0, 1);
  const folders = Map.groupBy(entries, ([name]) => name.replace(/\/.*/s, ""));
  const loaded = new Map<string, ReadonlySet<string>>();

  function isLoadedBy(some: readonly Entry[], module: string, context: ChunkingContext): boolean {
    return some.some(([, entry]) => {
      const modules = loaded.get(entry) ?? loadedAtOnce(entry, context);
      loaded.set(entry, modules);
      return modules.has(module);
    });
  }

  // The bundler adds to a chunk what its modules import. An import is loaded by the same folders or more: so those of most come first.
  return Array.from({ length: folders.size }, (_, index) => ({
    debugName: `of ${index + 1}`,
    priority: index + 1,
    name: (module, context) => {
      if (!isLoadedBy(main, module, context)) return null;
      if (fixed.has(module)) throw new Error(`${module} looks for a file beside itself: the main entry must not load it at once`);
      const names = [...folders].flatMap(([folder, some]) => (isLoadedBy(some, module, context) ? [folder] : []));
      return names.length === index + 1 ? names.join("-") : null;
    },
  }));
}
