import type { VendorCharge } from "./provider-definition.ts";
import type { Cost, Usage } from "./usage.ts";

/** Stands on a cost that the vendor itself told, where others have the version of a price list. */
export const CHARGED_BY_VENDOR = "vendor";

/**
 * What an answer cost: the vendor's own word where it gave one, else what the prices come to. The vendor's total is taken as
 * it is. What it charges for tools is taken out first: as it says, or else as the prices say. The rest is divided between
 * input and output as the vendor says, or else as the prices do; where neither is known, by tokens, and the cost is marked
 * as estimated.
 */
export function chargedCost(charge: VendorCharge | undefined, usage: Usage, priced: Cost | undefined): Cost | undefined {
  if (charge === undefined) return priced;
  const { totalUsd } = charge;
  const toolsUsd = Math.min(totalUsd, charge.toolsUsd ?? priced?.toolsUsd ?? 0);
  const tokensUsd = totalUsd - toolsUsd;
  const told = inputShare(charge.inputUsd, charge.outputUsd) ?? inputShare(priced?.inputUsd, priced?.outputUsd);
  const share = told ?? inputShare(usage.inputTokens, usage.outputTokens) ?? 0;
  const isEstimated = told === undefined && tokensUsd > 0;
  return {
    totalUsd,
    inputUsd: tokensUsd * share,
    outputUsd: tokensUsd - tokensUsd * share,
    ...(toolsUsd === 0 ? {} : { toolsUsd }),
    catalogue: CHARGED_BY_VENDOR,
    ...(isEstimated ? { estimated: true } : {}),
  };
}

function inputShare(input: number | undefined, output: number | undefined): number | undefined {
  return input === undefined || output === undefined || input + output <= 0 ? undefined : input / (input + output);
}
