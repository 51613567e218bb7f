/** What the cases assert with: sentences instead of stack frames, in any runtime and under any test runner. */
import type { Completion } from "../../completion.ts";
import { DragomanError, type ErrorCode } from "../../errors.ts";
import type { StreamEvent } from "../../stream.ts";
import { checkStream, checkUsage } from "../laws.ts";

export function expectTrue(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new Error(sentence);
}

export function expectNone(violations: readonly string[], subject: string): void {
  if (violations.length > 0) throw new Error(`${subject}: ${violations.join("; ")}`);
}

/** Laws 3 and 4 for a stream, and that it ended well. */
export function expectGoodStream(events: readonly StreamEvent[]): void {
  const failure = events.find((event) => event.type === "error");
  if (failure !== undefined) throw failure.error;
  expectNone(checkStream(events), "the stream");
}

export function expectGoodCompletion(completion: Completion, provider: string): void {
  expectNone(checkUsage(completion.usage), "usage");
  expectTrue(completion.origin.provider === provider, `origin.provider is ${completion.origin.provider}, not ${provider}`);
  expectTrue(completion.origin.model !== "", "origin.model is empty");
  expectTrue(completion.message.role === "assistant", "the message is not the assistant's");
  expectTrue((completion.timing?.totalMs ?? -1) >= 0, "timing.totalMs is missing");
}

/** The error that a promise rejects with; fails when it resolves or rejects with anything but a DragomanError. */
export async function errorOf(promise: Promise<unknown>): Promise<DragomanError> {
  try {
    await promise;
  } catch (error) {
    if (DragomanError.is(error)) return error;
    throw new Error(`it threw ${String(error)} instead of a DragomanError`, { cause: error });
  }
  throw new Error("it succeeded, where it should have failed");
}

export function expectCode(error: DragomanError, ...codes: readonly ErrorCode[]): void {
  expectTrue(codes.includes(error.code), `the error is ${error.code} (${error.message}), not ${codes.join(" or ")}`);
}

export async function collect(events: AsyncIterable<StreamEvent>): Promise<readonly StreamEvent[]> {
  const all: StreamEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

/** Everything that an iteration gives. */
export async function allOf<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The error that a stream ended with. */
export function streamError(events: readonly StreamEvent[]): Extract<StreamEvent, { type: "error" }> {
  expectNone(checkStream(events), "the failed stream");
  const last = events.at(-1);
  if (last?.type !== "error") throw new Error(`the stream ended with ${last?.type ?? "nothing"}, where it should have failed`);
  return last;
}
