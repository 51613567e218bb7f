/** An answer that is no conversation, as vectors and ranks: the fault of its model's name, or the body. */
import type { JsonObject, JsonValue } from "../../../json.ts";
import type { FailureKind, Fault } from "../faults.ts";
import type { Delivery } from "../generate.ts";
import { jsonReply, type WholeReply } from "../reply.ts";
import type { FakeWorld } from "../world.ts";

export type FailureWriter = (kind: FailureKind, model: string, retryAfter: Fault["retryAfter"], world: FakeWorld) => WholeReply;

/** `answer` is asked only where the fault lets an answer come about. */
export function plainDelivery(
  model: string,
  world: FakeWorld,
  failure: FailureWriter,
  answer: () => JsonObject | readonly JsonValue[],
): Delivery {
  const fault = world.takeFault(model);
  const action = fault?.action;
  if (action?.type === "refusal") throw world.refuse(action.status, action.message);
  if (action?.type === "failure") return { reply: failure(action.kind, model, fault?.retryAfter, world) };
  const body = answer();
  const reply = { ...jsonReply(200, {}), body: JSON.stringify(body) };
  return { reply, fault: action?.type === "delivery" ? action.how : undefined };
}
