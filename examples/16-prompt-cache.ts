/** Cache directives where they pay: a talk over a long handbook, at a stand-in for Anthropic on this machine. */
import { anthropic, type Message, planCache, Secret, systemMessage, userMessage } from "@dragoman/llm";
import { startFakeVendor } from "@dragoman/llm/testing";

const vendor = await startFakeVendor("anthropic");
const model = planCache(anthropic({ baseUrl: vendor.baseUrl, key: new Secret("any-key") }));

const messages: Message[] = [systemMessage("A rule of the house. ".repeat(1_000))];
for (const question of ["What is rule one?", "And rule two?", "And rule three?"]) {
  messages.push(userMessage(question));
  const { message, usage, cache } = await model.complete({
    model: "claude-sonnet-4-5",
    messages,
    metadata: { session: "handbook" },
  });
  messages.push(message);
  const why = cache?.miss === undefined ? "" : ` (${cache.miss.reason})`;
  console.log(`${question} wrote ${usage.cacheWriteTokens}, read ${usage.cacheReadTokens} tokens${why}`);
}

for (const { session, hitTokens, savedUsd } of model.report()) {
  console.log(`${session}: ${hitTokens} tokens came from the cache, which saved ${savedUsd.toFixed(4)} USD`);
}
await vendor.close();
