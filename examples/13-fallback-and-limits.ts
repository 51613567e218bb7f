/** Several providers as one: limits on each, the next when one fails, and what was tried told on the answer. */
import { compose, failedAttempts, fallback, limit, retry, textOf, userMessage } from "@dragoman/llm";
import { createSimulator } from "@dragoman/llm/testing";

// In place of anthropic() and openai(): one that is overloaded, one that answers.
const overloaded = compose(
  createSimulator({ id: "first" }),
  (one) => limit(one, { requestsPerMinute: 50, concurrency: 8 }),
  (one) => retry(one, { attemptsMax: 2, sleep: async () => undefined }),
);
const spare = createSimulator({ id: "spare" });

const steady = fallback([
  { provider: overloaded, model: "fault-overloaded" },
  { provider: spare, model: "echo", timeouts: { firstTokenMs: 5_000 } },
]);

const messages = [userMessage("Who answers?")];
const completion = await steady.complete({ model: "any", messages });
console.log(`${completion.origin.provider} answered: ${textOf(completion.message)}`);
for (const { provider, model, code, durationMs } of failedAttempts(completion)) {
  console.log(`tried first: ${provider}:${model}, ${code} after ${Math.round(durationMs ?? 0)} ms`);
}

// Before its first token a stream changes over without a trace; after it, `restart` says: drop what you have.
for await (const event of steady.stream({ model: "any", messages })) {
  if (event.type === "restart") console.log("\n(begins anew)");
  if (event.type === "text-delta") process.stdout.write(event.text);
}
console.log();
