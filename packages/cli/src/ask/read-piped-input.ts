import { fstatSync } from "node:fs";
import { DragomanError } from "@dragoman/llm";

/** Bytes. More would fit into no model's context. */
const INPUT_BYTES_MAX = 20 * 1024 * 1024;
/** After so long without a byte, the person is told what is waited for. */
const HINT_AFTER_MS = 2_000;

/**
 * What was piped in; undefined where nothing was: a terminal, `/dev/null`, a closed input. Waits for the end of a pipe and
 * says so when nothing comes. Throws `request_too_large` over 20 MiB.
 */
export async function readPipedInput(): Promise<Buffer | undefined> {
  if (!isPiped()) return undefined;
  const hint = setTimeout(() => {
    process.stderr.write("waiting for the end of standard input; to ask without it, add </dev/null\n");
  }, HINT_AFTER_MS);
  try {
    return await readAll(() => clearTimeout(hint));
  } finally {
    clearTimeout(hint);
  }
}

function isPiped(): boolean {
  try {
    const input = fstatSync(0);
    return input.isFIFO() || input.isFile() || input.isSocket();
  } catch {
    return false;
  }
}

async function readAll(onBytes: () => void): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin) {
    onBytes();
    length += chunk.length;
    if (length > INPUT_BYTES_MAX) {
      throw new DragomanError({
        code: "request_too_large",
        detail: `standard input is larger than ${INPUT_BYTES_MAX / 1024 / 1024} MiB`,
        advice: "send less",
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
