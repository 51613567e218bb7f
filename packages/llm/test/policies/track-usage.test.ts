import { createScriptedProvider } from "@dragoman/llm/testing";
import { expect, test } from "vitest";
import { createSessionUsage, trackUsage, userMessage } from "../../src/index.ts";

const messages = [userMessage("Hello.")];
const call = (session: string) => ({ model: "m", messages, metadata: { session } });

test("adds up calls per session, streamed or not", async () => {
  const usage = createSessionUsage();
  const provider = trackUsage(
    createScriptedProvider([
      { text: "a", usage: { inputTokens: 10, outputTokens: 2, cacheReadTokens: 4 } },
      { text: "b", usage: { inputTokens: 20, outputTokens: 3 } },
      { text: "c", usage: { inputTokens: 7, outputTokens: 1 } },
    ]),
    usage,
  );
  await provider.complete(call("one"));
  for await (const _event of provider.stream(call("one"))) void _event;
  await provider.complete(call("two"));
  expect(usage.of("one")).toMatchObject({
    calls: 2,
    failedCalls: 0,
    usage: { inputTokens: 30, outputTokens: 5, cacheReadTokens: 4 },
  });
  expect(usage.of("two")).toMatchObject({ calls: 1, usage: { inputTokens: 7, outputTokens: 1 } });
  expect(usage.sessions()).toEqual(["one", "two"]);
  expect(usage.of("three")).toBeUndefined();
});

test("counts what is unknown beside the sums instead of taking it for nothing", async () => {
  const usage = createSessionUsage();
  const provider = trackUsage(
    createScriptedProvider([{ text: "a" }, { text: "b", usage: { inputTokens: 5, outputTokens: 1 } }, { error: "overloaded" }]),
    usage,
  );
  await provider.complete(call("one"));
  await provider.complete(call("one"));
  await expect(provider.complete(call("one"))).rejects.toMatchObject({ code: "overloaded" });
  expect(usage.of("one")).toEqual({
    calls: 3,
    failedCalls: 1,
    usage: { inputTokens: 5, outputTokens: 1 },
    costUsd: 0,
    callsWithUnknownUsage: 2,
    callsWithUnknownCost: 3,
  });
});

test("records a stream that the caller left", async () => {
  const usage = createSessionUsage();
  const provider = trackUsage(createScriptedProvider([{ text: "a long answer" }]), usage);
  for await (const event of provider.stream({ model: "m", messages })) if (event.type === "text-delta") break;
  expect(usage.of("default")).toMatchObject({ calls: 1, failedCalls: 1, callsWithUnknownUsage: 1 });
});

test("forgets a session that has ended", async () => {
  const usage = createSessionUsage();
  await trackUsage(createScriptedProvider([{ text: "a" }]), usage).complete(call("one"));
  expect(usage.end("one")).toBe(true);
  expect(usage.of("one")).toBeUndefined();
});
