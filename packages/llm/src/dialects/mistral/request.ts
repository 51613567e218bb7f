/** A canonical request as Mistral's body: rendered by the codec inside, then rewritten where Mistral's forms differ. */
import type { Capabilities } from "../../capabilities.ts";
import type { Dialect, RenderContext, RenderedRequest } from "../../dialect.ts";
import { isJsonObject, type JsonArray, type JsonObject, type JsonValue } from "../../json.ts";
import type { AssistantMessage, Message } from "../../message.ts";
import type { CompletionRequest } from "../../request.ts";
import type { Warning } from "../../warning.ts";
import { audioFormatOf, sniffAudioType } from "../openai-chat/media.ts";
import { isContent, renderAssistantContent } from "./assistant-content.ts";
import { renderChunks } from "./content-chunks.ts";
import { inMistralOrder } from "./message-order.ts";
import { MISTRAL, messageInside, toolInside } from "./names.ts";
import { renderReasoning } from "./reasoning.ts";
import { narrowTools } from "./tool-choice.ts";

export function renderRequest(inside: Dialect, request: CompletionRequest, context: RenderContext): RenderedRequest {
  const warnings: Warning[] = [];
  const reasoning = renderReasoning(request, context.capabilities, warnings);
  const { tools, toolChoice } = narrowTools(request, warnings);
  const { metadata, vendorOptions, cache, ...rest } = request;
  const asked: CompletionRequest = {
    ...without(rest, ["tools", "toolChoice", "reasoning"]),
    messages: request.messages.map((message, index) => askable(message, `messages[${index}]`, warnings)),
    ...(tools === undefined ? {} : { tools: tools.map(toolInside) }),
    ...(toolChoice === undefined ? {} : { toolChoice }),
    ...(reasoning.asked === undefined ? {} : { reasoning: reasoning.asked }),
    ...(cache === undefined ? {} : { cache: withoutLifetimes(cache, warnings) }),
  };
  const rendered = inside.renderRequest(asked, context);
  const { messages, seed, tool_choice: choice, ...fields } = rendered.body ?? {};
  const contents = assistantContents(request.messages, context.capabilities, warnings);
  const body: JsonObject = {
    ...fields,
    messages: inMistralOrder(rewritten(messages, contents), warnings),
    ...(choice === undefined ? {} : { tool_choice: choice === "required" ? "any" : choice }),
    ...(seed === undefined ? {} : { random_seed: seed }),
    ...reasoning.fields,
    ...(metadata?.tags === undefined ? {} : { metadata: metadata.tags }),
    ...ownOptions(vendorOptions, warnings),
  };
  if (metadata?.user !== undefined) {
    warnings.push({ type: "unsupported", path: "metadata.user", detail: "the vendor has no field for a user; it was left out" });
  }
  return { ...rendered, headers: affinity(metadata), body, warnings: [...warnings, ...rendered.warnings] };
}

function without<Value extends object, Key extends keyof Value>(value: Value, keys: readonly Key[]): Omit<Value, Key> {
  const copy = { ...value };
  for (const key of keys) delete copy[key];
  return copy;
}

/** Sends the calls of one session to the same cache. Source: earendil-works/pi, `packages/ai`, the Mistral dialect. */
function affinity(metadata: CompletionRequest["metadata"]): Record<string, string> {
  return metadata?.session === undefined ? {} : { "x-affinity": metadata.session };
}

/** The message as the codec inside can render it; what is only Mistral's keeps its place, so that paths stay right. */
function askable(message: Message, path: string, warnings: Warning[]): Message {
  if (message.role === "assistant") {
    const parts = message.parts.map((part) => (isContent(part) ? ({ type: "text", text: "" } as const) : part));
    return messageInside({ ...message, parts });
  }
  if (message.role !== "user") return messageInside(message);
  for (const [index, part] of message.parts.entries()) reportUntold(part, `${path}.parts[${index}]`, warnings);
  if (message.name === undefined) return messageInside(message);
  warnings.push({ type: "unsupported", path: `${path}.name`, detail: "the vendor has no names of users; it was left out" });
  const { name: _name, ...unnamed } = message;
  return messageInside(unnamed);
}

/** The wire says neither the type of audio nor the name of a file that it keeps. */
function reportUntold(part: Extract<Message, { role: "user" }>["parts"][number], path: string, warnings: Warning[]): void {
  if (part.type === "audio" && part.source.type === "data") {
    const isTold = audioFormatOf(sniffAudioType(part.source.data)) === audioFormatOf(part.mediaType);
    if (!isTold) warnings.push({ type: "lossy", path, detail: "the wire does not tell the type of audio; its first bytes must" });
  }
  if (part.type === "file" && part.source.type === "reference" && part.name !== undefined) {
    warnings.push({ type: "lossy", path: `${path}.name`, detail: "the wire has no name for a file by its id; it was left out" });
  }
}

function assistantContents(
  messages: readonly Message[],
  capabilities: Capabilities,
  warnings: Warning[],
): readonly (string | JsonArray)[] {
  const takesThinking = capabilities.reasoning.answer !== "no";
  return messages.flatMap((message, index) =>
    isAssistant(message) ? [renderAssistantContent(message.parts, { path: `messages[${index}]`, takesThinking, warnings })] : [],
  );
}

function isAssistant(message: Message): message is AssistantMessage {
  return message.role === "assistant";
}

/** The codec inside writes one message for each of the assistant's, in order. */
function rewritten(messages: JsonValue | undefined, contents: readonly (string | JsonArray)[]): readonly JsonObject[] {
  const remaining = contents.values();
  const list: JsonArray = Array.isArray(messages) ? messages : [];
  return list.filter(isJsonObject).map((message) => {
    const content = message.role === "assistant" ? (remaining.next().value ?? "") : renderChunks(message.content);
    return content === undefined ? message : { ...message, content };
  });
}

/** The vendor keeps its cache as long as it likes; a key leads to it. */
function withoutLifetimes(
  cache: NonNullable<CompletionRequest["cache"]>,
  warnings: Warning[],
): NonNullable<CompletionRequest["cache"]> {
  return cache.map((directive, index) => {
    const { timeToLive, ...rest } = directive;
    if (timeToLive === undefined || timeToLive === "5m") return directive;
    const detail = "the vendor takes no time to live for its cache; its default holds";
    warnings.push({ type: "unsupported", path: `cache[${index}].timeToLive`, detail });
    return rest;
  });
}

function ownOptions(options: CompletionRequest["vendorOptions"], warnings: Warning[]): JsonObject {
  for (const dialect of Object.keys(options ?? {})) {
    if (dialect === MISTRAL) continue;
    const detail = `options for ${dialect} are not sent to ${MISTRAL}`;
    warnings.push({ type: "unsupported", path: `vendorOptions.${dialect}`, detail });
  }
  return options?.[MISTRAL] ?? {};
}
