/**
 * A provider without a wire that goes on only when it is let: each step of each answer waits at a gate, and the schedule opens
 * one gate at a time. So the interleaving is the schedule's, and the same whenever it runs. It keeps a book of what it was asked and what
 * it told, for the ledger to be held against.
 */
import {
  type Completion,
  type CompletionCall,
  costOf,
  createFold,
  DragomanError,
  type ErrorCode,
  type Provider,
  type StreamEvent,
  UNKNOWN_CAPABILITIES,
  type Usage,
} from "@dragoman/llm";
import type { Gates } from "./gates.ts";
import { ratesOf, type TokenPrice } from "./prices.ts";

export interface Told {
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly outputTokens: number;
}

/** What one request meets. */
export type Met =
  /** A whole answer; `tells`: how much the vendor says of its usage. */
  | { readonly type: "answer"; readonly told: Told; readonly pieces: number; readonly tells: "all" | "input" | "nothing" }
  /** Nothing but an error. */
  | { readonly type: "refuse"; readonly code: ErrorCode; readonly status?: number }
  /** Ends after so many pieces. */
  | {
      readonly type: "break";
      readonly code: ErrorCode;
      readonly told: Told;
      readonly pieces: number;
      readonly tells: "input" | "nothing";
    }
  /** Says nothing more after so many pieces, until it is given up. */
  | { readonly type: "stall"; readonly pieces: number };

/** One request as the vendor saw it. */
export interface VendorEntry {
  readonly call: string;
  readonly target: string;
  readonly met: Met;
  /** Characters that went out. */
  characters: number;
  /** The usage that went out so far. */
  usage: Usage;
}

export interface GatedVendorOptions {
  readonly id: string;
  readonly price: TokenPrice;
  readonly gates: Gates;
  /** What the next request of a call meets. */
  readonly meets: (call: string) => Met;
  readonly book: VendorEntry[];
}

/** Under which tag a call says which one it is. */
export const CALL_TAG = "call";
const PIECE = "so it goes ";

export function createGatedVendor({ id, price, gates, meets, book }: GatedVendorOptions): Provider {
  const pricing = { ...ratesOf(price), catalogue: "money" };

  function begin({ model, metadata }: CompletionCall): VendorEntry {
    const call = metadata?.tags?.[CALL_TAG] ?? "";
    const entry: VendorEntry = { call, target: `${id}:${model}`, met: meets(call), characters: 0, usage: {} };
    book.push(entry);
    return entry;
  }

  function failure(code: ErrorCode, model: string, status?: number): DragomanError {
    return new DragomanError({
      code,
      provider: id,
      model,
      detail: "as the schedule says",
      ...(status === undefined ? {} : { status }),
    });
  }

  /** Waits for its turn; what the caller ends is an error. */
  async function turn({ signal, model }: CompletionCall): Promise<void> {
    if (!(await gates.pass(signal))) throw failure("aborted", model);
  }

  async function complete(call: CompletionCall): Promise<Completion> {
    const entry = begin(call);
    const { met } = entry;
    await turn(call);
    if (met.type === "refuse") throw failure(met.code, call.model, met.status);
    if (met.type === "break") throw failure(met.code, call.model);
    await turn(call);
    if (met.type === "stall") throw failure("timeout", call.model);
    entry.usage = toldOf(met.told, met.tells);
    const text = PIECE.repeat(met.pieces);
    entry.characters = text.length;
    const origin = { dialect: "gated", provider: id, model: call.model };
    const cost = costOf(entry.usage, pricing);
    return {
      id: "gated",
      origin,
      message: { role: "assistant", parts: [{ type: "text", text }], origin },
      finish: { reason: "stop" },
      usage: entry.usage,
      ...(cost === undefined ? {} : { cost }),
      warnings: [],
    };
  }

  async function* stream(call: CompletionCall): AsyncGenerator<StreamEvent, void, undefined> {
    const folded = createFold();
    try {
      for await (const event of answer(call)) {
        folded.push(event);
        yield event;
      }
    } catch (thrown) {
      if (!DragomanError.is(thrown)) throw thrown;
      for (const end of folded.endsOfOpenParts()) yield end;
      yield { type: "error", error: thrown, partial: folded.completion() };
    }
  }

  /** As `stream`, but for failures, which it throws. */
  async function* answer(call: CompletionCall): AsyncGenerator<StreamEvent, void, undefined> {
    const entry = begin(call);
    const { met } = entry;
    await turn(call);
    if (met.type === "refuse") throw failure(met.code, call.model, met.status);
    yield { type: "start", id: "gated", origin: { dialect: "gated", provider: id, model: call.model } };
    if (met.type !== "stall" && met.tells !== "nothing") {
      entry.usage = toldOf(met.told, "input");
      yield { type: "usage", usage: entry.usage };
    }
    yield { type: "text-start", index: 0 };
    for (let piece = 0; piece < met.pieces; piece += 1) {
      await turn(call);
      entry.characters += PIECE.length;
      yield { type: "text-delta", index: 0, text: PIECE };
    }
    await turn(call);
    if (met.type === "stall") throw failure("timeout", call.model);
    if (met.type === "break") throw failure(met.code, call.model);
    yield { type: "text-end", index: 0 };
    entry.usage = toldOf(met.told, met.tells);
    const cost = costOf(entry.usage, pricing);
    yield { type: "finish", finish: { reason: "stop" }, usage: entry.usage, ...(cost === undefined ? {} : { cost }) };
  }

  return {
    id,
    supports: () => true,
    models: async () => [],
    capabilities: () => UNKNOWN_CAPABILITIES,
    pricing: () => pricing,
    countTokens: () => Promise.reject(failure("unsupported", "")),
    complete,
    stream,
    availability: async () => ({ available: true }),
  };
}

function toldOf({ inputTokens, cacheReadTokens, outputTokens }: Told, tells: "all" | "input" | "nothing"): Usage {
  if (tells === "nothing") return {};
  return { inputTokens, cacheReadTokens, ...(tells === "all" ? { outputTokens } : {}) };
}
