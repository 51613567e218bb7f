import type { ReadTraining } from "./training-lines.ts";

/**
 * A training file as examples: each line a conversation in OpenAI's messages, with its tools. Rejects with `invalid_request`
 * that names every line which is not one, or which a vendor would refuse. Loaded at the first use.
 */
export async function readTrainingFile(text: string): Promise<ReadTraining> {
  const { parseTrainingLines } = await import("./training-lines.ts");
  return parseTrainingLines(text);
}
