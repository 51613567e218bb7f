/** Which fields of an answer have a canonical place. The others are kept as vendor data. */

export const BODY_FIELDS: ReadonlySet<string> = new Set([
  "id",
  "object",
  "created",
  "model",
  "choices",
  "usage",
  "error",
  // Noise against traffic analysis (OpenAI; Mistral's `p`), and Snowflake's and Copilot's like.
  "obfuscation",
  "p",
]);

export const CHOICE_FIELDS: ReadonlySet<string> = new Set([
  "index",
  "message",
  "delta",
  "finish_reason",
  "native_finish_reason",
  "usage",
  "text",
]);

export const MESSAGE_FIELDS: ReadonlySet<string> = new Set([
  "role",
  "content",
  "refusal",
  "tool_calls",
  "function_call",
  "reasoning_content",
  "reasoning",
  "reasoning_text",
  "reasoning_details",
  "annotations",
  "audio",
  "images",
  "padding",
  // Together numbers its tokens, Groq and Hugging Face repeat the speaker, with every delta.
  "token_id",
  "channel",
  "name",
]);

/** Fields of an answered message that its vendor wants back: Google's layer puts signatures there. */
export const REPLAYED_MESSAGE_FIELDS: ReadonlySet<string> = new Set(["extra_content"]);

export const TOOL_CALL_FIELDS: ReadonlySet<string> = new Set(["index", "id", "type", "function", "custom"]);
