/** A completion as the body of a `chat.completion`. */
import type { Completion } from "../../completion.ts";
import type { ClientContext, RenderedResponse } from "../../dialect.ts";
import type { JsonObject, JsonValue } from "../../json.ts";
import type { AssistantMessage, AssistantPart, SourcePart, ToolCallPart, VendorData } from "../../message.ts";
import type { Warning } from "../../warning.ts";
import { type FinishWord, renderFinish } from "./finish.ts";
import { audioFormatOf, dataUrl } from "./media.ts";
import type { ResolvedQuirks } from "./quirks.ts";
import { renderUsage, usageWarnings } from "./usage.ts";
import { CUSTOM_TOOL_CALL, OPENAI_CHAT, vendorDataOf } from "./vendor-data.ts";

type Fields = Record<string, JsonValue>;

export function renderResponse(completion: Completion, client: ClientContext, quirks: ResolvedQuirks): RenderedResponse {
  const warnings: Warning[] = [];
  const isLegacy = client.echo.functions === true;
  const data = vendorDataOf(completion);
  const message = renderMessage(completion, quirks, isLegacy, warnings);
  const finish = renderFinish(completion.finish, hasRefusal(completion.message), isLegacy);
  if (finish.loss !== undefined) warnings.push({ type: "lossy", path: "finish", detail: finish.loss });
  const usage = renderUsage(completion.usage, quirks);
  warnings.push(...usageWarnings(completion.usage));
  const choice: Fields = {
    index: 0,
    message: { ...message, ...data.message },
    logprobs: null,
    finish_reason: finish.word,
    ...renderFinishFields(completion, finish.word),
    ...data.choice,
  };
  const body: Fields = {
    id: completion.id,
    object: "chat.completion",
    // The wire demands a time; a vendor that gives none leaves it at the epoch.
    created: completion.createdAt ?? 0,
    model: client.model === "" ? completion.origin.model : client.model,
    choices: [choice, ...(data.otherChoices ?? [])],
    ...(usage === undefined ? {} : { usage }),
    ...data.body,
  };
  return { body, warnings };
}

function hasRefusal(message: AssistantMessage): boolean {
  return message.parts.some((part) => part.type === "refusal");
}

/** What the word does not tell, in fields of OpenRouter and vLLM: the vendor's own word, the stop sequence, its explanation. */
export function renderFinishFields({ finish }: Pick<Completion, "finish">, word: FinishWord): Fields {
  return {
    ...(finish.raw === undefined || finish.raw === word ? {} : { native_finish_reason: finish.raw }),
    ...(finish.stopSequence === undefined ? {} : { stop_reason: finish.stopSequence }),
    ...(finish.detail === undefined ? {} : { error: { message: finish.detail } }),
  };
}

interface Collected {
  text: string | undefined;
  refusal: string | null;
  reasoning: string;
  readonly details: JsonValue[];
  readonly calls: JsonObject[];
  readonly annotations: JsonValue[];
  readonly sources: SourcePart[];
  readonly images: JsonObject[];
  audio: JsonObject | undefined;
}

function renderMessage(completion: Completion, quirks: ResolvedQuirks, isLegacy: boolean, warnings: Warning[]): Fields {
  const { message } = completion;
  const found: Collected = {
    text: undefined,
    refusal: null,
    reasoning: "",
    details: [],
    calls: [],
    annotations: [],
    sources: [],
    images: [],
    audio: undefined,
  };
  for (const [index, part] of message.parts.entries()) collect(part, `message.parts[${index}]`, found, warnings);
  const derived = tellsSources(completion) ? [] : found.sources.map(annotationOf);
  const annotations = found.annotations.length > 0 ? found.annotations : derived;
  return {
    role: "assistant",
    content: found.text ?? null,
    refusal: found.refusal,
    ...(found.reasoning === "" ? {} : { [quirks.reasoningRendered]: found.reasoning }),
    ...(found.details.length === 0 ? {} : { reasoning_details: found.details }),
    ...(found.calls.length === 0 ? {} : renderCalls(found.calls, isLegacy, warnings)),
    ...(annotations.length === 0 ? {} : { annotations }),
    ...(found.images.length === 0 ? {} : { images: found.images }),
    ...(found.audio === undefined ? {} : { audio: found.audio }),
    ...vendorDataOf(message).fields,
  };
}

/** Perplexity's own lists go back to the client as they came; annotations made from them would tell the same twice. */
export function tellsSources(holder: { readonly vendor?: VendorData }): boolean {
  const { body } = vendorDataOf(holder);
  return body?.search_results !== undefined || body?.citations !== undefined;
}

function collect(part: AssistantPart, path: string, found: Collected, warnings: Warning[]): void {
  switch (part.type) {
    case "text":
      found.text = (found.text ?? "") + part.text;
      found.annotations.push(...(vendorDataOf(part).annotations ?? []));
      return;
    case "reasoning":
      found.reasoning += part.text;
      found.details.push(...(vendorDataOf(part).reasoningDetails ?? []));
      return;
    case "refusal":
      found.refusal = (found.refusal ?? "") + part.text;
      return;
    case "tool-call":
      found.calls.push(renderCall(part));
      return;
    case "source":
      found.sources.push(part);
      return;
    default:
      collectMedia(part, path, found, warnings);
  }
}

function collectMedia(
  part: Extract<AssistantPart, { type: "image" | "audio" | "file" | "opaque" }>,
  path: string,
  found: Collected,
  warnings: Warning[],
): void {
  const rendered = renderMedia(part);
  if (rendered === undefined) warnings.push(noRoom(part, path));
  else if (rendered.kind === "image") found.images.push(rendered.value);
  else if (rendered.kind === "call") found.calls.push(rendered.value);
  else found.audio = rendered.value;
}

export function noRoom(part: AssistantPart, path: string): Warning {
  return { type: "lossy", path, detail: `the wire has no room for a part of type ${part.type}; it was left out` };
}

export interface RenderedMedia {
  readonly kind: "image" | "audio" | "call";
  readonly value: JsonObject;
}

/** What an answer's message can hold of media and blocks, or undefined. */
export function renderMedia(part: AssistantPart): RenderedMedia | undefined {
  if (part.type === "opaque") {
    const isOurs = part.dialect === OPENAI_CHAT && part.kind === CUSTOM_TOOL_CALL;
    return isOurs ? { kind: "call", value: part.value } : undefined;
  }
  if (part.type === "image" && part.source.type !== "reference") {
    const url = part.source.type === "url" ? part.source.url : dataUrl(part.mediaType ?? "image/png", part.source.data);
    return { kind: "image", value: { type: "image_url", image_url: { url } } };
  }
  if (part.type !== "audio" || part.source.type !== "data" || audioFormatOf(part.mediaType) === undefined) return undefined;
  const audio = vendorDataOf(part).audio;
  const value = {
    id: audio?.id ?? "",
    data: part.source.data,
    expires_at: audio?.expiresAt ?? 0,
    transcript: part.transcript ?? "",
  };
  return { kind: "audio", value };
}

export function renderCall(part: ToolCallPart): JsonObject {
  return {
    id: part.id,
    type: "function",
    function: { name: part.name, arguments: part.argumentsText ?? JSON.stringify(part.arguments) },
    ...vendorDataOf(part).fields,
  };
}

/** A client that speaks of functions can be told one call only. */
function renderCalls(calls: readonly JsonObject[], isLegacy: boolean, warnings: Warning[]): Fields {
  const target = calls[0]?.function;
  if (!isLegacy || target === undefined) return { tool_calls: calls };
  if (calls.length > 1) {
    const detail = `the client's functions take one call; ${calls.length - 1} more were left out`;
    warnings.push({ type: "lossy", path: "message", detail });
  }
  return { function_call: target };
}

/** The wire places a citation in the text; where it is not known, the place is empty. */
export function annotationOf(source: SourcePart): JsonObject {
  return {
    type: "url_citation",
    url_citation: {
      start_index: 0,
      end_index: 0,
      title: source.title ?? "",
      url: source.url ?? "",
      ...(source.citedText === undefined ? {} : { content: source.citedText }),
    },
  };
}
