/**
 * What one attempt used and cost: the vendor's word where there is one, else what was counted here, marked as estimated.
 * A stream and a completion come to the same, for both are settled from the same usage.
 */
import { type Cost, costOf, type DragomanError, mergeUsage, type Pricing, type Usage } from "@dragoman/llm";
import type { Amounts } from "../ledger/call-record.ts";

/** What is known of one attempt when it ends. */
export interface Counted {
  /** As far as the vendor has told. */
  readonly usage: Usage;
  /** The vendor's price, where the answer carries one. */
  readonly cost?: Cost | undefined;
  /** Characters of the answer that arrived. */
  readonly characters: number;
  /** It was to come in one piece: until then nobody sees how far it has been written. */
  readonly inOnePiece: boolean;
}

export interface Used {
  readonly usage: Usage;
  readonly costUsd?: number;
  readonly estimated: boolean;
  readonly catalogue?: string;
}

/** As in the library's own estimate. */
const CHARACTERS_PER_TOKEN = 3.6;

export const NOTHING_USED: Used = { usage: { inputTokens: 0, outputTokens: 0 }, costUsd: 0, estimated: false };

/** Of an answer that is complete. */
export function usedByAnswer(counted: Counted, estimate: Amounts, pricing: Pricing | undefined): Used {
  const { usage, cost } = counted;
  const isTold = usage.inputTokens !== undefined && usage.outputTokens !== undefined;
  if (!isTold) return priced(completed(counted, estimate), pricing);
  if (cost === undefined) return { usage, estimated: false };
  return { usage, costUsd: cost.totalUsd, estimated: cost.estimated === true, catalogue: cost.catalogue };
}

/** Of an answer that did not come, or not whole. */
export function usedByFailure(error: DragomanError, counted: Counted, estimate: Amounts, pricing: Pricing | undefined): Used {
  const arrived = counted.characters > 0 || counted.usage.inputTokens !== undefined;
  if (!arrived && wasTurnedAway(error)) return NOTHING_USED;
  // The vendor may have written all of it, or worked on until it saw that nobody reads: what was set aside is the best that is known.
  if (!arrived && (error.code === "aborted" || counted.inOnePiece)) return priced({ usage: amountsAsUsage(estimate) }, pricing);
  return priced(completed(counted, estimate), pricing);
}

/** Refused, sent elsewhere, or never reached: vendors do not bill what they answer with an error. An answer that had begun was written. */
function wasTurnedAway({ status, code }: DragomanError): boolean {
  return status === undefined ? NEVER_READ.has(code) : status >= 300;
}

const NEVER_READ: ReadonlySet<DragomanError["code"]> = new Set([
  "connection_failed",
  "configuration",
  "invalid_request",
  "unsupported",
  "schema_unsupported",
  "authentication",
  "overloaded",
  "rate_limited",
  "quota_exceeded",
  "provider_unavailable",
  "unknown_model",
]);

/** The figures that the vendor did not tell, from what arrived. What it reported at the start is not the whole of it. */
function completed({ usage, characters }: Counted, estimate: Amounts): { readonly usage: Usage } {
  const written = Math.ceil(characters / CHARACTERS_PER_TOKEN);
  return {
    usage: mergeUsage(usage, {
      inputTokens: usage.inputTokens ?? estimate.inputTokens,
      outputTokens: Math.max(usage.outputTokens ?? 0, written),
    }),
  };
}

function amountsAsUsage({ inputTokens, outputTokens }: Amounts): Usage {
  return { inputTokens, outputTokens };
}

function priced({ usage }: { readonly usage: Usage }, pricing: Pricing | undefined): Used {
  const cost = costOf(usage, pricing);
  return {
    usage,
    estimated: true,
    ...(cost === undefined ? {} : { costUsd: cost.totalUsd, catalogue: cost.catalogue }),
  };
}

/** What limits and budgets are charged. */
export function amountsOf({ usage, costUsd }: Used): Amounts {
  return {
    requests: 1,
    inputTokens: usage.inputTokens ?? 0,
    outputTokens: usage.outputTokens ?? 0,
    ...(costUsd === undefined ? {} : { usd: costUsd }),
  };
}

/** Several attempts of one call: one request, and all that they used. `usd` only where each is known. */
export function totalAmounts(all: readonly Amounts[]): Amounts {
  let inputTokens = 0;
  let outputTokens = 0;
  let usd: number | undefined = 0;
  for (const amounts of all) {
    inputTokens += amounts.inputTokens;
    outputTokens += amounts.outputTokens;
    usd = usd === undefined || amounts.usd === undefined ? undefined : usd + amounts.usd;
  }
  return { requests: 1, inputTokens, outputTokens, ...(usd === undefined ? {} : { usd }) };
}

/** Figures of several attempts together. One is known as soon as any attempt knows it: the record says `estimated` where not all do. */
export function totalUsage(usages: readonly Usage[]): Usage {
  const total: Record<string, number> = {};
  for (const usage of usages) {
    for (const [name, value] of Object.entries(usage)) {
      if (typeof value === "number") total[name] = (total[name] ?? 0) + value;
    }
  }
  return total;
}
