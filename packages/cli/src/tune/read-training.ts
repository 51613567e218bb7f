/** The training data of the command line: a file here, checked line by line, or the id of one at the vendor. */
import { readFile } from "node:fs/promises";
import { DragomanError, type FineTuneRequest, type ReadTraining, readTrainingFile, toDragomanError } from "@dragoman/llm";

export type TrainingSource = FineTuneRequest["training"];

/** Throws `invalid_request` that names the file and every wrong line. */
export async function readTraining(file: string): Promise<ReadTraining> {
  const text = await textOf(file);
  if (text === undefined) throw new DragomanError({ code: "configuration", detail: `${file}: there is no such file` });
  try {
    return await readTrainingFile(text);
  } catch (thrown) {
    const { code, detail, advice } = toDragomanError(thrown);
    throw new DragomanError({ code, detail: `${file}: ${detail}`, advice });
  }
}

/** What is no file here, and looks like none, is an id. */
export async function trainingSource(named: string, warn: (text: string) => void): Promise<TrainingSource> {
  const isPath = /[/\\]|\.jsonl?$/i.test(named);
  if (!isPath && (await textOf(named)) === undefined) return { fileId: named };
  const { examples, warnings } = await readTraining(named);
  for (const { path = "", detail } of warnings) warn(`${named}: ${path}: ${detail}`);
  return { examples };
}

async function textOf(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new DragomanError({ code: "configuration", detail: `${file} cannot be read: ${error.message}` });
  });
}
