/** What one answer cost: the vendor's own word, else the prices of what it bills. */
import { chargedCost } from "./charged-cost.ts";
import type { Completion } from "./completion.ts";
import { costOf, type Pricing } from "./pricing.ts";
import type { ProviderHooks } from "./provider-definition.ts";
import type { Cost } from "./usage.ts";

/** Undefined when it is unknown. A batch's rates where `mode` says so. */
export function answerCost(
  answer: Pick<Completion, "usage" | "createdAt">,
  pricing: Pricing | undefined,
  { charged, billed }: Pick<ProviderHooks, "charged" | "billed">,
  mode: "standard" | "batch" = "standard",
): Cost | undefined {
  const { usage, createdAt } = answer;
  const bill = billed?.(usage);
  const priced = costOf(bill ?? usage, pricing, mode, createdAt === undefined ? undefined : createdAt * 1000);
  // The vendor bills other figures than it counts, and has not told them.
  const isGuessed = billed !== undefined && bill === undefined && priced !== undefined;
  return chargedCost(charged?.(answer), usage, isGuessed ? { ...priced, estimated: true } : priced);
}
