/**
 * One job of a fake vendor: waits, runs, and is at rest at the second question after it. Its items are answered by the same
 * mind as calls, through the same wire. What an item's id begins with can bring an end about: `fault-expired` expires it and
 * its batch. A cancelled batch keeps the answer of its first item.
 */
import { isJsonObject, type JsonObject } from "../../json.ts";
import { parsedJson } from "./json-reading.ts";
import { type FakeRequest, Refusal, type Reply } from "./reply.ts";
import type { Route } from "./vendor-definition.ts";
import type { FakeWorld } from "./world.ts";

export interface FakeBatchItem {
  readonly key: string;
  readonly body: JsonObject;
}

/** `status` is that of the answer which the item got; cancelled and expired items got none. */
export type FakeOutcome =
  | { readonly key: string; readonly kind: "answered"; readonly status: number; readonly body: JsonObject }
  | { readonly key: string; readonly kind: "cancelled" }
  | { readonly key: string; readonly kind: "expired" };

export type FakeBatchState = "queued" | "running" | "cancelling" | "completed" | "cancelled" | "expired" | "failed";

export interface FakeBatch {
  readonly id: string;
  readonly items: readonly FakeBatchItem[];
  /** What the wire's row repeats. */
  readonly echo: JsonObject;
  /** What is wrong with the batch as a whole. */
  readonly flaw?: string;
  state: FakeBatchState;
  outcomes: readonly FakeOutcome[];
}

const EXPIRES = "fault-expired";

/** A question after a job moves it on. Makes the outcomes where it comes to rest. */
export async function moveOn(batch: FakeBatch, answer: (item: FakeBatchItem) => Promise<FakeOutcome>): Promise<void> {
  if (batch.state === "queued") batch.state = batch.flaw === undefined ? "running" : "failed";
  else if (batch.state === "cancelling") await rest(batch, "cancelled", answer);
  else if (batch.state === "running") {
    const expires = batch.items.some(({ key }) => key.startsWith(EXPIRES));
    await rest(batch, expires ? "expired" : "completed", answer);
  }
}

async function rest(
  batch: FakeBatch,
  state: "completed" | "cancelled" | "expired",
  answer: (item: FakeBatchItem) => Promise<FakeOutcome>,
): Promise<void> {
  const outcomes: FakeOutcome[] = [];
  for (const [index, item] of batch.items.entries()) {
    if (state === "cancelled" && index > 0) outcomes.push({ key: item.key, kind: "cancelled" });
    else if (item.key.startsWith(EXPIRES)) outcomes.push({ key: item.key, kind: "expired" });
    else outcomes.push(await answer(item));
  }
  batch.state = state;
  batch.outcomes = outcomes;
}

/** A call's route asked for an item. A fault of the connection is the vendor's own failure inside a batch. */
export async function answerThrough(
  handle: Route["handle"],
  item: FakeBatchItem,
  request: Pick<FakeRequest, "path" | "headers">,
  world: FakeWorld,
): Promise<FakeOutcome> {
  const call = { ...request, method: "POST", query: new URLSearchParams(), body: item.body, bytes: new Uint8Array() };
  try {
    const { reply, fault } = await handle(call, world);
    if (reply.kind === "stream" || (fault !== undefined && fault !== "error-in-200" && !HARMLESS.has(fault))) throw BROKEN;
    return outcomeOf(item.key, reply);
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown;
    return outcomeOf(item.key, thrown.reply);
  }
}

/** Faults that only a stream or a clock shows. */
const HARMLESS: ReadonlySet<string> = new Set(["slow-first-token", "no-terminator"]);

const BROKEN = new Refusal(500, {
  error: { message: "The server had an error while processing your request.", type: "server_error" },
});

function outcomeOf(key: string, reply: Exclude<Reply, { kind: "stream" }>): FakeOutcome {
  const body = parsedJson(typeof reply.body === "string" ? reply.body : Buffer.from(reply.body).toString("utf8"));
  return { key, kind: "answered", status: reply.status, body: isJsonObject(body) ? body : {} };
}
