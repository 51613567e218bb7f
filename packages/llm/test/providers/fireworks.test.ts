/** Fireworks, over its fake. */
import { expect, test } from "vitest";
import { fireworks, userMessage } from "../../src/index.ts";
import { eventsOf, failureOf, KEY, lastBody, startVendor } from "./vendor-under-test.ts";

const PLAIN = "accounts/fireworks/models/llama-v3p3-70b-instruct";
const THINKER = "accounts/fireworks/models/deepseek-v3p1";
const hello = [userMessage("Hello.")];

async function start() {
  const fake = await startVendor("fireworks");
  return { fake, provider: fireworks({ baseUrl: fake.baseUrl, key: KEY }) };
}

test("a limit over the window is an error, not lowered in silence", async () => {
  const { provider } = await start();
  const error = await failureOf(provider.complete({ model: PLAIN, messages: hello, maxOutputTokens: 900_000 }));
  expect(error.code).toBe("context_overflow");
});

test("whoever wants the limit lowered says so", async () => {
  const { provider } = await start();
  const vendorOptions = { "openai-chat": { context_length_exceeded_behavior: "truncate" } };
  const { finish } = await provider.complete({ model: PLAIN, messages: hello, maxOutputTokens: 900_000, vendorOptions });
  expect(finish.reason).toBe("stop");
});

test("metrics that were asked for become the engine's timing, whole and streamed", async () => {
  const { provider } = await start();
  const call = { model: PLAIN, messages: hello, vendorOptions: { "openai-chat": { perf_metrics_in_response: true } } };
  const engine = { prefillMs: 250, decodeMs: 750, prefillTokens: expect.any(Number), cachedTokens: expect.any(Number) };
  expect((await provider.complete(call)).timing?.engine).toEqual(engine);
  expect((await eventsOf(provider.stream(call))).at(-1)).toMatchObject({ type: "finish", timing: { engine } });
});

test("earlier reasoning goes back under `reasoning_content`, and an effort is sent as it is", async () => {
  const { fake, provider } = await start();
  const first = await provider.complete({ model: THINKER, messages: hello, reasoning: { effort: "high" } });
  expect(lastBody(fake).reasoning_effort).toBe("high");
  await provider.complete({ model: THINKER, messages: [...hello, first.message, userMessage("And?")] });
  expect(lastBody(fake).messages).toContainEqual(expect.objectContaining({ reasoning_content: expect.any(String) }));
});

test("claims only models whose id is a path of an account, and learns what they can do", async () => {
  const { provider } = await start();
  expect([provider.supports("accounts/mine/models/x"), provider.supports("deepseek-v3p1")]).toEqual([true, false]);
  await provider.models();
  expect(provider.capabilities(PLAIN)).toMatchObject({
    tools: { answer: "yes", source: "vendor" },
    images: { answer: "no", source: "vendor" },
    contextWindowTokens: 128_000,
  });
});
