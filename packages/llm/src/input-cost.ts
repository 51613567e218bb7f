import { chargedCost } from "./charged-cost.ts";
import type { Origin } from "./message.ts";
import type { ModelKnowledge } from "./model-knowledge.ts";
import { costOf } from "./pricing.ts";
import type { ProviderHooks } from "./provider-definition.ts";
import type { Cost, Usage } from "./usage.ts";

/**
 * What an answer cost for which a model read and wrote nothing, as vectors and ranks: the vendor's own word, else what the
 * prices come to. It is all input, so a rate for output is not needed.
 */
export function inputCost(
  { origin, usage }: { readonly origin: Origin; readonly usage: Usage },
  model: string,
  known: ModelKnowledge,
  charged: ProviderHooks["charged"],
): Cost | undefined {
  const read: Usage = { ...usage, outputTokens: 0 };
  const pricing = known.pricing(origin.model) ?? known.pricing(model);
  const priced = costOf(read, pricing && { ...pricing, outputPerMillionUsd: 0 });
  const charge = charged?.({ usage });
  return chargedCost(charge && { ...charge, inputUsd: charge.totalUsd, outputUsd: 0 }, read, priced);
}
