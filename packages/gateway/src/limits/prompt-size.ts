/**
 * About how many tokens a prompt is, from its length alone. It comes to nearly what the library's `estimateTokens` says, at
 * a fraction of its cost on long prompts: text is not copied only to be measured.
 */
import type { CompletionCall, Message, Part, Tool } from "@dragoman/llm";

/** Bytes of UTF-8 that make a token on average, over prose and code in the vendors' current tokenizers. */
const BYTES_PER_TOKEN = 3.6;
/** What roles and separators cost, per message. */
const TOKENS_PER_MESSAGE = 4;
/** What an image costs where nobody says: the order of a 1024-pixel image at OpenAI and Anthropic. */
const TOKENS_PER_MEDIA = 1_000;

export type PromptSize = (call: Pick<CompletionCall, "messages" | "tools" | "output">) => number;

/** Measures a list of messages or tools once, though a call is estimated again before its attempt. */
export function createPromptSize(): PromptSize {
  const ofMessages = rememberLatest<Message>((messages) =>
    messages.reduce((sum, message) => sum + TOKENS_PER_MESSAGE + messageTokens(message), 0),
  );
  const ofTools = rememberLatest<Tool>((tools) => jsonBytes(tools) / BYTES_PER_TOKEN);
  return ({ messages, tools, output }) => {
    const schema = output?.type === "json" ? output.schema : undefined;
    const ofSchema = schema === undefined ? 0 : jsonBytes(schema) / BYTES_PER_TOKEN;
    return Math.ceil(ofMessages(messages) + (tools === undefined ? 0 : ofTools(tools)) + ofSchema);
  };
}

/**
 * The latest list alone: a call is estimated and begun in one go, and a map of all lists would cost the collector of garbage more than
 * it saves. A program may add to a list that it has sent before: then it is measured anew.
 */
function rememberLatest<Item>(measure: (list: readonly Item[]) => number): (list: readonly Item[]) => number {
  let latest: readonly Item[] = [];
  let length = 0;
  let tokens = 0;
  return (list) => {
    if (latest === list && length === list.length) return tokens;
    tokens = measure(list);
    latest = list;
    length = list.length;
    return tokens;
  };
}

function messageTokens({ parts }: Message): number {
  let tokens = 0;
  for (const part of parts) tokens += partTokens(part);
  return tokens;
}

function partTokens(part: Part): number {
  switch (part.type) {
    case "text":
    case "refusal":
    case "reasoning":
      return bytes(part.text) / BYTES_PER_TOKEN;
    case "image":
    case "audio":
    case "file":
      return TOKENS_PER_MEDIA;
    case "tool-call": {
      const { name, argumentsText } = part;
      return (bytes(name) + (argumentsText === undefined ? jsonBytes(part.arguments) : bytes(argumentsText))) / BYTES_PER_TOKEN;
    }
    case "tool-result":
      return part.content.reduce((sum, one) => sum + partTokens(one), 0);
    case "json":
    case "opaque":
      return jsonBytes(part.value) / BYTES_PER_TOKEN;
    default:
      return 0;
  }
}

function bytes(text: string): number {
  return Buffer.byteLength(text);
}

/** Rendered and measured by the runtime, which is faster than to walk through it here. */
function jsonBytes(value: unknown): number {
  return bytes(JSON.stringify(value) ?? "");
}
