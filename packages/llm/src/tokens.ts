import type { Part } from "./message.ts";
import type { CompletionRequest } from "./request.ts";

/** How many tokens a request is: from the vendor's endpoint, a local tokenizer, or an estimate that says so. */
export interface TokenCount {
  readonly tokens: number;
  /** True only for the vendor's own count. */
  readonly exact: boolean;
  readonly method: "endpoint" | "tokenizer" | "estimate";
}

/** Bytes of UTF-8 that make a token on average, over prose and code in the vendors' current tokenizers. */
const BYTES_PER_TOKEN = 3.6;
/** What roles and separators cost, per message. */
const TOKENS_PER_MESSAGE = 4;
/** What an image costs where nobody says: the order of a 1024-pixel image at OpenAI and Anthropic. */
const TOKENS_PER_MEDIA = 1_000;

/** A guess from lengths alone, for where nothing better is at hand. Marked as such. */
export function estimateTokens(request: Pick<CompletionRequest, "messages" | "tools" | "output">): TokenCount {
  let bytes = 0;
  let media = 0;
  for (const message of request.messages) {
    for (const part of message.parts) {
      if (part.type === "image" || part.type === "audio" || part.type === "file") media += 1;
      else bytes += byteLength(JSON.stringify(spoken(part)));
    }
  }
  if (request.tools !== undefined) bytes += byteLength(JSON.stringify(request.tools));
  if (request.output?.type === "json" && request.output.schema !== undefined)
    bytes += byteLength(JSON.stringify(request.output.schema));
  const tokens = Math.ceil(bytes / BYTES_PER_TOKEN) + request.messages.length * TOKENS_PER_MESSAGE + media * TOKENS_PER_MEDIA;
  return { tokens, exact: false, method: "estimate" };
}

/** What of a part the model reads. */
function spoken(part: Part): unknown {
  switch (part.type) {
    case "text":
    case "refusal":
    case "reasoning":
      return part.text;
    case "tool-call":
      return [part.name, part.argumentsText ?? part.arguments];
    case "tool-result":
      return part.content.map(spoken);
    case "json":
      return part.value;
    case "opaque":
      return part.value;
    default:
      return "";
  }
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
