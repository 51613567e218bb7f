/** Tries that a fallback made before it had an answer were calls too: what they used and cost is in the session's sums. */
import { createScriptedProvider } from "@dragoman/llm/testing";
import { expect, test } from "vitest";
import { createSessionUsage, DEFAULT_SESSION, fallback, textOf, trackUsage, userMessage } from "../../src/index.ts";

const CALL = { model: "m", messages: [userMessage("Hello.")] };
const REFUSED = { text: "no", usage: { inputTokens: 100, outputTokens: 7 } } as const;
const GOOD = { text: "yes", usage: { inputTokens: 10, outputTokens: 1 } } as const;

function model(usage: ReturnType<typeof createSessionUsage>, commit: "first-token" | "full" = "full") {
  const targets = [createScriptedProvider([REFUSED], { id: "a" }), createScriptedProvider([GOOD], { id: "b" })];
  return trackUsage(fallback(targets, { commit, accept: ({ message }) => textOf(message) === "yes" }), usage);
}

test("whole", async () => {
  const usage = createSessionUsage();
  await model(usage).complete(CALL);
  expect(usage.of(DEFAULT_SESSION)).toMatchObject({
    calls: 2,
    failedCalls: 1,
    usage: { inputTokens: 110, outputTokens: 8 },
    callsWithUnknownUsage: 0,
  });
});

test("streamed", async () => {
  const usage = createSessionUsage();
  for await (const _event of model(usage).stream(CALL));
  expect(usage.of(DEFAULT_SESSION)).toMatchObject({ calls: 2, failedCalls: 1, usage: { inputTokens: 110, outputTokens: 8 } });
});

test("an error brings its attempts, each once; one that was never sent is none", async () => {
  const usage = createSessionUsage();
  const targets = [
    createScriptedProvider([{ error: "overloaded" }], { id: "a" }),
    createScriptedProvider([{ error: "vendor_error" }], { id: "b" }),
    { provider: createScriptedProvider([], { id: "c" }), capabilities: { tools: false } },
  ];
  const tools = [{ name: "f", inputSchema: { type: "object" } }];
  await expect(trackUsage(fallback(targets), usage).complete({ ...CALL, tools })).rejects.toMatchObject({ code: "overloaded" });
  expect(usage.of(DEFAULT_SESSION)).toMatchObject({ calls: 2, failedCalls: 2, callsWithUnknownCost: 2 });
});
