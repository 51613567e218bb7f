/** From a request for an answer to what goes out: read it, meet its fault, think, write the wire. */
import type { JsonObject } from "../../json.ts";
import { type Answer, type Question, think } from "./brain.ts";
import type { DeliveryFault, FailureKind, Fault } from "./faults.ts";
import { type FakeRequest, type Frame, jsonReply, type Reply, type WholeReply } from "./reply.ts";
import type { ScriptedFault, SocketFault } from "./scripted-fault.ts";
import type { FakeWorld } from "./world.ts";

/** What every wire finds out from a request; each adds what its answer repeats. */
export interface Reading {
  readonly model: string;
  readonly stream: boolean;
  readonly question: Question;
}

/** One wire's side of an answer. Reading checks the request as the vendor does and throws a Refusal. */
export interface GenerationWire<Read extends Reading> {
  read(request: FakeRequest, world: FakeWorld): Read;
  /** Called once per answer, before `whole` or `frames`; gives both the same ids and usage. */
  compose(read: Read, answer: Answer, world: FakeWorld): Composed;
  failure(kind: FailureKind, model: string, retryAfter: Fault["retryAfter"], world: FakeWorld): WholeReply;
}

/** An answer in the wire's own form, whole and as a stream. */
export interface Composed {
  readonly headers: Readonly<Record<string, string>>;
  readonly streamContentType: string;
  readonly body: JsonObject;
  readonly frames: readonly Frame[];
  readonly malformedFrame: string | Uint8Array;
  /** An error inside a stream of status 200. */
  readonly errorFrame: string | Uint8Array;
  /** An error inside a body of status 200. */
  readonly errorBody: JsonObject;
}

export interface Delivery {
  readonly reply: Reply;
  readonly fault?: DeliveryFault | SocketFault | undefined;
}

export function generate<Read extends Reading>(request: FakeRequest, wire: GenerationWire<Read>, world: FakeWorld): Delivery {
  const read = wire.read(request, world);
  const scripted = world.script(read.model);
  if (scripted?.type === "raw") return { reply: { kind: "whole", ...scripted } };
  if (scripted?.type === "error") return { reply: refused(world, scripted) };
  const fault = world.takeFault(scripted?.type === "named" ? scripted.name : read.model);
  const action = fault?.action;
  if (action?.type === "refusal") throw world.refuse(action.status, action.message);
  if (action?.type === "failure") return { reply: wire.failure(action.kind, read.model, fault?.retryAfter, world) };
  const answer = think(read.question, action?.type === "answer" ? action.finish : undefined);
  const composed = wire.compose(read, answer, world);
  const named = action?.type === "delivery" ? action.how : undefined;
  const how = scripted?.type === "delivery" ? scripted.how : named;
  return { reply: read.stream ? streamReply(composed) : wholeReply(composed, how), fault: how };
}

function streamReply(composed: Composed): Reply {
  const { frames, malformedFrame, errorFrame } = composed;
  return {
    kind: "stream",
    headers: { "content-type": composed.streamContentType, ...composed.headers },
    frames,
    malformedFrame,
    errorFrame,
  };
}

function wholeReply(composed: Composed, how: Delivery["fault"]): Reply {
  const failed = how === "error-in-200" || how === "error-at-once";
  return jsonReply(200, failed ? composed.errorBody : composed.body, composed.headers);
}

function refused(world: FakeWorld, { status, message, headers }: Extract<ScriptedFault, { type: "error" }>): WholeReply {
  const { reply } = world.refuse(status, message);
  return { ...reply, headers: { ...reply.headers, ...headers } };
}

/** `retry-after` in whole seconds, or `retry-after-ms`, for vendors that say it in headers. */
export function retryHeaders(retryAfter: Fault["retryAfter"]): Record<string, string> {
  if (retryAfter === undefined) return {};
  return retryAfter.fraction ? { "retry-after-ms": String(retryAfter.ms) } : { "retry-after": String(retryAfter.ms / 1000) };
}
