/** A client's `POST /api/generate` as a canonical request: a system message and a user's message, where they say anything. */
import type { ClientRequest, ParsedRequest } from "../../dialect.ts";
import type { JsonValue } from "../../json.ts";
import type { Message } from "../../message.ts";
import { optional, readBody, readBoolean, readString } from "../wire-reader.ts";
import { readImages } from "./parse-messages.ts";
import { parseSettings, readOtherFields } from "./parse-settings.ts";
import type { ResolvedQuirks } from "./quirks.ts";
import { OLLAMA, OLLAMA_GENERATE } from "./vendor-data.ts";

const CANONICAL_FIELDS: ReadonlySet<string> = new Set([
  "model",
  "prompt",
  "system",
  "images",
  "stream",
  "format",
  "think",
  "options",
]);

/** Fields that both endpoints have. */
const SHARED_FIELDS: ReadonlySet<string> = new Set([
  "options",
  "think",
  "keep_alive",
  "truncate",
  "shift",
  "logprobs",
  "top_logprobs",
]);

/** Fields of this endpoint alone. Source: ollama/ollama, api/types.go, GenerateRequest. */
const OWN_FIELDS: ReadonlySet<string> = new Set(["suffix", "template", "context", "raw", "width", "height", "steps"]);

export function parseGenerateRequest(input: ClientRequest, quirks: ResolvedQuirks): ParsedRequest {
  const body = readBody(input.body);
  const model = readString(body.model, "model");
  const system = optional(body.system, "system", readString) ?? "";
  const prompt = optional(body.prompt, "prompt", readString) ?? "";
  const images = readImages(body.images, "images");
  const messages: Message[] = [];
  if (system !== "") messages.push({ role: "system", parts: [{ type: "text", text: system }] });
  if (prompt !== "" || images.length > 0) {
    messages.push({ role: "user", parts: [...(prompt === "" ? [] : [{ type: "text", text: prompt } as const]), ...images] });
  }
  const parsed = parseSettings(body, model, quirks);
  readOtherFields(body, CANONICAL_FIELDS, new Set([...SHARED_FIELDS, ...OWN_FIELDS]), parsed);
  return {
    request: { model, messages, ...parsed.settings, ...vendorOptionsOf(parsed.options) },
    stream: optional(body.stream, "stream", readBoolean) ?? true,
    warnings: parsed.warnings,
    client: { model, echo: {} },
  };
}

/** What the chat endpoint has too goes under its name, so that it also holds where the request is sent there. */
function vendorOptionsOf(options: { readonly [field: string]: JsonValue }) {
  const shared: Record<string, JsonValue> = {};
  const own: Record<string, JsonValue> = {};
  for (const [field, value] of Object.entries(options)) {
    // An empty text is what Go clients send for none.
    if (value === "" || value === false) continue;
    if (OWN_FIELDS.has(field)) own[field] = value;
    else shared[field] = value;
  }
  const entries = [[OLLAMA, shared] as const, [OLLAMA_GENERATE, own] as const].filter(
    ([, fields]) => Object.keys(fields).length > 0,
  );
  return entries.length === 0 ? {} : { vendorOptions: Object.fromEntries(entries) };
}
