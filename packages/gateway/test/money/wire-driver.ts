/** Makes the calls of a wire schedule, many at once, and keeps what their callers saw. */
import { setImmediate as nextTurn } from "node:timers/promises";
import { type CompletionCall, DragomanError, type StreamEvent } from "@dragoman/llm";
import type { Gateway } from "../../src/gateway.ts";
import { principalOf, secretOf } from "./keys.ts";
import { nanoOf } from "./prices.ts";
import { OUTPUT_TOKENS_MAX } from "./wire-gateway.ts";
import { routeOf, type WireCall } from "./wire-plan.ts";

/** What a caller was left with. */
export type WireSeen =
  | { readonly type: "answered"; readonly nano: number | undefined }
  | { readonly type: "failed"; readonly code: string }
  | { readonly type: "left" };

export interface MadeWireCall {
  readonly id: string;
  readonly plan: WireCall;
  /** Undefined while it is under way. */
  seen: WireSeen | undefined;
}

/** One way to a gateway: as a function, or over HTTP. */
export type Door = (made: MadeWireCall) => Promise<WireSeen>;

export interface Drive {
  /** A letter, by which calls of several drives are told apart. */
  readonly letter: string;
  readonly plans: readonly WireCall[];
  /** Asked once a call, before it begins; what happens in the middle happens here. */
  readonly doorOf: (index: number) => Door | Promise<Door>;
  readonly onBegin?: (made: MadeWireCall) => void;
  readonly onEnd?: (made: MadeWireCall) => void;
}

/** Resolves when all have ended. */
export async function drive({ letter, plans, doorOf, onBegin, onEnd }: Drive): Promise<readonly MadeWireCall[]> {
  const all: MadeWireCall[] = [];
  const underWay = new Set<Promise<void>>();
  for (const [index, plan] of plans.entries()) {
    while (underWay.size >= plan.atOnce) await Promise.race(underWay);
    const door = await doorOf(index);
    const made: MadeWireCall = { id: `call-${letter}${String(index).padStart(5, "0")}`, plan, seen: undefined };
    all.push(made);
    onBegin?.(made);
    const running = door(made).then((seen) => {
      made.seen = seen;
      underWay.delete(running);
      onEnd?.(made);
    });
    underWay.add(running);
  }
  await Promise.all(underWay);
  return all;
}

export function functionDoor(gateway: Gateway): Door {
  return async (made) => {
    const { plan, id } = made;
    const provider = gateway.as({ principal: principalOf(plan.key), requestId: id });
    const controller = new AbortController();
    const call = askedOf(made, controller.signal);
    leaveLater(plan, controller);
    try {
      if (plan.way === "complete") return answered((await provider.complete(call)).cost?.totalUsd);
      let count = 0;
      for await (const event of provider.stream(call)) {
        if (event.type === "finish") return answered(event.cost?.totalUsd);
        if (event.type === "error") return failed(event.error);
        count += 1;
        if (plan.leaves?.type === "stop-reading" && count > plan.leaves.after) return { type: "left" };
      }
      return { type: "left" };
    } catch (thrown) {
      return failed(thrown);
    }
  };
}

/** Begins a stream and reads no further than its first event. Resolves when that is there. */
export async function holdStream(gateway: Gateway, made: MadeWireCall): Promise<AsyncIterator<StreamEvent>> {
  const provider = gateway.as({ principal: principalOf(made.plan.key), requestId: made.id });
  const events = provider.stream(askedOf(made, new AbortController().signal))[Symbol.asyncIterator]();
  const first = await events.next();
  if (first.done === true || first.value.type !== "start") throw new Error(`${made.id} does not begin`);
  return events;
}

/** As a client of the OpenAI wire. */
export function httpDoor(url: string): Door {
  return async (made) => {
    const { plan, id } = made;
    const controller = new AbortController();
    leaveLater(plan, controller);
    try {
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${secretOf(plan.key)}`,
          "x-dragoman-tags": `call=${id}`,
        },
        body: JSON.stringify({
          model: routeOf(plan),
          messages: [{ role: "user", content: promptOf(made) }],
          max_completion_tokens: OUTPUT_TOKENS_MAX,
          ...(plan.way === "stream" ? { stream: true } : {}),
        }),
        signal: controller.signal,
      });
      if (!response.ok) {
        await response.body?.cancel();
        return { type: "failed", code: String(response.status) };
      }
      if (plan.way === "stream") return await readStream(response, plan);
      await response.json();
      const cost = response.headers.get("x-dragoman-cost-usd");
      return answered(cost === null ? undefined : Number(cost));
    } catch {
      return { type: "left" };
    }
  };
}

async function readStream({ body }: Response, { leaves }: WireCall): Promise<WireSeen> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const bytes of body ?? []) {
    text += decoder.decode(bytes, { stream: true });
    // Leaving the loop closes the connection.
    if (leaves?.type === "stop-reading" && text.split("\n\n").length > leaves.after) return { type: "left" };
  }
  if (text.includes('"error"')) return { type: "failed", code: "in the stream" };
  return text.includes("[DONE]") ? answered(undefined) : { type: "left" };
}

function askedOf(made: MadeWireCall, signal: AbortSignal): CompletionCall {
  return {
    model: routeOf(made.plan),
    messages: [{ role: "user", parts: [{ type: "text", text: promptOf(made) }] }],
    maxOutputTokens: OUTPUT_TOKENS_MAX,
    metadata: { tags: { call: made.id } },
    signal,
  };
}

/** Names its call, by which the vendor's requests are known again. */
function promptOf({ id, plan }: MadeWireCall): string {
  return `${id}${" words".repeat(plan.words)}`;
}

/** Turns of the event loop for one of `after`: so that callers leave in all parts of a call. */
const TURNS_A_STEP = 8;

function leaveLater({ leaves, way }: WireCall, controller: AbortController): void {
  if (leaves === undefined || (leaves.type === "stop-reading" && way === "stream")) return;
  void (async () => {
    for (let turn = 0; turn < leaves.after * TURNS_A_STEP; turn += 1) await nextTurn();
    controller.abort();
  })();
}

function answered(costUsd: number | undefined): WireSeen {
  return { type: "answered", nano: costUsd === undefined ? undefined : nanoOf(costUsd) };
}

function failed(thrown: unknown): WireSeen {
  if (!DragomanError.is(thrown)) throw thrown;
  return { type: "failed", code: thrown.code };
}
