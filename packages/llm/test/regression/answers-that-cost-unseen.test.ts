/**
 * Money that nobody saw: answers that `structuredOutput` paid for and gave up were in no error, and tokens of an answer kept
 * from an earlier call were counted a second time.
 */
import { createScriptedProvider } from "@dragoman/llm/testing";
import { expect, test } from "vitest";
import { cache, createSessionUsage, fold, structuredOutput, trackUsage, userMessage } from "../../src/index.ts";

const usage = { inputTokens: 7, outputTokens: 3 };

test("the error of an output that could not be mended tells each answer", async () => {
  const provider = structuredOutput(
    createScriptedProvider([
      { text: "no", usage },
      { text: "never", usage },
    ]),
  );
  const output = { type: "json", schema: { type: "object", required: ["a"] } } as const;
  const attempt = expect.objectContaining({ outcome: "refused", ...usage });
  await expect(provider.complete({ model: "any", messages: [userMessage("Hello")], output })).rejects.toMatchObject({
    code: "invalid_output",
    attempts: [attempt, attempt],
  });
});

test("an answer from the cache uses no tokens", async () => {
  const session = createSessionUsage();
  const provider = trackUsage(cache(createScriptedProvider([{ text: "Hi", usage }])), session);
  const call = { model: "any", messages: [userMessage("Hello")], metadata: { session: "s" } };
  await provider.complete(call);
  await provider.complete(call);
  await fold(provider.stream(call));
  expect(session.of("s")).toMatchObject({ calls: 3, usage, callsWithUnknownUsage: 0 });
});
