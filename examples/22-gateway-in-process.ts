/** A gateway inside a program: one provider with routes, a fallback and a budget behind it, and every call in a ledger. */
import { completeConfiguration, createGateway } from "@dragoman/gateway";
import { textOf, userMessage } from "@dragoman/llm";
import { startFakeVendor } from "@dragoman/llm/testing";

// In place of the vendors, the first of them overloaded. Without `baseUrl` they are asked themselves, with the keys of the environment.
const openai = await startFakeVendor("openai", { script: () => ({ type: "named", name: "fault-overloaded" }) });
const anthropic = await startFakeVendor("anthropic");
const environment = { OPENAI_API_KEY: "sk-example", ANTHROPIC_API_KEY: "sk-example" };

const configuration = completeConfiguration({
  providers: { openai: { baseUrl: openai.baseUrl }, anthropic: { baseUrl: anthropic.baseUrl } },
  models: { smart: { targets: ["openai:gpt-4.1-mini"], fallback: ["anthropic:claude-sonnet-4-5"] } },
  budgets: [{ name: "everything", metric: "usd", amount: 0.02, window: { type: "calendar", unit: "month", timeZone: "UTC" } }],
  failing: { attemptsPerTarget: 1 },
});
const gateway = await createGateway(configuration, { environment });

const call = { model: "smart", messages: [userMessage("Who answers?")] };
const { message, origin, warnings } = await gateway.complete(call);
console.log(`${origin.provider}:${origin.model} answered: ${textOf(message)}`);
for (const { type, detail } of warnings) console.log(`${type}: ${detail}`);

const [standing] = gateway.meter.standings();
console.log(`spent ${standing?.used} of ${standing?.amount} USD`);

const [record] = (await gateway.ledger.calls({ countMax: 1 })).calls;
for (const { number, provider, model, outcome, code } of record?.attempts ?? []) {
  console.log(`attempt ${number}: ${provider}:${model} ${outcome}${code === undefined ? "" : `, ${code}`}`);
}
await gateway.close();
await Promise.all([openai.close(), anthropic.close()]);
