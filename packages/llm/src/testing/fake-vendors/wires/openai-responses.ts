/**
 * POST /responses: items instead of messages. Facts: the types of the `openai` package, and answers of the service.
 */
import type { JsonObject } from "../../../json.ts";
import { type Answer, countTokens } from "../brain.ts";
import type { Composed, Delivery, GenerationWire } from "../generate.ts";
import { objectOf, stringOf } from "../json-reading.ts";
import { content, end, type FakeRequest, type Frame, head, jsonReply, namedSse } from "../reply.ts";
import { jsonPieces, textPieces } from "../text-pieces.ts";
import { CREATED_AT, type FakeWorld } from "../world.ts";
import { openAiError } from "./openai-error.ts";
import { openAiFlavour, openAiHeaders } from "./openai-flavour.ts";
import { type ResponsesReading, readResponses } from "./openai-responses-request.ts";

export const openAiResponsesWire: GenerationWire<ResponsesReading> = {
  read: readResponses,
  compose: composeResponse,
  failure(kind, model, retryAfter, world) {
    const reply = openAiFlavour.failure(kind, model, retryAfter, world);
    if (kind !== "context-overflow") return reply;
    const message = "Your input exceeds the context window of this model. Please adjust your input and try again.";
    const error = { message, type: "invalid_request_error", param: "input", code: "context_length_exceeded" };
    return { ...reply, body: JSON.stringify({ error }) };
  },
};

const SERVER_ERROR = {
  code: "server_error",
  message: "The server had an error while processing your request. Sorry about that!",
};

function composeResponse(read: ResponsesReading, answer: Answer, world: FakeWorld): Composed {
  const id = world.id("resp_", 48);
  const output = outputItems(read, answer, world);
  const base = envelope(read, id);
  const incomplete = answer.finish === "length";
  const status = incomplete ? "incomplete" : "completed";
  const body: JsonObject = {
    ...base,
    status,
    incomplete_details: incomplete ? { reason: "max_output_tokens" } : null,
    output,
    usage: usageOf(read, answer, world),
  };
  if (read.body.store !== false) store(id, read, output, world);
  const frames = responseFrames(base, body, output);
  if (read.body.background === true) world.background.set(id, { body, frames, polls: 0 });
  const failed: JsonObject = { ...base, status: "failed", error: SERVER_ERROR };
  return {
    headers: openAiHeaders(world),
    streamContentType: "text/event-stream; charset=utf-8",
    body: read.body.background === true ? { ...base, status: "queued" } : body,
    frames,
    malformedFrame: 'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta":"half\n\n',
    errorFrame: namedSse({ type: "response.failed", sequence_number: 999, response: failed }),
    errorBody: failed,
  };
}

/** The response object before anything is in it. */
function envelope(read: ResponsesReading, id: string): JsonObject {
  const { body } = read;
  return {
    id,
    object: "response",
    created_at: CREATED_AT,
    status: "in_progress",
    background: body.background === true,
    error: null,
    incomplete_details: null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    max_tool_calls: null,
    model: read.model,
    output: [],
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: body.previous_response_id ?? null,
    prompt_cache_key: body.prompt_cache_key ?? null,
    reasoning: { effort: objectOf(body.reasoning).effort ?? null, summary: objectOf(body.reasoning).summary ?? null },
    service_tier: "default",
    store: body.store ?? true,
    temperature: body.temperature ?? 1,
    text: body.text ?? { format: { type: "text" } },
    tool_choice: body.tool_choice ?? "auto",
    tools: body.tools ?? [],
    top_p: body.top_p ?? 1,
    truncation: body.truncation ?? "disabled",
    usage: null,
    user: body.user ?? null,
    metadata: body.metadata ?? {},
  };
}

/** Questions after a response in the background until it is done. */
const POLLS = 2;

/** GET /responses/{id}: how far it is, or its events after the one that is named. */
export function askAfterResponse(request: FakeRequest, world: FakeWorld): Delivery {
  const id = decodeURIComponent(request.path.split("/").at(-1) ?? "");
  const known = world.background.get(id);
  if (known === undefined) throw openAiError(`Response with id '${id}' not found.`, { status: 404 });
  known.polls += 1;
  if (request.query.get("stream") === "true") {
    const after = Number(request.query.get("starting_after") ?? -1);
    const frames = known.frames.slice(after + 1);
    const headers = { "content-type": "text/event-stream; charset=utf-8" };
    return { reply: { kind: "stream", headers, frames, malformedFrame: "", errorFrame: "" } };
  }
  const status = known.polls < POLLS ? { status: "in_progress", output: [], usage: null } : {};
  return { reply: jsonReply(200, { ...known.body, ...status }) };
}

/** POST /responses/{id}/cancel */
export function cancelResponse(request: FakeRequest, world: FakeWorld): Delivery {
  const id = decodeURIComponent(request.path.split("/").at(-2) ?? "");
  const known = world.background.get(id);
  if (known === undefined) throw openAiError(`Response with id '${id}' not found.`, { status: 404 });
  return { reply: jsonReply(200, { ...known.body, status: "cancelled", output: [] }) };
}

function outputItems(read: ResponsesReading, answer: Answer, world: FakeWorld): readonly JsonObject[] {
  const items: JsonObject[] = [];
  const reasoning = reasoningItem(read, answer, world);
  if (reasoning !== undefined) items.push(reasoning);
  for (const call of answer.toolCalls) {
    const id = world.id("fc_", 48);
    if (reasoning !== undefined) world.reasoningOfItem.set(id, stringOf(reasoning.id));
    items.push({
      id,
      type: "function_call",
      status: "completed",
      call_id: world.id("call_"),
      name: call.name,
      arguments: JSON.stringify(call.arguments),
    });
  }
  if (answer.toolCalls.length === 0) items.push(messageItem(answer, world));
  return items;
}

/** Thoughts: readable where a summary was asked for, sealed where the caller wants to carry them itself. */
function reasoningItem(read: ResponsesReading, answer: Answer, world: FakeWorld): JsonObject | undefined {
  if (answer.reasoning === undefined) return undefined;
  return {
    id: world.id("rs_", 48),
    type: "reasoning",
    summary: read.showsSummary ? [{ type: "summary_text", text: answer.reasoning }] : [],
    ...(read.wantsEncrypted ? { encrypted_content: world.seal(answer.reasoning) } : {}),
  };
}

function messageItem(answer: Answer, world: FakeWorld): JsonObject {
  const part =
    answer.finish === "refusal"
      ? { type: "refusal", refusal: answer.text }
      : { type: "output_text", annotations: [], logprobs: [], text: answer.text };
  const status = answer.finish === "length" ? "incomplete" : "completed";
  return { id: world.id("msg_", 48), type: "message", status, role: "assistant", content: [part] };
}

function usageOf(read: ResponsesReading, answer: Answer, world: FakeWorld): JsonObject {
  const inputTokens = countTokens(read.question.prompt);
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: world.memory.read(read.model, read.question.prompt) },
    output_tokens: answer.outputTokens,
    output_tokens_details: { reasoning_tokens: answer.reasoningTokens },
    total_tokens: inputTokens + answer.outputTokens,
  };
}

function store(id: string, read: ResponsesReading, output: readonly JsonObject[], world: FakeWorld): void {
  world.storedResponses.set(id, [...read.items, ...output]);
  for (const item of output) world.storedItems.set(stringOf(item.id), item);
}

type Event = JsonObject & { readonly type: string };

function responseFrames(base: JsonObject, body: JsonObject, output: readonly JsonObject[]): readonly Frame[] {
  let number = 0;
  const event = (data: Event) => namedSse({ ...data, sequence_number: number++ });
  const opening = [event({ type: "response.created", response: base }), event({ type: "response.in_progress", response: base })];
  const contents = output.flatMap((item, index) => itemEvents(item, index)).map((data) => content(event(data)));
  return [...opening.map(head), ...contents, end(event({ type: `response.${stringOf(body.status)}`, response: body }))];
}

function itemEvents(item: JsonObject, outputIndex: number): readonly Event[] {
  const at = { item_id: item.id, output_index: outputIndex };
  const { started, between } = ITEM_EVENTS[stringOf(item.type)]?.(item, at) ?? { started: item, between: [] };
  return [
    { type: "response.output_item.added", output_index: outputIndex, item: started },
    ...between,
    { type: "response.output_item.done", output_index: outputIndex, item },
  ];
}

interface ItemEvents {
  readonly started: JsonObject;
  readonly between: readonly Event[];
}

const ITEM_EVENTS: Readonly<Record<string, (item: JsonObject, at: JsonObject) => ItemEvents>> = {
  reasoning: reasoningEvents,
  message: messageEvents,
  function_call: callEvents,
};

function reasoningEvents(item: JsonObject, at: JsonObject): ItemEvents {
  const [summary] = Array.isArray(item.summary) ? item.summary : [];
  const started = { id: item.id, type: "reasoning", summary: [] };
  if (summary === undefined) return { started, between: [] };
  const text = stringOf(objectOf(summary).text);
  const where = { ...at, summary_index: 0 };
  return {
    started,
    between: [
      { type: "response.reasoning_summary_part.added", ...where, part: { type: "summary_text", text: "" } },
      ...textPieces(text).map((delta) => ({ type: "response.reasoning_summary_text.delta", ...where, delta })),
      { type: "response.reasoning_summary_text.done", ...where, text },
      { type: "response.reasoning_summary_part.done", ...where, part: { type: "summary_text", text } },
    ],
  };
}

function messageEvents(item: JsonObject, at: JsonObject): ItemEvents {
  const part = objectOf(Array.isArray(item.content) ? item.content[0] : undefined);
  const isRefusal = part.type === "refusal";
  const text = stringOf(isRefusal ? part.refusal : part.text);
  const where = { ...at, content_index: 0 };
  const kind = isRefusal ? "response.refusal" : "response.output_text";
  const empty = isRefusal ? { ...part, refusal: "" } : { ...part, text: "" };
  return {
    started: { ...item, status: "in_progress", content: [] },
    between: [
      { type: "response.content_part.added", ...where, part: empty },
      ...textPieces(text).map((delta) => ({ type: `${kind}.delta`, ...where, delta, ...(isRefusal ? {} : { logprobs: [] }) })),
      isRefusal ? { type: `${kind}.done`, ...where, refusal: text } : { type: `${kind}.done`, ...where, text, logprobs: [] },
      { type: "response.content_part.done", ...where, part },
    ],
  };
}

function callEvents(item: JsonObject, at: JsonObject): ItemEvents {
  const json = stringOf(item.arguments);
  return {
    started: { ...item, status: "in_progress", arguments: "" },
    between: [
      ...jsonPieces(json).map((delta) => ({ type: "response.function_call_arguments.delta", ...at, delta })),
      { type: "response.function_call_arguments.done", ...at, name: item.name, arguments: json },
    ],
  };
}
