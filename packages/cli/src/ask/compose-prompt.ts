import { DragomanError } from "@dragoman/llm";

/** The question with the piped text after a blank line; the piped text alone where there is no question. */
export function composePrompt(words: readonly string[], piped: Buffer | undefined): string {
  const question = words.join(" ").trim();
  const text = piped === undefined ? "" : decode(piped).trim();
  const prompt = [question, text].filter((part) => part !== "").join("\n\n");
  if (prompt !== "") return prompt;
  throw new DragomanError({
    code: "invalid_request",
    detail: "there is no question",
    advice: 'write it after the command, as in dragoman ask "Why is the sky blue?", or pipe it in',
  });
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new DragomanError({
      code: "invalid_request",
      detail: "standard input is not text in UTF-8",
      advice: "pipe text; an image goes in with -i FILE",
    });
  }
}
