/** z.ai, over its fake. */
import { expect, test } from "vitest";
import { createOpenAIChatDialect } from "../../src/dialects/index.ts";
import { userMessage, zai } from "../../src/index.ts";
import { ZAI_QUIRKS } from "../../src/providers/zai.ts";
import { eventsOf, failureOf, KEY, lastBody, startVendor } from "./vendor-under-test.ts";

const hello = [userMessage("Hello.")];
const tools = [{ name: "look", inputSchema: { type: "object", properties: {} } }];
const CONTEXT = { provider: "zai", model: "glm-4.6" };

async function start() {
  const fake = await startVendor("zai");
  return { fake, provider: zai({ baseUrl: fake.baseUrl, key: KEY }) };
}

test("thoughts that are sent back are kept, and a budget is told to be lost", async () => {
  const { fake, provider } = await start();
  const reasoning = { effort: "high", budgetTokens: 100 } as const;
  const first = await provider.complete({ model: "glm-4.6", messages: hello, reasoning });
  expect(first.warnings).toContainEqual(expect.objectContaining({ path: "reasoning.budgetTokens" }));
  await provider.complete({ model: "glm-4.6", messages: [...hello, first.message, userMessage("And?")], reasoning });
  expect(lastBody(fake).thinking).toEqual({ type: "enabled", clear_thinking: false });
  expect(lastBody(fake).messages).toContainEqual(expect.objectContaining({ reasoning_content: expect.any(String) }));
  await provider.complete({ model: "glm-4.6", messages: hello, reasoning: { effort: "none" } });
  expect(lastBody(fake).thinking).toEqual({ type: "disabled" });
});

test("arguments of tools are streamed by the models that can, and only in streams", async () => {
  const { fake, provider } = await start();
  await eventsOf(provider.stream({ model: "glm-4.6", messages: hello, tools }));
  expect(lastBody(fake).tool_stream).toBe(true);
  await eventsOf(provider.stream({ model: "glm-4.5-air", messages: hello, tools }));
  expect(lastBody(fake).tool_stream).toBeUndefined();
  await provider.complete({ model: "glm-4.6", messages: hello, tools });
  expect(lastBody(fake).tool_stream).toBeUndefined();
});

test("a tool cannot be forced, and the caller is told", async () => {
  const { fake, provider } = await start();
  const { warnings } = await provider.complete({ model: "glm-4.5-air", messages: hello, tools, toolChoice: "required" });
  expect(lastBody(fake).tool_choice).toBe("auto");
  expect(warnings).toContainEqual(expect.objectContaining({ path: "toolChoice" }));
});

const answer = (finish: string, more: object = {}) => ({
  id: "1",
  model: "glm-4.6",
  choices: [{ index: 0, finish_reason: finish, message: { role: "assistant", content: "Half" } }],
  ...more,
});

test.each([
  ["sensitive", "content-filter"],
  ["model_context_window_exceeded", "length"],
])("the finish word %s is read as %s", (word, reason) => {
  const { finish } = createOpenAIChatDialect(ZAI_QUIRKS).parseResponse(answer(word), CONTEXT);
  expect(finish).toMatchObject({ reason, raw: word });
});

test("network_error is a failure that may be tried again", async () => {
  const parse = async () => createOpenAIChatDialect(ZAI_QUIRKS).parseResponse(answer("network_error"), CONTEXT);
  expect(await failureOf(parse())).toMatchObject({ code: "vendor_error", retryable: true });
});

test("what its search found becomes sources", () => {
  const web_search = [{ title: "A page", content: "Words.", link: "https://example.org/a", refer: "ref_1" }];
  const { message } = createOpenAIChatDialect(ZAI_QUIRKS).parseResponse(answer("stop", { web_search }), CONTEXT);
  expect(message.parts.at(-1)).toEqual({ type: "source", url: "https://example.org/a", title: "A page", citedText: "Words." });
});
