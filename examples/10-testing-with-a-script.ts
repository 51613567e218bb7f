/** A test of code that calls models: the answers come from a list, the requests are kept. Runs under node:test. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Provider, textOf, userMessage } from "@dragoman/llm";
import { createScriptedProvider } from "@dragoman/llm/testing";

/** The code under test. */
async function translate(provider: Provider, model: string, text: string): Promise<string> {
  const { message } = await provider.complete({ model, messages: [userMessage(`Into English: ${text}`)], temperature: 0 });
  return textOf(message).trim();
}

test("asks once, without heat, and trims the answer", async () => {
  const provider = createScriptedProvider([{ text: " Good day \n", expect: (request) => assert.equal(request.temperature, 0) }]);
  assert.equal(await translate(provider, "any", "God dag"), "Good day");
  provider.assertUsedUp();
});

test("lets a failure through", async () => {
  const provider = createScriptedProvider([{ error: "rate_limited" }]);
  await assert.rejects(translate(provider, "any", "God dag"), { code: "rate_limited", retryable: true });
});
