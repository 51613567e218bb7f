/**
 * Reads the steps of one interaction into stream events, whether they came whole or in pieces: a whole answer is a stream
 * in which every step starts complete. So both fold to the same.
 *
 * It reads the present form (`steps`) and the one before June 2026 (`outputs`, a flat list of blocks). A step of the user's
 * is what was asked, repeated; it is passed over.
 */
import { originOf, type ParseContext } from "../../dialect.ts";
import type { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import type { StreamWriter } from "../stream-writer.ts";
import { vendorErrorFrom } from "../vendor-error.ts";
import { fieldsBeyond, objectsOf, textIn, wordOf } from "./fields.ts";
import { parseFinish } from "./finish.ts";
import { createStepReader, deltaOpens, type StepReader } from "./step-readers.ts";
import { parseUsage } from "./usage.ts";
import { GEMINI_INTERACTIONS, vendorDataOf } from "./vendor-data.ts";

/** Fields that the canonical answer holds, and those that only repeat the request. */
const HELD: ReadonlySet<string> = new Set([
  "id",
  "object",
  "model",
  "status",
  "created",
  "usage",
  "steps",
  "outputs",
  "errors",
  "input",
  "continuation_token",
]);

export class AnswerReading {
  readonly #writer: StreamWriter;
  readonly #context: ParseContext;
  readonly #open = new Map<number, StepReader>();
  #id = "";
  #calls = 0;
  #steps = 0;
  #said = false;
  #failure: JsonObject | undefined;

  constructor(writer: StreamWriter, context: ParseContext) {
    this.#writer = writer;
    this.#context = context;
  }

  /** The interaction's id, once it is known; empty where nothing is stored. */
  get id(): string {
    return this.#id;
  }

  begin(interaction: JsonObject): void {
    if (this.#writer.started) return;
    this.#id = textIn(interaction.id);
    const origin = originOf(GEMINI_INTERACTIONS, this.#context, interaction.model ?? interaction.agent);
    this.#writer.start(this.#id, origin, secondsOf(interaction.created));
  }

  startStep(index: number, step: JsonObject): void {
    this.begin({});
    this.stopStep(index);
    this.#steps++;
    if (isJsonObject(step.error)) this.#failure ??= step.error;
    const place = { writer: this.#writer, key: `${this.#steps}`, idOfCall: (given: unknown) => this.#idOfCall(given) };
    const reader = createStepReader(step, place);
    if (reader === undefined) return;
    this.#said ||= !isJsonObject(step.error) || objectsOf(step.content).length > 0;
    this.#open.set(index, reader);
    reader.start(step);
  }

  delta(index: number, delta: JsonObject): void {
    if (!this.#open.has(index)) this.startStep(index, { type: deltaOpens(delta) });
    this.#open.get(index)?.delta(delta);
  }

  stopStep(index: number): void {
    const reader = this.#open.get(index);
    this.#open.delete(index);
    reader?.stop();
  }

  /** Figures so far. Those of before the beginning are passed over; the last ones come with the end. */
  usage(report: unknown): void {
    const usage = this.#writer.started ? parseUsage(report) : undefined;
    if (usage !== undefined) this.#writer.reportUsage(usage);
  }

  /** The interaction's last word. An answer that failed before it said anything is an error. */
  finish(interaction: JsonObject): void {
    this.begin(interaction);
    if (this.#steps === 0) this.#readSteps(interaction);
    for (const index of [...this.#open.keys()]) this.stopStep(index);
    this.usage(interaction.usage);
    const status = wordOf(interaction.status);
    const failed = status === "failed" || this.#failure !== undefined;
    if (failed && !this.#said) {
      this.#writer.fail(this.failure(interaction));
      return;
    }
    const token = wordOf(interaction.continuation_token);
    const message = vendorDataOf(token === undefined ? {} : { continuation_token: token });
    const response = fieldsBeyond(interaction, HELD);
    const completion = vendorDataOf(Object.keys(response).length === 0 ? {} : { response });
    const detail = failed ? this.failure(interaction).detail : undefined;
    this.#writer.finish(parseFinish(failed ? "failed" : status, this.#calls > 0, detail), {
      ...(message === undefined ? {} : { message }),
      ...(completion === undefined ? {} : { completion }),
    });
  }

  failure(interaction: JsonObject): DragomanError {
    const [first] = objectsOf(interaction.errors);
    const error = first ?? this.#failure ?? { message: "the interaction failed, and the vendor did not say why" };
    return vendorErrorFrom({ error }, undefined, this.#context);
  }

  #readSteps(interaction: JsonObject): void {
    const steps = Array.isArray(interaction.steps) ? interaction.steps : interaction.outputs;
    for (const [index, step] of objectsOf(steps).entries()) {
      this.startStep(index, step);
      this.stopStep(index);
    }
  }

  /** An id that is missing is made of the answer's own, so that the calls of two turns do not share one. */
  #idOfCall(given: unknown): string {
    const place = this.#calls++;
    return wordOf(given) ?? `call_${this.#id === "" ? "" : `${this.#id}_`}${place}`;
  }
}

function secondsOf(time: unknown): number | undefined {
  const milliseconds = typeof time === "string" ? Date.parse(time) : Number.NaN;
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000);
}
