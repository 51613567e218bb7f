/** What the complexity scorer says of logged calls, and what it would have saved had it acted. */

import type { ComplexityConfiguration, GatewayConfiguration } from "@dragoman/gateway";
import type { CallRecord } from "@dragoman/gateway/ledger";
import type { LedgerReader } from "@dragoman/gateway/offline";
import { costOf } from "@dragoman/llm";
import { loggedRequest } from "./logged-request.ts";
import type { PriceOf } from "./target-prices.ts";

/** Calls of one route and one verdict. */
export interface VerdictRow {
  readonly route: string;
  readonly verdict: "simple" | "hard" | "abstained";
  readonly calls: number;
  /** What they cost in fact. */
  readonly costUsd: number;
  /** What the same tokens cost at the simple target; for what is not simple: what they cost in fact. */
  readonly actedUsd: number;
  /** Calls of which either price is not known; they are in no sum. */
  readonly unpriced: number;
  readonly examples: readonly string[];
}

export interface EvaluationReport {
  readonly rows: readonly VerdictRow[];
  readonly costUsd: number;
  readonly actedUsd: number;
  /** Calls whose text was not kept and whose record has no verdict. */
  readonly unread: number;
  /** Of calls judged before and again now: how many came to the same. */
  readonly rejudged: number;
  readonly agreed: number;
}

export interface EvaluationOptions {
  readonly configuration: GatewayConfiguration;
  readonly priceOf: PriceOf;
  /** In the place of the routes' own. As `provider:model`. */
  readonly simple?: string;
}

const EXAMPLES = 3;
const EXAMPLE_LENGTH = 80;
const DEFAULTS = { mode: "shadow", simpleBelow: 0.35, margin: 0.1 } as const;

interface Tally {
  route: string;
  verdict: VerdictRow["verdict"];
  calls: number;
  costUsd: number;
  actedUsd: number;
  unpriced: number;
  examples: string[];
}

export async function evaluateComplexity(
  ledger: Pick<LedgerReader, "content">,
  calls: AsyncIterable<CallRecord>,
  options: EvaluationOptions,
): Promise<EvaluationReport> {
  const { judgeComplexity } = await import("@dragoman/gateway/offline");
  const tallies = new Map<string, Tally>();
  const counts = { unread: 0, rejudged: 0, agreed: 0 };
  for await (const call of calls) {
    const settings = settingsOf(call, options);
    if (settings === undefined || call.outcome !== "answered") continue;
    const { request, hasContent } = await loggedRequest(ledger, call);
    const before = call.decision.complexity?.verdict;
    const verdict = hasContent ? judgeComplexity(request, settings)?.verdict : before;
    if (verdict === undefined) {
      counts.unread += 1;
      continue;
    }
    if (hasContent && before !== undefined) {
      counts.rejudged += 1;
      if (before === verdict) counts.agreed += 1;
    }
    add(
      tallyOf(tallies, call.route ?? call.asked, verdict),
      call,
      settings,
      options.priceOf,
      hasContent ? excerpt(request) : undefined,
    );
  }
  const rows = [...tallies.values()].toSorted(
    (left, right) => compareTexts(left.route, right.route) || compareTexts(right.verdict, left.verdict),
  );
  return {
    rows,
    costUsd: rows.reduce((sum, row) => sum + row.costUsd, 0),
    actedUsd: rows.reduce((sum, row) => sum + row.actedUsd, 0),
    ...counts,
  };
}

function compareTexts(left: string, right: string): number {
  return left === right ? 0 : left < right ? -1 : 1;
}

/** Undefined for a call of a route that has no simple target. */
function settingsOf(call: CallRecord, { configuration, simple }: EvaluationOptions): ComplexityConfiguration | undefined {
  const { models } = configuration;
  const own = call.route !== undefined && Object.hasOwn(models, call.route) ? models[call.route]?.complexity : undefined;
  const named = simple ?? own?.simple;
  if (named === undefined) return undefined;
  return { ...DEFAULTS, ...own, mode: "shadow", simple: named };
}

function tallyOf(tallies: Map<string, Tally>, route: string, verdict: VerdictRow["verdict"]): Tally {
  const name = `${route}\n${verdict}`;
  const tally = tallies.get(name) ?? { route, verdict, calls: 0, costUsd: 0, actedUsd: 0, unpriced: 0, examples: [] };
  tallies.set(name, tally);
  return tally;
}

function add(
  tally: Tally,
  call: CallRecord,
  { simple }: ComplexityConfiguration,
  priceOf: PriceOf,
  example: string | undefined,
): void {
  const colon = simple.indexOf(":");
  const pricing = priceOf(simple.slice(0, colon), simple.slice(colon + 1));
  const acted =
    tally.verdict === "simple" ? costOf(call.usage, pricing, "standard", new Date(call.startedAt))?.totalUsd : call.costUsd;
  tally.calls += 1;
  if (acted === undefined || call.costUsd === undefined) tally.unpriced += 1;
  else {
    tally.costUsd += call.costUsd;
    tally.actedUsd += acted;
  }
  if (example !== undefined && tally.examples.length < EXAMPLES) tally.examples.push(example);
}

function excerpt({
  messages,
}: {
  readonly messages: readonly {
    readonly role: string;
    readonly parts: readonly { readonly type: string; readonly text?: unknown }[];
  }[];
}): string {
  const question = messages.findLast(({ role }) => role === "user");
  const text = question?.parts.map((part) => (typeof part.text === "string" ? part.text : "")).join(" ") ?? "";
  const line = text
    .slice(0, EXAMPLE_LENGTH * 4)
    .replaceAll(/\s+/g, " ")
    .trim();
  return line.length <= EXAMPLE_LENGTH ? line : `${line.slice(0, EXAMPLE_LENGTH - 1)}…`;
}
