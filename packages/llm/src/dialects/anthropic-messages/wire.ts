/**
 * The shapes that this dialect writes: aliases and not interfaces, so that they count as JSON objects. Blocks gain `cache_control` and vendor fields while they are put together, so they
 * are open; what the vendor's own types demand is checked against them in the tests.
 */
import type { JsonObject, JsonValue } from "../../json.ts";

export type WireCacheControl = {
  type: "ephemeral";
  ttl?: "5m" | "1h";
};

export type WireTextBlock = {
  type: "text";
  text: string;
  cache_control?: WireCacheControl;
};

export type WireImageSource =
  | { type: "base64"; media_type: string; data: string }
  | { type: "url"; url: string }
  | { type: "file"; file_id: string };

export type WireImageBlock = {
  type: "image";
  source: WireImageSource;
};

export type WireDocumentBlock = {
  type: "document";
  source: WireImageSource | { type: "text"; media_type: "text/plain"; data: string };
  title?: string;
};

export type WireToolUseBlock = {
  type: "tool_use";
  id: string;
  name: string;
  input: JsonObject;
};

export type WireToolResultBlock = {
  type: "tool_result";
  tool_use_id: string;
  content?: string | WireBlock[];
  is_error?: boolean;
};

export type WireThinkingBlock = {
  type: "thinking";
  thinking: string;
  signature: string;
};

export type WireRedactedThinkingBlock = {
  type: "redacted_thinking";
  data: string;
};

/** Any block or tool, open for the fields that vendor data and cache directives add. */
export type WireBlock = {
  type?: string;
  cache_control?: WireCacheControl | JsonObject;
  [field: string]: JsonValue | undefined;
};

export type WireMessage = {
  role: "user" | "assistant" | "system";
  content: WireBlock[];
};

export type WireTool = {
  name: string;
  description?: string;
  input_schema: JsonObject & { readonly type: JsonValue };
  strict?: boolean;
};

export type WireToolChoice =
  | { type: "auto" | "any"; disable_parallel_tool_use?: boolean }
  | { type: "tool"; name: string; disable_parallel_tool_use?: boolean }
  | { type: "none" };

export type WireThinking =
  | { type: "enabled"; budget_tokens: number; display?: "summarized" | "omitted" }
  | { type: "adaptive"; display?: "summarized" | "omitted" }
  | { type: "disabled" };
