/** A Mistral client's `POST /chat/completions` as a canonical request: put into the forms of the codec inside, which checks it. */
import type { ClientRequest, Dialect, ParsedRequest } from "../../dialect.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { AssistantPart, Message } from "../../message.ts";
import type { CompletionRequest } from "../../request.ts";
import type { Warning } from "../../warning.ts";
import { optional, readBody, readInteger } from "../wire-reader.ts";
import { parseAssistantContent } from "./assistant-content.ts";
import { parseChunks, parseSystemChunks } from "./content-chunks.ts";
import { withoutPlainPrefix } from "./message-order.ts";
import { MISTRAL, messageOutside, toolOutside } from "./names.ts";
import { isReasoningMode } from "./reasoning.ts";

/** Fields that say the same here and inside. */
const SHARED: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "tools",
  "tool_choice",
  "parallel_tool_calls",
  "max_tokens",
  "temperature",
  "top_p",
  "stop",
  "presence_penalty",
  "frequency_penalty",
  "response_format",
  "reasoning_effort",
  "metadata",
  "stream",
]);

/** Fields that Mistral defines and that have no canonical place. Source: its SDK, `ChatCompletionRequest`. */
const DEFINED: ReadonlySet<string> = new Set([
  "guardrails",
  "n",
  "prediction",
  "prompt_cache_key",
  "prompt_mode",
  "safe_prompt",
  "service_tier",
]);

/** Throws `invalid_request` with the field's path. */
export function parseRequest(inside: Dialect, input: ClientRequest): ParsedRequest {
  const body = readBody(input.body);
  const warnings: Warning[] = [];
  const contents: (readonly AssistantPart[])[] = [];
  const parsed = inside.parseRequest({ ...input, body: bodyInside(body, contents, warnings) });
  const mode: CompletionRequest["reasoning"] = isReasoningMode(body) ? { effort: "high" } : undefined;
  const reasoning = parsed.request.reasoning ?? mode;
  const options = { ...optionsOf(body, mode !== undefined, warnings), ...insideOptions(parsed.request) };
  const seed = optional(body.random_seed, "random_seed", readInteger);
  const session = input.headers["x-affinity"];
  const metadata = { ...parsed.request.metadata, ...(session === undefined ? {} : { session }) };
  const { vendorOptions: _inside, ...request } = parsed.request;
  return {
    ...parsed,
    warnings: [...warnings, ...parsed.warnings],
    request: {
      ...request,
      messages: withContents(parsed.request.messages, contents),
      ...(request.tools === undefined ? {} : { tools: request.tools.map(toolOutside) }),
      ...(seed === undefined ? {} : { seed }),
      ...(reasoning === undefined ? {} : { reasoning }),
      ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
      ...(Object.keys(options).length === 0 ? {} : { vendorOptions: { [MISTRAL]: options } }),
    },
  };
}

function bodyInside(body: JsonObject, contents: (readonly AssistantPart[])[], warnings: Warning[]): JsonObject {
  const fields: Record<string, JsonValue | undefined> = {};
  for (const [field, value] of Object.entries(body)) if (SHARED.has(field)) fields[field] = value;
  if (Array.isArray(body.messages)) fields.messages = messagesInside(body.messages, contents, warnings);
  return fields;
}

/** The contents of the assistant's messages are read here and wait for the codec's inside to read the rest. */
function messagesInside(
  messages: readonly JsonValue[],
  contents: (readonly AssistantPart[])[],
  warnings: Warning[],
): readonly JsonValue[] {
  return messages.map((message, index) => {
    if (!isJsonObject(message)) return message;
    const path = `messages[${index}].content`;
    if (message.role === "system") return { ...message, content: parseSystemChunks(message.content, path) };
    if (message.role !== "assistant") return { ...message, content: parseChunks(message.content, path) };
    contents.push(parseAssistantContent(message.content, path, warnings));
    return { ...withoutPlainPrefix(message, index === messages.length - 1), content: null };
  });
}

function withContents(messages: readonly Message[], contents: readonly (readonly AssistantPart[])[]): readonly Message[] {
  const remaining = contents.values();
  return messages.map((message) => {
    const read = messageOutside(message);
    return read.role === "assistant" ? { ...read, parts: [...(remaining.next().value ?? []), ...read.parts] } : read;
  });
}

/** What the codec inside could not read of a shared field it kept whole. */
function insideOptions(request: CompletionRequest): JsonObject {
  return Object.assign({}, ...Object.values(request.vendorOptions ?? {}));
}

function optionsOf(body: JsonObject, isModeRead: boolean, warnings: Warning[]): JsonObject {
  const options: Record<string, JsonValue> = {};
  for (const [field, value] of Object.entries(body)) {
    if (SHARED.has(field) || field === "random_seed" || value === undefined || value === null) continue;
    // Usage is told unasked.
    if (field === "stream_options" || (field === "prompt_mode" && isModeRead)) continue;
    options[field] = value;
    if (DEFINED.has(field)) continue;
    const detail = `${field} is not a field of this wire; it was passed on as it is`;
    warnings.push({ type: "unknown-field", path: field, detail });
  }
  return options;
}
