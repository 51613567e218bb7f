/**
 * Dependencies of which what is used is bundled, as loading them whole would cost every process far more. They stay in the
 * manifest: declarations name their types.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Plugin } from "rolldown";

/** Its entry loads a hundred files, most of them its messages in languages that nobody here asks for: 5 MiB and 100 ms. */
const TAKEN_ALONG = ["zod"] as const;

export function isTakenAlong(id: string): boolean {
  return TAKEN_ALONG.some((name) => id === name);
}

/** Puts the licence of each beside the code, as it asks for. */
export const licencesOfOthers: Plugin = {
  name: "licences-of-others",
  async generateBundle(_options, bundle) {
    const modules = Object.values(bundle).flatMap((file) => (file.type === "chunk" ? file.moduleIds : []));
    for (const name of TAKEN_ALONG) {
      const folder = modules.map((id) => folderOf(id, name)).find((found) => found !== undefined);
      if (folder === undefined) continue;
      const source = await readFile(join(folder, "LICENSE"), "utf8");
      this.emitFile({ type: "asset", fileName: `licences/${name}.txt`, source });
    }
  },
};

/** `/…/node_modules/zod/v4/core/util.js` -> `/…/node_modules/zod` */
function folderOf(id: string, name: string): string | undefined {
  const part = join("node_modules", name);
  const at = id.lastIndexOf(join(part, "/"));
  return at === -1 ? undefined : join(id.slice(0, at), part);
}
