/**
 * One training of a fake vendor. A question after it moves it on: it waits, runs two rounds, and is done. Training examples in
 * which `fault-fails` stands make it fail; a model whose name begins with `no-tuning` is refused.
 */
import { isJsonObject, type JsonObject } from "../../json.ts";
import { parsedJson } from "./json-reading.ts";
import { CREATED_AT, type FakeWorld } from "./world.ts";

export type FakeFineTuneState = "queued" | "running" | "cancelling" | "succeeded" | "failed" | "cancelled";

export interface FakeFineTuneEvent {
  readonly at: number;
  readonly isError: boolean;
  readonly message: string;
  readonly step?: number;
  readonly loss?: number;
}

export interface FakeFineTune {
  readonly id: string;
  readonly model: string;
  readonly suffix: string;
  readonly trainingFile: string;
  readonly validationFile?: string;
  /** What the wire's row repeats. */
  readonly echo: JsonObject;
  readonly tokens: number;
  readonly fails: boolean;
  state: FakeFineTuneState;
  step: number;
  readonly events: FakeFineTuneEvent[];
}

export const STEPS = 4;
const STEPS_OF_ROUND = 2;
const FAILS = "fault-fails";
const FIRST_LOSS = 2;

/** Undefined where the file holds no conversations that end with an answer. */
export function createFineTune(
  asked: Omit<FakeFineTune, "id" | "tokens" | "fails" | "state" | "step" | "events">,
  idPrefix: string,
  world: FakeWorld,
): FakeFineTune | undefined {
  const text = Buffer.from(world.files.get(asked.trainingFile)?.data ?? []).toString("utf8");
  const lines = text.split("\n").filter(Boolean).map(parsedJson);
  if (lines.length === 0 || !lines.every(isConversation)) return undefined;
  const job: FakeFineTune = {
    ...asked,
    id: world.id(idPrefix, 12),
    tokens: Math.ceil(text.length / 4),
    fails: text.includes(FAILS),
    state: "queued",
    step: 0,
    events: [],
  };
  tell(job, "The job was created.");
  world.fineTunes.set(job.id, job);
  return job;
}

function isConversation(line: unknown): boolean {
  const messages = isJsonObject(line) && Array.isArray(line.messages) ? line.messages : [];
  const last = messages.at(-1);
  return isJsonObject(last) && last.role === "assistant" && (typeof last.content === "string" || Array.isArray(last.tool_calls));
}

export function moveFineTuneOn(job: FakeFineTune): void {
  if (job.state === "queued") {
    job.state = "running";
    tell(job, "Training has started.");
  } else if (job.state === "cancelling") {
    job.state = "cancelled";
    tell(job, "The job was cancelled.");
  } else if (job.state === "running" && job.fails) {
    job.state = "failed";
    tell(job, "Training data was found to be harmful.", { isError: true });
  } else if (job.state === "running" && job.step < STEPS) {
    for (let round = 0; round < STEPS_OF_ROUND; round++) train(job);
  } else if (job.state === "running") {
    job.state = "succeeded";
    tell(job, "The job is complete.");
  }
}

function train(job: FakeFineTune): void {
  job.step += 1;
  const loss = FIRST_LOSS / job.step;
  tell(job, `Step ${job.step}/${STEPS}: training loss=${loss.toFixed(2)}`, { step: job.step, loss });
}

/** False where it is too late. */
export function cancelFineTune(job: FakeFineTune, state: "cancelling" | "cancelled"): boolean {
  if (job.state !== "queued" && job.state !== "running") return false;
  job.state = state;
  tell(job, "The job is being cancelled.");
  return true;
}

export function isAtRest({ state }: FakeFineTune): boolean {
  return state === "succeeded" || state === "failed" || state === "cancelled";
}

/** Events are a second apart. */
function tell(job: FakeFineTune, message: string, more: Partial<FakeFineTuneEvent> = {}): void {
  job.events.push({ at: CREATED_AT + job.events.length, isError: false, message, ...more });
}

export function isTrainable(model: string, world: FakeWorld): boolean {
  return !model.startsWith("no-tuning") && world.model(model) !== undefined;
}
