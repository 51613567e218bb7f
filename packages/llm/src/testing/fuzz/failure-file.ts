import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FuzzCase } from "./fuzz-case.ts";
import type { FuzzFailure } from "./fuzz-dialect.ts";

/** Writes each failure as JSON to a new temporary folder. Resolves with the files' paths, in the order of the failures. */
export async function writeFailures(failures: readonly FuzzFailure[]): Promise<readonly string[]> {
  if (failures.length === 0) return [];
  const folder = await mkdtemp(join(tmpdir(), "dragoman-fuzz-"));
  return Promise.all(
    failures.map(async (failure, index) => {
      const file = join(folder, `${String(index + 1).padStart(2, "0")}-${failure.subject}-${failure.kind}.json`);
      const { smallest, ...rest } = failure;
      const content = smallest === undefined ? rest : { ...rest, smallest: readable(smallest) };
      await writeFile(file, `${JSON.stringify(content, undefined, 2)}\n`);
      return file;
    }),
  );
}

/** Bytes as text where they are UTF-8, else as base64. */
function readable(tried: FuzzCase): unknown {
  if (tried.kind !== "stream") return tried;
  const { bytes, cutFrom, ...rest } = tried;
  return { ...rest, ...bytesAs("", bytes), ...(cutFrom === undefined ? {} : bytesAs("cutFrom", cutFrom)) };
}

function bytesAs(name: string, bytes: Uint8Array): Record<string, string> {
  const field = (kind: string): string => (name === "" ? kind.toLowerCase() : name + kind);
  try {
    return { [field("Text")]: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { [field("Base64")]: Buffer.from(bytes).toString("base64") };
  }
}
