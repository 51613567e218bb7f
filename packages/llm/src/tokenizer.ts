import type { Part } from "./message.ts";
import type { CompletionRequest } from "./request.ts";
import { estimateTokens, type TokenCount } from "./tokens.ts";

/** OpenAI's chat format adds these around each message and before the answer. Source: its cookbook on counting tokens. */
const TOKENS_PER_MESSAGE = 3;
const TOKENS_BEFORE_ANSWER = 3;

/**
 * Counts with OpenAI's own vocabulary (o200k), loaded at the first use. Not exact: tools, media and hidden wrapping are
 * estimated, as the vendor does not say how it writes them.
 */
export async function countWithTokenizer(request: CompletionRequest): Promise<TokenCount> {
  const { countTokens } = await import("gpt-tokenizer/encoding/o200k_base");
  let tokens = TOKENS_BEFORE_ANSWER;
  const media: Part[] = [];
  for (const message of request.messages) {
    tokens += TOKENS_PER_MESSAGE;
    for (const part of message.parts) {
      if (part.type === "image" || part.type === "audio" || part.type === "file") media.push(part);
      else tokens += countTokens(part.type === "text" ? part.text : JSON.stringify(part));
    }
  }
  const { tokens: rest } = estimateTokens({
    messages:
      media.length === 0
        ? []
        : [
            {
              role: "user",
              parts: media.filter((part) => part.type === "image" || part.type === "audio" || part.type === "file"),
            },
          ],
    ...(request.tools === undefined ? {} : { tools: request.tools }),
    ...(request.output === undefined ? {} : { output: request.output }),
  });
  return { tokens: tokens + rest, exact: false, method: "tokenizer" };
}
