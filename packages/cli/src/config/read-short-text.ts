import { readFile } from "node:fs/promises";

/** A file's text, for excerpts; undefined where it cannot be read. Only for files that have been read already. */
export async function readShortText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch {
    return undefined;
  }
}
