/**
 * A stream of `chat.completion.chunk` objects as events.
 *
 * One parse per chunk; the fields of a plain delta are read directly, and what has no canonical place is collected only
 * from chunks that can hold it. The end is not a chunk: usage comes after the finish reason, and an error may too, so the
 * `finish` event waits for `[DONE]` or for the end of the wire. The wire's end without a finish reason is a truncation.
 */
import { originOf, type ParseContext, type StreamParser, type WireEvent } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { SourcePart } from "../../message.ts";
import type { StreamEvent } from "../../stream.ts";
import { parseWireJson } from "../json-flaw.ts";
import { StreamWriter } from "../stream-writer.ts";
import { unixSeconds } from "../unix-seconds.ts";
import { vendorErrorFrom } from "../vendor-error.ts";
import { audioPartOf, imagePartsOf, searchSourcesOf, sourcesOf } from "./answer-parts.ts";
import { answerVendorData } from "./answer-vendor-data.ts";
import { contentPieces, Thinking } from "./content-text.ts";
import { withAdvice } from "./error-advice.ts";
import { failedGenerationIn, readFailedCalls, recoveredWarning, wireCall, withFailedGeneration } from "./failed-generation.ts";
import { BODY_FIELDS, CHOICE_FIELDS, MESSAGE_FIELDS } from "./fields.ts";
import { finishError, parseFinish } from "./finish.ts";
import { PrefillEcho } from "./prefill-echo.ts";
import type { ResolvedQuirks } from "./quirks.ts";
import { addReasoningDetails, plainReasoningOf, textOfReasoningDetails } from "./reasoning-details.ts";
import { ECHO_WARNING, invalidResponse, otherChoicesWarning, unreadContentWarning } from "./response.ts";
import { StreamOtherChoices } from "./stream-other-choices.ts";
import { StreamToolCalls } from "./stream-tool-calls.ts";
import { type TaggedPiece, ThinkTags } from "./think-tags.ts";
import { parseUsage, usageIn } from "./usage.ts";
import { OPENAI_CHAT, objectsIn, unknownFields, withVendorData } from "./vendor-data.ts";

type Fields = Record<string, JsonValue>;

export class OpenAIChatStreamParser implements StreamParser {
  readonly #context: ParseContext;
  readonly #quirks: ResolvedQuirks;
  readonly #tags: ThinkTags | undefined;
  readonly #writer = new StreamWriter();
  readonly #calls = new StreamToolCalls(this.#writer);
  readonly #others = new StreamOtherChoices();
  readonly #bodyFields: Fields = {};
  readonly #choiceFields: Fields = {};
  readonly #messageFields: Fields = {};
  readonly #filterResults: Fields = {};
  readonly #logprobs: Record<string, JsonValue[]> = {};
  #details: Fields[] = [];
  #hasPlainReasoning = false;
  /** The thinking chunk of a content list that is open. */
  #thinking: Thinking | undefined;
  readonly #annotations: JsonValue[] = [];
  readonly #images: JsonValue[] = [];
  readonly #audio: Fields = {};
  #id = "";
  #finishWord: string | undefined;
  #nativeWord: JsonValue | undefined;
  #hasText = false;
  #hasRefusal = false;
  /** While the answer may yet repeat the words that ended the request. */
  #echo: PrefillEcho | undefined;

  constructor(context: ParseContext, quirks: ResolvedQuirks) {
    this.#context = context;
    this.#quirks = quirks;
    if (quirks.echoesPrefill && context.prefill !== undefined) this.#echo = new PrefillEcho(context.prefill);
    this.#tags = quirks.thinkTags ? new ThinkTags() : undefined;
  }

  push(event: WireEvent, out: StreamEvent[]): void {
    if (this.#writer.done) return;
    this.#writer.into(out);
    const { data } = event;
    if (data === "[DONE]") {
      this.#finish(true);
      return;
    }
    if (data === "") return;
    let chunk: unknown;
    try {
      chunk = parseWireJson(data);
    } catch {
      if (data.trim() === "[DONE]") this.#finish(true);
      else this.#writer.fail(invalidResponse(this.#context, `an event of the stream is not JSON: ${data.slice(0, 200)}`));
      return;
    }
    if (!isJsonObject(chunk)) this.#writer.fail(invalidResponse(this.#context, "an event of the stream is not an object"));
    else if (isError(event, chunk)) this.#pushError(chunk);
    else this.#pushChunk(chunk);
  }

  end(out: StreamEvent[]): void {
    if (this.#writer.done) return;
    this.#writer.into(out);
    this.#finish(false);
  }

  /** Groq's error may carry the calls that it could not take. */
  #pushError(chunk: JsonObject): void {
    if (this.#quirks.failedGeneration && this.#calls.count === 0 && this.#recover(chunk)) return;
    const error = vendorErrorFrom(withFailedGeneration(chunk), undefined, this.#context);
    this.#writer.fail(withAdvice(error, this.#quirks.errorAdvice));
  }

  #recover(chunk: JsonObject): boolean {
    const failed = failedGenerationIn(chunk);
    const calls = failed === undefined ? [] : readFailedCalls(failed.generation);
    if (failed === undefined || calls.length === 0) return false;
    if (!this.#writer.started) this.#start({});
    this.#pushToolCalls(calls.map((call, index) => ({ index, ...wireCall(call, failed.generation, this.#id, index) })));
    this.#writer.warn(recoveredWarning(failed.reason));
    this.#finishWord = "tool_calls";
    this.#finish(true);
    return true;
  }

  #pushChunk(chunk: JsonObject): void {
    const choices = Array.isArray(chunk.choices) ? chunk.choices : undefined;
    const choice = choices?.[0];
    if (!isJsonObject(choice)) {
      this.#pushChunkAlone(chunk);
      return;
    }
    if (!this.#writer.started) this.#start(chunk);
    if (choices !== undefined && choices.length > 1) for (const each of objectsIn(choices)) this.#pushChoice(each);
    else this.#pushChoice(choice);
    if (typeof choice.finish_reason === "string" || chunk.usage || chunk.x_groq) this.#pushChunkAlone(chunk, choice);
  }

  /** What a chunk says besides its choices. Azure opens with one that has no id, no model and no choice. */
  #pushChunkAlone(chunk: JsonObject, choice?: JsonObject): void {
    keep(this.#bodyFields, unknownFields(chunk, BODY_FIELDS));
    const usage = usageIn(chunk, choice);
    if (usage === undefined) return;
    if (!this.#writer.started) this.#start(chunk);
    this.#writer.reportUsage(parseUsage(usage, this.#quirks));
  }

  #start(chunk: JsonObject): void {
    this.#id = typeof chunk.id === "string" ? chunk.id : "";
    this.#writer.start(this.#id, originOf(OPENAI_CHAT, this.#context, chunk.model), unixSeconds(chunk.created));
    keep(this.#bodyFields, unknownFields(chunk, BODY_FIELDS));
  }

  #pushChoice(choice: JsonObject): void {
    const index = choice.index;
    if (typeof index === "number" && index > 0) {
      this.#others.push(index, choice);
      return;
    }
    const delta = isJsonObject(choice.delta) ? choice.delta : choice.message;
    if (isJsonObject(delta)) this.#pushDelta(delta);
    if (isJsonObject(choice.logprobs)) this.#keepLogprobs(choice.logprobs);
    // Azure's filter reports on pieces as they come, an asynchronous one without a delta.
    if (isJsonObject(choice.content_filter_results)) keep(this.#filterResults, choice.content_filter_results);
    if (typeof choice.finish_reason !== "string" || choice.finish_reason === "") return;
    this.#finishWord = choice.finish_reason;
    const { logprobs: _collected, ...rest } = choice;
    this.#nativeWord = choice.native_finish_reason ?? this.#nativeWord;
    keep(this.#choiceFields, unknownFields(rest, CHOICE_FIELDS));
  }

  #pushDelta(delta: JsonObject): void {
    let others = false;
    for (const key in delta) {
      const value = delta[key];
      if (value === null || value === "") continue;
      if (key === "content" || key === "role") continue;
      others = true;
    }
    if (others) this.#pushReasoning(delta);
    const { content } = delta;
    if (typeof content === "string") {
      if (content !== "") this.#pushContent(content);
    } else if (Array.isArray(content)) {
      this.#pushContentParts(content);
    }
    if (others) this.#pushOthers(delta);
  }

  #pushContent(text: string): void {
    if (this.#tags === undefined) this.#pushText(text);
    else this.#pushTagged(this.#tags.push(text));
  }

  #pushTagged(pieces: readonly TaggedPiece[]): void {
    for (const piece of pieces) {
      if (piece.type === "text") this.#pushText(piece.text);
      else this.#writer.delta("reasoning", "reasoning", piece.text);
    }
  }

  #pushText(piece: string): void {
    const text = this.#echo === undefined ? piece : this.#withoutEcho(this.#echo, piece);
    if (text === "") return;
    this.#hasText = true;
    this.#endReasoning();
    this.#writer.delta("text", "text", text);
  }

  /** Reasoning is over when something else begins. Details that come later make a part of their own; a request joins them. */
  #endReasoning(): void {
    if (!this.#writer.isOpen("reasoning")) return;
    const data = this.#details.length > 0 ? { reasoningDetails: this.#details } : this.#thinking?.data;
    const { vendor } = withVendorData(data);
    if (vendor !== undefined) this.#writer.vendor("reasoning", vendor);
    this.#details = [];
    this.#thinking = undefined;
    this.#writer.end("reasoning");
  }

  #pushReasoning(delta: JsonObject): void {
    const text = this.#reasoningText(delta);
    const details = delta.reasoning_details;
    if (Array.isArray(details) && details.length > 0) {
      addReasoningDetails(this.#details, details);
      this.#writer.delta("reasoning", "reasoning", text);
    } else if (text !== "") {
      this.#writer.delta("reasoning", "reasoning", text);
    }
  }

  /** Details repeat what a plain field said; they are read as text only in a stream that has no plain field. */
  #reasoningText(delta: JsonObject): string {
    const plain = plainReasoningOf(delta);
    if (plain !== "") {
      this.#hasPlainReasoning = true;
      return plain;
    }
    const details = delta.reasoning_details;
    return this.#hasPlainReasoning || !Array.isArray(details) ? "" : textOfReasoningDetails(details);
  }

  #pushContentParts(content: readonly JsonValue[]): void {
    for (const piece of contentPieces(content)) {
      if (piece.type === "thinking") this.#pushThinking(piece.chunk);
      else if (piece.type === "unread") this.#writer.warn(unreadContentWarning([piece.kind]));
      else if (piece.type === "source") this.#pushSource(piece.part);
      else if (piece.text !== "") this.#pushText(piece.text);
    }
  }

  #pushThinking(chunk: JsonObject): void {
    const open = this.#thinking ?? new Thinking();
    const text = open.add(chunk);
    if (open.isEmpty) return;
    if (this.#thinking === undefined) this.#writer.end("text");
    this.#thinking = open;
    this.#writer.delta("reasoning", "reasoning", text);
    if (open.isWhole) this.#endReasoning();
  }

  #pushSource(source: SourcePart): void {
    this.#endReasoning();
    this.#writer.end("text");
    this.#writer.part(source);
  }

  #withoutEcho(echo: PrefillEcho, piece: string): string {
    const text = echo.push(piece);
    if (echo.isTaken) {
      this.#echo = undefined;
      this.#writer.warn(ECHO_WARNING);
    }
    return text;
  }

  #pushOthers(delta: JsonObject): void {
    if (typeof delta.refusal === "string" && delta.refusal !== "") {
      this.#hasRefusal = true;
      this.#writer.delta("refusal", "refusal", delta.refusal);
    }
    if (Array.isArray(delta.tool_calls)) this.#pushToolCalls(delta.tool_calls);
    if (isJsonObject(delta.function_call)) this.#pushFunctionCall(delta.function_call);
    if (Array.isArray(delta.annotations)) this.#annotations.push(...delta.annotations);
    if (Array.isArray(delta.images)) this.#images.push(...delta.images);
    if (isJsonObject(delta.audio)) this.#pushAudio(delta.audio);
    keep(this.#messageFields, unknownFields(delta, MESSAGE_FIELDS));
  }

  #pushToolCalls(pieces: readonly JsonValue[]): void {
    for (const piece of pieces) {
      if (!isJsonObject(piece)) continue;
      this.#endReasoning();
      this.#calls.push(piece, this.#id);
    }
  }

  /** The wire before tools: one call, without id or index. Some servers send it empty. */
  #pushFunctionCall(piece: JsonObject): void {
    if (piece.name || piece.arguments) this.#calls.push({ index: 0, function: piece }, this.#id);
  }

  #pushAudio(audio: JsonObject): void {
    for (const key of ["data", "transcript"]) {
      const value = audio[key];
      const before = this.#audio[key];
      if (typeof value === "string") this.#audio[key] = typeof before === "string" ? before + value : value;
    }
    if (typeof audio.id === "string") this.#audio.id = audio.id;
    if (typeof audio.expires_at === "number") this.#audio.expires_at = audio.expires_at;
  }

  #keepLogprobs(logprobs: JsonObject): void {
    for (const [key, values] of Object.entries(logprobs)) {
      if (!Array.isArray(values)) continue;
      const known = Object.hasOwn(this.#logprobs, key) ? this.#logprobs[key] : undefined;
      if (known === undefined) this.#logprobs[key] = [...values];
      else known.push(...values);
    }
  }

  /** `isMarked`: the vendor said so itself, with `[DONE]`. */
  #finish(isMarked: boolean): void {
    const isComplete = isMarked || this.#finishWord !== undefined || this.#quirks.finishReasonOptional;
    if (!isComplete || !this.#writer.started) {
      this.#writer.fail(this.#truncated());
      return;
    }
    const failure = finishError(this.#finishWord, this.#quirks, this.#context);
    if (failure !== undefined) {
      this.#writer.fail(failure);
      return;
    }
    this.#pushTagged(this.#tags?.end() ?? []);
    const held = this.#echo?.rest() ?? "";
    if (held !== "") this.#pushText(held);
    this.#calls.finish(this.#id);
    this.#writeLateParts();
    if (this.#others.count > 0) this.#writer.warn(otherChoicesWarning(this.#others.count));
    if (Object.keys(this.#logprobs).length > 0) this.#choiceFields.logprobs = this.#logprobs;
    if (Object.keys(this.#filterResults).length > 0) this.#choiceFields.content_filter_results = this.#filterResults;
    const vendor = answerVendorData({
      body: filled(this.#bodyFields),
      choice: filled(this.#choiceFields),
      message: filled(this.#messageFields),
      otherChoices: this.#others.toChoices(),
    });
    const finish = parseFinish({
      word: this.#finishWord,
      hasToolCalls: this.#calls.count > 0,
      hasRefusal: this.#hasRefusal,
      optional: this.#quirks.finishReasonOptional,
      choice: { ...this.#choiceFields, native_finish_reason: this.#nativeWord },
    });
    this.#writer.finish(finish, {
      ...(vendor.message === undefined ? {} : { message: vendor.message }),
      ...(vendor.completion === undefined ? {} : { completion: vendor.completion }),
    });
  }

  #writeLateParts(): void {
    this.#endReasoning();
    const cited = withVendorData(this.#annotations.length === 0 ? undefined : { annotations: this.#annotations });
    if (cited.vendor !== undefined && this.#hasText) this.#writer.vendor("text", cited.vendor);
    const audio = audioPartOf(this.#audio);
    if (audio !== undefined) this.#writer.part(audio);
    for (const image of imagePartsOf(this.#images)) this.#writer.part(image);
    const sources = this.#annotations.length > 0 ? sourcesOf(this.#annotations) : searchSourcesOf(this.#bodyFields);
    for (const source of sources) this.#writer.part(source);
  }

  #truncated(): DragomanError {
    return new DragomanError({
      code: "stream_truncated",
      detail: this.#writer.started
        ? "the stream ended without a finish reason and without [DONE]"
        : "the stream ended before it brought an answer",
      provider: this.#context.provider,
      model: this.#context.model,
    });
  }
}

/** OpenAI, OpenRouter and Groq put an error under `error`; vLLM marks it by `object`; others name the event. */
function isError(event: WireEvent, chunk: JsonObject): boolean {
  if (isJsonObject(chunk.error) || typeof chunk.error === "string") return true;
  if (Array.isArray(chunk.choices)) return false;
  return event.event === "error" || chunk.object === "error" || isFlatError(chunk);
}

/**
 * An event without choices that speaks of a failure, as `{ detail }` or `{ code, message }`. Null for choices is no failure
 * where the event is a chunk by its other marks: some servers write an empty list so.
 */
function isFlatError(chunk: JsonObject): boolean {
  if (chunk.object === "chat.completion.chunk" || isJsonObject(chunk.usage)) return false;
  return chunk.choices === null || typeof chunk.message === "string" || chunk.detail !== undefined;
}

function keep(fields: Fields, more: JsonObject | undefined): void {
  if (more === undefined) return;
  for (const [key, value] of Object.entries(more)) if (value !== undefined) fields[key] = value;
}

function filled(fields: Fields): Fields | undefined {
  return Object.keys(fields).length === 0 ? undefined : fields;
}
