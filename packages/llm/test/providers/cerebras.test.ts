/** Cerebras, over its fake: it refuses every field that it does not know. */
import { expect, test } from "vitest";
import { cerebras, userMessage } from "../../src/index.ts";
import { failureOf, KEY, lastBody, startVendor } from "./vendor-under-test.ts";

const PLAIN = "llama-3.3-70b";
const THINKER = "gpt-oss-120b";
const hello = [userMessage("Hello.")];

async function start() {
  const fake = await startVendor("cerebras");
  return { fake, provider: cerebras({ baseUrl: fake.baseUrl, key: KEY }) };
}

test("settings that it refuses are left out with a warning", async () => {
  const { provider } = await start();
  const { warnings } = await provider.complete({
    model: PLAIN,
    messages: hello,
    topK: 5,
    presencePenalty: 0.5,
    frequencyPenalty: 0.5,
    cache: [{ stable: "system", key: "session" }],
  });
  expect(warnings.map((warning) => warning.path)).toEqual(
    expect.arrayContaining(["topK", "presencePenalty", "frequencyPenalty"]),
  );
});

test("earlier reasoning goes back under the one name that is taken", async () => {
  const { fake, provider } = await start();
  const first = await provider.complete({ model: THINKER, messages: hello });
  await provider.complete({ model: THINKER, messages: [...hello, first.message, userMessage("And?")] });
  expect(lastBody(fake).messages).toContainEqual(expect.objectContaining({ reasoning: expect.any(String) }));
});

test("gpt-oss gets the nearest grade that it has, GLM is turned off", async () => {
  const { fake, provider } = await start();
  const max = await provider.complete({ model: THINKER, messages: hello, reasoning: { effort: "max" } });
  expect(lastBody(fake).reasoning_effort).toBe("high");
  expect(max.warnings).toContainEqual(expect.objectContaining({ path: "reasoning.effort" }));
  await provider.complete({ model: "zai-glm-4.7", messages: hello, reasoning: { effort: "none" } });
  expect(lastBody(fake).reasoning_effort).toBe("none");
  const kept = await provider.complete({ model: THINKER, messages: hello, reasoning: { effort: "none" } });
  expect(kept.warnings).toContainEqual(expect.objectContaining({ type: "unsupported", path: "reasoning.effort" }));
});

test("a strict schema is closed and loses what is refused, but keeps optional properties", async () => {
  const { fake, provider } = await start();
  const schema = {
    type: "object",
    properties: { mail: { type: "string", format: "email" }, tags: { type: "array", items: { type: "string" }, minItems: 1 } },
    required: ["mail"],
  };
  const { warnings } = await provider.complete({ model: PLAIN, messages: hello, output: { type: "json", schema, strict: true } });
  expect(lastBody(fake).response_format).toMatchObject({
    json_schema: { schema: { required: ["mail"], additionalProperties: false } },
  });
  expect(warnings.length).toBeGreaterThan(0);
});

test("its queue being full is the vendor's fault, not the key's", async () => {
  const { provider } = await start();
  const error = await failureOf(provider.complete({ model: "fault-overloaded", messages: hello }));
  expect(error).toMatchObject({ code: "overloaded", status: 429, scope: "provider" });
});

test("an answer tells how long prompt and answer took", async () => {
  const { provider } = await start();
  expect((await provider.complete({ model: PLAIN, messages: hello })).timing?.engine).toEqual({ prefillMs: 20, decodeMs: 250 });
});

test("the public listing adds windows to what the key may use", async () => {
  const { provider } = await start();
  await provider.models();
  expect(provider.capabilities(PLAIN)).toMatchObject({
    contextWindowTokens: 128_000,
    outputTokensMax: 40_960,
    images: { answer: "no", source: "vendor" },
  });
});
