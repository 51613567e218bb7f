import { isBuiltin } from "node:module";
import { isAbsolute } from "node:path";
import type { ChunkingContext, CodeSplittingGroup } from "rolldown";
import { loadedAtOnce } from "./loaded-at-once.ts";

/**
 * For a command, whose subcommands are loaded on demand: one chunk for what several of them share and what needs no other package, in place
 * of a dozen files of a few lines each. Not what runs before a subcommand is known, which must load nothing else.
 */
export function chunkOfTrifles(command: string): CodeSplittingGroup {
  return {
    debugName: "trifles",
    minShareCount: 2,
    name: (module, context) => {
      const first = loadedFirst(command, context);
      // The bundler adds to a chunk what its modules import.
      const isTrifle = [...loadedAtOnce(module, context)].every((id) => isBuiltin(id) || (isAbsolute(id) && !first.has(id)));
      return isTrifle ? "trifles" : null;
    },
  };
}

function loadedFirst(command: string, context: ChunkingContext): ReadonlySet<string> {
  const { dynamicallyImportedIds = [] } = context.getModuleInfo(command) ?? {};
  return new Set([command, ...dynamicallyImportedIds].flatMap((module) => [...loadedAtOnce(module, context)]));
}
