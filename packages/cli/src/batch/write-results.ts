/** Results as JSON lines: to standard output, or into a file that is whole or not there. */
import { open, rename, rm } from "node:fs/promises";
import { type BatchResult, DragomanError } from "@dragoman/llm";

export interface ResultWriter {
  write(result: BatchResult): Promise<void>;
  /** Everything is there. */
  finish(): Promise<void>;
  /** Something went wrong: a file that is not whole is taken away. */
  abandon(): Promise<void>;
}

export async function openResultWriter(file: string | undefined): Promise<ResultWriter> {
  return file === undefined ? toStandardOutput() : intoFile(file);
}

/** An error as its plain data; anything else as it is. */
export function resultLine(result: BatchResult): string {
  const { id } = result;
  const line = "error" in result ? { id, error: result.error.toJSON() } : { id, completion: result.completion };
  return `${JSON.stringify(line)}\n`;
}

function toStandardOutput(): ResultWriter {
  return {
    async write(result) {
      if (process.stdout.write(resultLine(result))) return;
      await new Promise((resolve) => process.stdout.once("drain", resolve));
    },
    finish: async () => undefined,
    abandon: async () => undefined,
  };
}

async function intoFile(file: string): Promise<ResultWriter> {
  const beside = `${file}.${process.pid}.part`;
  const handle = await open(beside, "w").catch((error: Error) => {
    const detail = `${file} cannot be written: ${error.message}`;
    throw new DragomanError({ code: "configuration", detail, cause: error, advice: "name another --out" });
  });
  return {
    async write(result) {
      await handle.appendFile(resultLine(result));
    },
    async finish() {
      await handle.sync();
      await handle.close();
      await rename(beside, file);
    },
    async abandon() {
      await handle.close();
      await rm(beside, { force: true });
    },
  };
}
