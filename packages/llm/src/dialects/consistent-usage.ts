import type { Usage } from "../usage.ts";

const PARTS = [
  ["cacheReadTokens", "inputTokens"],
  ["cacheWriteTokens", "inputTokens"],
  ["cacheWriteOneHourTokens", "cacheWriteTokens"],
  ["reasoningTokens", "outputTokens"],
] as const satisfies readonly (readonly [keyof Usage, keyof Usage])[];

/**
 * Usage in which no part is more than its total. A part that is too large is a vendor's mistake: it goes back to what an
 * earlier, consistent report said, or to unknown, and so does the total where that is not enough. `raw` keeps the report.
 */
export function consistentUsage(usage: Usage, earlier: Usage = {}): Usage {
  if (!PARTS.some(([part, total]) => isTooLarge(usage, part, total))) return usage;
  let settled = usage;
  // What goes back may be too large for another total; each round settles one pair for good.
  for (const _round of PARTS) {
    for (const [part, total] of PARTS) {
      if (isTooLarge(settled, part, total)) settled = goneBack(settled, part, earlier);
      if (isTooLarge(settled, part, total)) settled = goneBack(settled, total, earlier);
    }
  }
  return settled;
}

type Count = (typeof PARTS)[number][number];

function isTooLarge(usage: Usage, part: Count, total: Count): boolean {
  const partCount = usage[part];
  const totalCount = usage[total];
  return partCount !== undefined && totalCount !== undefined && partCount > totalCount;
}

function goneBack(usage: Usage, figure: Count, earlier: Usage): Usage {
  const { [figure]: _wrong, ...rest } = usage;
  const before = earlier[figure];
  return before === undefined ? rest : { ...rest, [figure]: before };
}
