/** The ledger: what calls used and cost, by whatever one asks, and one call with all that was done for it. */
import { completeConfiguration, createGateway, usageToCsv } from "@dragoman/gateway";
import { userMessage } from "@dragoman/llm";
import { startFakeVendor } from "@dragoman/llm/testing";

const vendor = await startFakeVendor("openai", { models: ["gpt-4.1"] });
const configuration = completeConfiguration({
  providers: { openai: { baseUrl: vendor.baseUrl } },
  models: { smart: { targets: ["openai:fault-500"], fallback: ["openai:gpt-4.1"] }, fast: "openai:gpt-4.1-mini" },
  failing: { attemptsPerTarget: 1 },
});
const gateway = await createGateway(configuration, { environment: { OPENAI_API_KEY: "sk-example" } });

for (const [team, agent, model] of [
  ["search", "planner", "smart"],
  ["search", "writer", "fast"],
  ["ads", "writer", "fast"],
] as const) {
  const caller = gateway.as({ principal: { key: `k_${team}`, team, restrictions: {} }, agent });
  await caller.complete({ model, messages: [userMessage("Hello")], metadata: { session: "s-1", tags: { release: "7" } } });
}

const today = { from: Date.now() - 86_400_000, to: Date.now() + 1 };
for (const { by, calls, attempts, costUsd } of await gateway.ledger.usage({ ...today, by: ["team", "model"] })) {
  console.log(`${by.team} ${by.model}: ${calls} calls, ${attempts} attempts, ${costUsd} USD`);
}
console.log(usageToCsv(await gateway.ledger.usage({ by: ["tag:release"] }), ["tag:release"]));

const [call] = (await gateway.ledger.calls({ of: { agent: ["planner"] } })).calls;
console.log(`${call?.asked} went to ${call?.provider}:${call?.model} after ${call?.attempts[0]?.code}: ${call?.outcome}`);
for (const { target, reasons } of call?.decision.candidates ?? []) console.log(`  ${target}: ${reasons.join(", ")}`);
await gateway.close();
await vendor.close();
