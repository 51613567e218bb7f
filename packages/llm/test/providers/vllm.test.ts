/** vLLM, over its fake: what its flags, templates and scheduler want. */
import { expect, test } from "vitest";
import { systemMessage, userMessage, vllm } from "../../src/index.ts";
import { failureOf, lastBody, startVendor } from "./vendor-under-test.ts";

const PLAIN = "Qwen/Qwen2.5-7B-Instruct";
const THINKER = "Qwen/Qwen3-8B";
const hello = [userMessage("Hello.")];
const tools = [{ name: "look", inputSchema: { type: "object", properties: {} } }];

async function start() {
  const fake = await startVendor("vllm");
  return { fake, provider: vllm({ baseUrl: fake.baseUrl, secrets: { environment: {} } }) };
}

test("a later system message goes as the user's, which Qwen's template refuses otherwise", async () => {
  const { provider } = await start();
  const messages = [systemMessage("Be brief."), userMessage("One."), systemMessage("Be kind.")];
  const { warnings } = await provider.complete({ model: PLAIN, messages });
  expect(warnings).toContainEqual(expect.objectContaining({ type: "lossy", path: "messages[2]" }));
});

test("thinking is turned on and off through the template, with a budget of its own", async () => {
  const { fake, provider } = await start();
  await provider.complete({ model: THINKER, messages: hello, reasoning: { effort: "low", budgetTokens: 64 } });
  expect(lastBody(fake)).toMatchObject({
    chat_template_kwargs: { enable_thinking: true },
    reasoning_effort: "low",
    thinking_token_budget: 64,
  });
  const off = await provider.complete({ model: THINKER, messages: hello, reasoning: { effort: "none" } });
  expect(off.message.parts.map((part) => part.type)).toEqual(["text"]);
});

test("earlier reasoning goes back under `reasoning`", async () => {
  const { fake, provider } = await start();
  const first = await provider.complete({ model: THINKER, messages: hello });
  await provider.complete({ model: THINKER, messages: [...hello, first.message, userMessage("And?")] });
  expect(lastBody(fake).messages).toContainEqual(expect.objectContaining({ role: "assistant", reasoning: expect.any(String) }));
});

test("a server without the flags for tools says which ones it wants", async () => {
  const { provider } = await start();
  const error = await failureOf(provider.complete({ model: "facebook/opt-125m", messages: hello, tools }));
  expect(error.code).toBe("unsupported");
  expect(error.advice).toContain("--enable-auto-tool-choice and --tool-call-parser");
});

test("a budget without its configuration says so too", async () => {
  const { provider } = await start();
  const error = await failureOf(provider.complete({ model: PLAIN, messages: hello, reasoning: { budgetTokens: 10 } }));
  expect(error.advice).toContain("--reasoning-config");
});

test("priority and guided decoding go by vendor options", async () => {
  const { fake, provider } = await start();
  const own = { priority: -1, structured_outputs: { choice: ["yes", "no"] } };
  await provider.complete({ model: PLAIN, messages: hello, vendorOptions: { "openai-chat": own } });
  expect(lastBody(fake)).toMatchObject(own);
});

test("counts with the server's own tokenizer", async () => {
  const { fake, provider } = await start();
  const count = await provider.countTokens({ model: PLAIN, messages: hello });
  expect(count).toMatchObject({ exact: true, method: "endpoint" });
  expect(fake.requests.at(-1)?.path).toBe("/tokenize");
});

test("lists windows, after it has asked for the engine's health", async () => {
  const { fake, provider } = await start();
  const models = await provider.models();
  expect(fake.requests.map((request) => request.path)).toEqual(["/health", "/v1/models"]);
  expect(models.find((model) => model.id === THINKER)?.capabilities.contextWindowTokens).toBe(40_960);
});

test("a server that is not there is told how to start", async () => {
  const { fake, provider } = await start();
  await fake.close();
  expect(await provider.availability()).toMatchObject({ available: false, nextStep: expect.stringContaining("vllm serve") });
});
