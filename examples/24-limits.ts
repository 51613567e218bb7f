/** Limits and budgets: a rate that says when to come back, a budget that says it is used up, a line in which calls wait their turn. */
import { completeConfiguration, createGateway } from "@dragoman/gateway";
import { toDragomanError, userMessage } from "@dragoman/llm";
import { startFakeVendor } from "@dragoman/llm/testing";

const vendor = await startFakeVendor("openai", { chunkDelayMs: 1 });
const MINUTE = { type: "rolling", ms: 60_000 } as const;
const DAY = { type: "calendar", unit: "day", timeZone: "UTC" } as const;
const configuration = completeConfiguration({
  providers: { openai: { baseUrl: vendor.baseUrl } },
  models: { slow: "openai:gpt-4.1-mini", thrifty: "openai:gpt-4.1-mini", narrow: "openai:gpt-4.1-mini" },
  limits: [
    { name: "one a minute", metric: "requests", amount: 1, window: MINUTE, of: { route: ["slow"] } },
    {
      name: "one at a time",
      metric: "concurrency",
      amount: 1,
      of: { route: ["narrow"] },
      overflow: { type: "queue", waitMaxMs: 5_000, lengthMax: 10 },
    },
  ],
  budgets: [{ name: "a tenth of a cent", metric: "usd", amount: 0.001, window: DAY, of: { route: ["thrifty"] }, warnAt: [0.5] }],
});
const gateway = await createGateway(configuration, { environment: { OPENAI_API_KEY: "sk-example" } });

async function ask(model: string, maxOutputTokens: number): Promise<string> {
  const messages = [userMessage("Count to five.")];
  return gateway.complete({ model, messages, maxOutputTokens }).then(
    ({ warnings }) => `${model}: answered ${warnings.map(({ detail }) => detail).join()}`,
    (thrown: unknown) => `${model}: ${toDragomanError(thrown).code} ${toDragomanError(thrown).message}`,
  );
}

for (const model of ["slow", "slow"]) console.log(await ask(model, 100));
for (const length of [500, 2_000]) console.log(await ask("thrifty", length));
console.log((await Promise.all([1, 2, 3].map(() => ask("narrow", 100)))).join("\n"));
await gateway.close();
await vendor.close();
