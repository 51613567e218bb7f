/** Keys of one's own in front of the vendors': a team with two models, a key that is shown once, and what it may not do. */
import { completeConfiguration, createGateway, createServer } from "@dragoman/gateway";
import { startFakeVendor } from "@dragoman/llm/testing";

const vendor = await startFakeVendor("openai", { models: ["gpt-4.1"] });
const configuration = completeConfiguration({
  providers: { openai: { baseUrl: vendor.baseUrl } },
  models: { smart: "openai:gpt-4.1", fast: "openai:gpt-4.1-mini", dear: "openai:gpt-5" },
  teams: { search: { models: ["smart", "fast"] } },
});
const gateway = await createGateway(configuration, { environment: { OPENAI_API_KEY: "sk-example" } });
const server = createServer({ gateway });
const url = await server.listen({ port: 0 });

const { key, entry } = await gateway.tenancy.createKey({ name: "anna", team: "search" }, "example");
console.log(`${entry.id} is ${entry.name}'s, of team ${entry.team}; the key itself is shown once: ${key.slice(0, 4)}…`);

async function ask(model: string, bearer: string): Promise<void> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${bearer}` },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Hello" }] }),
  });
  const { error } = (await response.json()) as { error?: { message: string } };
  console.log(`${model}: ${response.status} ${error?.message ?? response.headers.get("x-dragoman-model")}`);
}

await ask("fast", key);
await ask("dear", key);
await gateway.tenancy.revokeKey(entry.id, "example");
await ask("fast", key);

for (const { actor, action } of (await gateway.audit.list()).records) console.log(`${actor}: ${action}`);
await server.close();
await gateway.close();
await vendor.close();
