/** A configuration, and calls that end in every way: what figures are tried with. */
import { fold } from "@dragoman/llm";
import { asking } from "../calls/gateway-fixture.ts";
import type { ServedGateway } from "./served-gateway.ts";

export const OPENAI = "openai:gpt-4.1-mini";
const ANTHROPIC = "anthropic:claude-sonnet-4-5";
const MINUTE = { type: "rolling", ms: 60_000 } as const;

/** Answered, streamed, from the cache, by a fallback, refused by a limit, failed, left by its caller. */
export async function makeCalls({ gateway }: ServedGateway): Promise<void> {
  const search = gateway.as({ principal: { key: "k_one", team: "search", restrictions: {} } });
  await search.complete(asking("smart", "one"));
  await search.complete(asking("smart", "one"));
  await fold(search.stream(asking("smart", "two")));
  await search.complete(asking("unlucky", "three"));
  await gateway.complete(asking("scarce", "four"));
  await gateway.complete(asking("scarce", "five")).catch(() => {});
  await gateway.complete(asking("hopeless", "six")).catch(() => {});
  for await (const event of gateway.stream(asking("smart", "seven"))) if (event.type === "text-delta") break;
}

export const CONFIGURATION = {
  models: {
    smart: OPENAI,
    unlucky: { targets: ["openai:fault-overloaded"], fallback: [ANTHROPIC] },
    scarce: OPENAI,
    hopeless: "openai:fault-500",
  },
  limits: [{ name: "scarce", metric: "requests", amount: 1, window: MINUTE, of: { route: ["scarce"] } }],
  cache: { enabled: true },
  failing: { attemptsPerTarget: 1 },
} as const;
