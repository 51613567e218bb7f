/** `dragoman route test`: where one request would go, without sending it. */
import type { RoutePlan } from "@dragoman/gateway/offline";
import { type CompletionRequest, userMessage } from "@dragoman/llm";
import { createPalette } from "../palette.ts";
import { printable } from "../printable.ts";
import { tagsOf } from "../usage/call-filter.ts";
import { findGatewayConfiguration, type LedgerOptions } from "../usage/open-ledger.ts";
import { offlineRegistry } from "../usage/target-prices.ts";

interface TestOptions extends LedgerOptions {
  readonly team?: string;
  readonly agent?: string;
  readonly key: string;
  readonly tag?: readonly string[];
  readonly tools?: boolean;
  readonly jsonOutput?: boolean;
  readonly json?: boolean;
}

export async function testRoute(model: string, words: readonly string[], options: TestOptions): Promise<void> {
  const configuration = await findGatewayConfiguration(options);
  const { createRouter } = await import("@dragoman/gateway/offline");
  const registry = await offlineRegistry(configuration);
  try {
    const { key, team, agent } = options;
    const plan = createRouter({ configuration, registry }).preview(requestOf(model, words.join(" "), options), {
      principal: { key, restrictions: {}, ...(team === undefined ? {} : { team }) },
      ...(agent === undefined ? {} : { agent }),
    });
    if (options.json === true) console.log(JSON.stringify(asJson(plan), null, 2));
    else printPlan(plan);
  } finally {
    await registry.close();
  }
}

const ANY_TOOL = {
  name: "any_tool",
  description: "Stands for the tools of the request.",
  inputSchema: { type: "object" },
} as const;

function requestOf(model: string, text: string, { tag = [], tools, jsonOutput }: TestOptions): CompletionRequest {
  return {
    model,
    messages: text === "" ? [] : [userMessage(text)],
    ...(tag.length === 0 ? {} : { metadata: { tags: tagsOf(tag) } }),
    ...(tools === true ? { tools: [ANY_TOOL] } : {}),
    ...(jsonOutput === true ? { output: { type: "json" as const } } : {}),
  };
}

function asJson({ route, targets, decision }: RoutePlan): object {
  return { route, targets: targets.map(({ name, role, timeouts }) => ({ name, role, timeouts })), decision };
}

function printPlan({ route, targets, decision }: RoutePlan): void {
  const { bold, dim } = createPalette(process.stdout);
  const { strategy, candidates, complexity } = decision;
  console.log(bold(printable(route === undefined ? targets[0].name : `route ${route}, by ${strategy ?? "order"}`)));
  for (const [index, { name, role }] of targets.entries()) {
    const why = candidates.find(({ target }) => target === name)?.reasons ?? [];
    const reason = role === "overflow" ? "asked after a context window overflowed" : why.join("; ");
    console.log(`  ${printable(`${index + 1}. ${name}`)}${dim(printable(reason === "" ? "" : `  ${reason}`))}`);
  }
  for (const { target, reasons } of candidates.filter(({ eligible }) => !eligible))
    console.log(`  ${printable(`✗  ${target}`)}${dim(printable(`  ${reasons.join("; ")}`))}`);
  if (complexity !== undefined) {
    const why = complexity.reasons.length === 0 ? "" : `: it ${complexity.reasons.join(", ")}`;
    console.log(dim(printable(`  complexity ${complexity.score.toFixed(2)}, ${complexity.verdict}${why}`)));
  }
}
