/**
 * Reads answers, whole or in chunks: every chunk of a stream is an answer of its own that goes on where the last one
 * stopped. It writes stream events; `response.ts` folds them, so that both ways give the same completion.
 *
 * Text goes on over chunks but not over parts: only the first part of a chunk may continue what is open, and a signed
 * part stands alone, so that its signature goes back on exactly the words that it came with.
 */
import { originOf, type ParseContext } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { StreamEvent } from "../../stream.ts";
import { StreamWriter } from "../stream-writer.ts";
import { vendorErrorFrom } from "../vendor-error.ts";
import { camelFields, listField, objectField } from "./field-names.ts";
import { finishOf, finishWord } from "./finish.ts";
import { type ReadFunctionCall, type ReadPart, readPart } from "./parse-part.ts";
import { sourcesOf } from "./sources.ts";
import { searchesOf, usageOf } from "./usage.ts";
import { type GeminiVendorData, withGeminiData } from "./vendor-data.ts";

type Fields = Record<string, JsonValue>;

/** Fields of a candidate and of an answer that have a place of their own. */
const CANDIDATE_FIELDS: ReadonlySet<string> = new Set(["content", "finishReason", "finishMessage", "index"]);
const ANSWER_FIELDS: ReadonlySet<string> = new Set([
  "candidates",
  "usageMetadata",
  "modelVersion",
  "responseId",
  "promptFeedback",
]);

export class AnswerReader {
  readonly #context: ParseContext;
  readonly #fileKeeper: string;
  readonly #writer = new StreamWriter();
  #responseId = "";
  /** The text or reasoning that the next chunk may go on with. */
  #run: { readonly kind: "text" | "reasoning"; readonly key: string } | undefined;
  #partCount = 0;
  #callCount = 0;
  #usage: Fields = {};
  #finishWord: string | undefined;
  #finishMessage: unknown;
  #candidate: Fields = {};
  #answer: Fields = {};
  #otherCandidates: JsonObject[] = [];
  #promptFeedback: JsonObject | undefined;
  #candidateSeen = false;

  constructor(context: ParseContext, fileKeeper: string) {
    this.#context = context;
    this.#fileKeeper = fileKeeper;
  }

  into(out: StreamEvent[]): void {
    this.#writer.into(out);
  }

  get done(): boolean {
    return this.#writer.done;
  }

  /** True once the vendor has said why the answer ended, or that it refuses the prompt. */
  get complete(): boolean {
    return this.#finishWord !== undefined || this.#blockReason !== undefined;
  }

  get candidateSeen(): boolean {
    return this.#candidateSeen;
  }

  /** Takes an answer or a chunk of one. What is not an answer fails the stream. */
  read(body: unknown): void {
    if (Array.isArray(body)) {
      for (const item of body) this.read(item);
      return;
    }
    if (!isJsonObject(body)) {
      this.fail("invalid_response", "an answer must be a JSON object");
      return;
    }
    if (isJsonObject(body.error)) {
      this.#writer.fail(vendorErrorFrom(body, undefined, this.#context));
      return;
    }
    this.#readAnswer(camelFields(body));
  }

  fail(code: "invalid_response" | "stream_truncated" | "unsupported", detail: string, cause?: unknown): void {
    const { provider, model } = this.#context;
    this.#writer.fail(new DragomanError({ code, detail, provider, model, cause }));
  }

  /** Writes the sources and the terminal event. */
  finish(): void {
    this.#endRun();
    const searches = searchesOf(this.#candidate);
    if (searches.toolCalls !== undefined && Object.keys(this.#usage).length > 0) this.#writer.reportUsage(searches);
    for (const source of sourcesOf(this.#candidate)) this.#writer.part(source);
    const blockReason = this.#finishWord === undefined ? this.#blockReason : undefined;
    const finish =
      blockReason === undefined
        ? finishOf(this.#finishWord, this.#finishMessage, this.#callCount > 0)
        : { ...finishOf(blockReason, this.#promptFeedback?.blockReasonMessage, false), reason: "content-filter" as const };
    const { vendor } = withGeminiData(this.#vendorData());
    this.#writer.finish(finish, vendor === undefined ? {} : { completion: vendor });
  }

  get #blockReason(): string | undefined {
    const reason = this.#promptFeedback?.blockReason;
    return reason === "BLOCK_REASON_UNSPECIFIED" || reason === 0 || reason === undefined ? undefined : String(reason);
  }

  #vendorData(): GeminiVendorData {
    return {
      ...(Object.keys(this.#candidate).length === 0 ? {} : { candidate: this.#candidate }),
      ...(this.#otherCandidates.length === 0 ? {} : { otherCandidates: this.#otherCandidates }),
      ...(this.#promptFeedback === undefined ? {} : { promptFeedback: this.#promptFeedback }),
      ...(Object.keys(this.#answer).length === 0 ? {} : { response: this.#answer }),
    };
  }

  #readAnswer(answer: JsonObject): void {
    this.#start(answer);
    keepOthers(this.#answer, answer, ANSWER_FIELDS);
    const feedback = objectField(answer.promptFeedback);
    if (feedback !== undefined) this.#promptFeedback = { ...this.#promptFeedback, ...feedback };
    for (const candidate of listField(answer.candidates)) {
      if (isJsonObject(candidate)) this.#readCandidate(camelFields(candidate));
    }
    const usage = answer.usageMetadata;
    if (!isJsonObject(usage)) return;
    // Cumulative, but a later chunk may leave a figure out that an earlier one gave.
    keepOthers(this.#usage, usage, new Set());
    this.#writer.reportUsage(usageOf({ ...this.#usage }));
  }

  #start(answer: JsonObject): void {
    if (this.#writer.started) return;
    this.#responseId = typeof answer.responseId === "string" ? answer.responseId : "";
    const created = typeof answer.createTime === "string" ? Date.parse(answer.createTime) : Number.NaN;
    const origin = originOf("gemini", this.#context, answer.modelVersion);
    this.#writer.start(this.#responseId, origin, Number.isNaN(created) ? undefined : Math.floor(created / 1000));
  }

  #readCandidate(candidate: JsonObject): void {
    if (typeof candidate.index === "number" && candidate.index > 0) {
      this.#keepOtherCandidate(candidate);
      return;
    }
    this.#candidateSeen = true;
    for (const [position, part] of listField(objectField(candidate.content)?.parts).entries()) {
      const read = isJsonObject(part) ? readPart(part, this.#fileKeeper) : undefined;
      if (read !== undefined) this.#writePart(read, position);
    }
    keepOthers(this.#candidate, candidate, CANDIDATE_FIELDS);
    this.#finishWord = finishWord(candidate.finishReason) ?? this.#finishWord;
    this.#finishMessage = candidate.finishMessage ?? this.#finishMessage;
  }

  #keepOtherCandidate(candidate: JsonObject): void {
    if (this.#otherCandidates.length === 0) {
      const detail = "the vendor answered with several candidates; the first is the message, the others are vendor data";
      this.#writer.warn({ type: "lossy", path: "vendor.gemini.otherCandidates", detail });
    }
    this.#otherCandidates.push(candidate);
  }

  #writePart(part: ReadPart, position: number): void {
    switch (part.type) {
      case "text":
      case "reasoning":
        this.#writeText(part, position);
        return;
      case "function-call":
        this.#endRun();
        this.#writeCall(part);
        return;
      default:
        this.#endRun();
        this.#writer.part(part);
    }
  }

  #writeText(part: Extract<ReadPart, { type: "text" | "reasoning" }>, position: number): void {
    const { type: kind, text, vendor } = part;
    if (vendor === undefined && position === 0 && this.#run?.kind === kind) {
      this.#writer.delta(kind, this.#run.key, text);
      return;
    }
    if (vendor === undefined && text === "") return;
    this.#endRun();
    const key = this.#nextKey();
    this.#writer.delta(kind, key, text);
    if (vendor === undefined) {
      this.#run = { kind, key };
      return;
    }
    this.#writer.vendor(key, vendor);
    this.#writer.end(key);
  }

  #writeCall(call: ReadFunctionCall): void {
    if (call.partial) {
      this.fail("unsupported", `the arguments of ${call.name} come in pieces; leave streamFunctionCallArguments off`);
      return;
    }
    const number = this.#callCount++;
    const data = call.id === undefined ? { ...call.data, madeUpId: true } : call.data;
    const key = this.#nextKey();
    this.#writer.toolCall(key, call.id ?? this.#madeUpId(call, number), call.name);
    this.#writer.toolCallDelta(key, JSON.stringify(call.args));
    const { vendor } = withGeminiData(data);
    if (vendor !== undefined) this.#writer.vendor(key, vendor);
    this.#writer.end(key);
  }

  /** Unique in a conversation as far as the answer tells: by its own id, else by what is called. */
  #madeUpId(call: ReadFunctionCall, number: number): string {
    const base = this.#responseId === "" ? fingerprint(`${call.name} ${JSON.stringify(call.args)}`) : this.#responseId;
    return `call_${base.replace(/[^\w-]/g, "_").slice(0, 40)}_${number}`;
  }

  #nextKey(): string {
    return String(this.#partCount++);
  }

  #endRun(): void {
    if (this.#run !== undefined) this.#writer.end(this.#run.key);
    this.#run = undefined;
  }
}

/** Lays the fields that are not in `own` over what earlier chunks said; objects field by field. */
function keepOthers(kept: Fields, fields: JsonObject, own: ReadonlySet<string>): void {
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined || own.has(key)) continue;
    const before = kept[key];
    kept[key] = isJsonObject(before) && isJsonObject(value) ? { ...before, ...value } : value;
  }
}

/** FNV-1a, 32 bits: short and the same everywhere; it protects nothing. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return hash.toString(36);
}
