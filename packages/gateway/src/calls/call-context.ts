/** How a governed call is known again by what runs beneath the policies: it rides on the call under a symbol, which no JSON shows. */
import { type CompletionCall, DragomanError } from "@dragoman/llm";
import type { GovernedCall } from "./governed-call.ts";

const GOVERNED: unique symbol = Symbol("dragoman.governed-call");

interface Carrying {
  readonly [GOVERNED]?: GovernedCall;
}

export function withGoverned(call: CompletionCall, governed: GovernedCall): CompletionCall {
  const carrying: CompletionCall & Carrying = { ...call, signal: governed.signal, [GOVERNED]: governed };
  return carrying;
}

/** Throws `internal` for a call that did not come through the gateway. */
export function governedOf(call: CompletionCall & Carrying): GovernedCall {
  const governed = call[GOVERNED];
  if (governed !== undefined) return governed;
  throw new DragomanError({ code: "internal", detail: "a call reached a target of the gateway without having been admitted" });
}
