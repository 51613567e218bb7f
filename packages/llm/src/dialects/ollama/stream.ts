/**
 * Reads a stream of JSON lines. Text and thinking come in pieces, a tool call whole; the line that is done brings reason,
 * counts and durations. A line `{"error"}` ends the stream, also after a 200.
 */
import { originOf, type ParseContext, type StreamParser, type WireEvent } from "../../dialect.ts";
import { DragomanError, toDragomanError } from "../../errors.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import type { StreamEvent } from "../../stream.ts";
import { parseWireJson } from "../json-flaw.ts";
import { StreamWriter } from "../stream-writer.ts";
import { AnswerVendorData, answerIdOf, readAnswerLine, readToolCall, secondsOf } from "./answer.ts";
import { errorWithin, invalidResponse } from "./error.ts";
import { parseFinish } from "./finish.ts";
import { parseUsage } from "./usage.ts";
import { withOllamaData } from "./vendor-data.ts";
import type { AnswerForm } from "./wire.ts";

const TEXT = "text";
const THINKING = "thinking";

export class OllamaStreamParser implements StreamParser {
  readonly #writer = new StreamWriter();
  readonly #kept = new AnswerVendorData();
  readonly #context: ParseContext;
  readonly #form: AnswerForm;
  readonly #dialect: string;
  #calls = 0;

  constructor(context: ParseContext, form: AnswerForm, dialect: string) {
    this.#context = context;
    this.#form = form;
    this.#dialect = dialect;
  }

  push(event: WireEvent, out: StreamEvent[]): void {
    const writer = this.#writer;
    if (writer.done) return;
    writer.into(out);
    try {
      this.#pushLine(event.data);
    } catch (error) {
      writer.fail(toDragomanError(error));
    }
  }

  end(out: StreamEvent[]): void {
    if (this.#writer.done) return;
    this.#writer.into(out);
    this.#writer.fail(
      new DragomanError({
        code: "stream_truncated",
        detail: this.#writer.started ? "the stream ended without a line that is done" : "the stream ended before it began",
        provider: this.#context.provider,
        model: this.#context.model,
      }),
    );
  }

  #pushLine(data: string): void {
    if (data.trim() === "") return;
    const line = this.#read(data);
    const answer = readAnswerLine(line, this.#form);
    const error = errorWithin(line, this.#context);
    if (error !== undefined) throw error;
    if (answer === undefined) throw invalidResponse(`a line of the stream is none of /api/${this.#form}`, this.#context);
    const writer = this.#writer;
    if (!writer.started) {
      writer.start(answerIdOf(line), originOf(this.#dialect, this.#context, line.model), secondsOf(line.created_at));
    }
    this.#kept.add(line);
    if (answer.thinking !== "") writer.delta("reasoning", THINKING, answer.thinking);
    if (answer.text !== "") {
      writer.end(THINKING);
      writer.delta("text", TEXT, answer.text);
    }
    for (const image of answer.images) writer.part(image);
    for (const call of answer.toolCalls) this.#pushToolCall(call);
    if (line.done === true) this.#finish(line);
  }

  #read(data: string): JsonObject {
    let line: unknown;
    try {
      line = parseWireJson(data);
    } catch (cause) {
      throw invalidResponse("a line of the stream is not JSON", this.#context, cause);
    }
    if (!isJsonObject(line)) throw invalidResponse("a line of the stream is not a JSON object", this.#context);
    return line;
  }

  /** The wire numbers calls anew in each line, so every one that comes is another. */
  #pushToolCall(wire: JsonObject): void {
    const writer = this.#writer;
    const index = this.#calls++;
    const call = readToolCall(wire, index);
    const key = `call:${index}`;
    writer.end(THINKING);
    writer.toolCall(key, call.id, call.name);
    writer.toolCallDelta(key, call.argumentsText ?? JSON.stringify(call.arguments));
    if (call.vendor !== undefined) writer.vendor(key, call.vendor);
    writer.end(key);
  }

  #finish(line: JsonObject): void {
    const writer = this.#writer;
    const usage = parseUsage(line);
    if (Object.keys(usage).length > 0) writer.reportUsage(usage);
    const { vendor } = withOllamaData(this.#kept.finish(line));
    writer.finish(parseFinish(line.done_reason, this.#calls > 0), vendor === undefined ? {} : { completion: vendor });
  }
}
