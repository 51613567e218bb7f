/** Qwen at DashScope, over its fake. */
import { expect, test } from "vitest";
import { dashscope, reasoningOf, userMessage } from "../../src/index.ts";
import { KEY, lastBody, startVendor } from "./vendor-under-test.ts";

const hello = [userMessage("Hello.")];
const tools = [{ name: "look", inputSchema: { type: "object", properties: {} } }];

async function start() {
  const fake = await startVendor("dashscope");
  return { fake, provider: dashscope({ baseUrl: fake.baseUrl, key: KEY }) };
}

test.each(["qwen3-32b", "qwen3-235b-a22b-thinking-2507", "qwen3-omni-flash"])(
  "a whole answer of %s is the sum of its stream, as it does nothing else",
  async (model) => {
    const { fake, provider } = await start();
    const completion = await provider.complete({ model, messages: hello });
    expect(lastBody(fake).stream).toBe(true);
    expect(completion.finish.reason).toBe("stop");
    expect(completion.usage.outputTokens).toBeGreaterThan(0);
  },
);

test("what does not think is not streamed", async () => {
  const { fake, provider } = await start();
  await provider.complete({ model: "qwen-plus", messages: hello });
  expect(lastBody(fake).stream).toBeUndefined();
  await provider.complete({ model: "qwen3-32b", messages: hello, reasoning: { effort: "none" } });
  expect(lastBody(fake)).toMatchObject({ enable_thinking: false });
  expect(lastBody(fake).stream).toBeUndefined();
});

test("thinking is a flag and a budget", async () => {
  const { fake, provider } = await start();
  const completion = await provider.complete({ model: "qwen-plus", messages: hello, reasoning: { budgetTokens: 500 } });
  expect(lastBody(fake)).toMatchObject({ enable_thinking: true, thinking_budget: 500 });
  expect(reasoningOf(completion.message)).not.toBe("");
});

test("a tool is forced only while nothing is thought", async () => {
  const { fake, provider } = await start();
  const call = { model: "qwen-plus", messages: hello, tools, toolChoice: "required" } as const;
  const thinking = await provider.complete({ ...call, reasoning: { effort: "high" } });
  expect(thinking.warnings).toContainEqual(expect.objectContaining({ path: "toolChoice" }));
  await provider.complete({ ...call, reasoning: { effort: "none" } });
  expect(lastBody(fake).tool_choice).toBe("required");
});

test("an empty list of tools is not sent", async () => {
  const { fake, provider } = await start();
  await provider.complete({ model: "qwen-plus", messages: hello, tools: [] });
  expect(lastBody(fake).tools).toBeUndefined();
});

test("audio goes as a data URI", async () => {
  const { fake, provider } = await start();
  const audio = { type: "audio", mediaType: "audio/wav", source: { type: "data", data: "UklGRg==" } } as const;
  await provider.complete({ model: "qwen3-omni-flash", messages: [userMessage([audio])] });
  expect(JSON.stringify(lastBody(fake).messages)).toContain("data:");
});

test("claims its own names, not those of open models", () => {
  const provider = dashscope();
  expect(["qwen-plus", "qwen3-32b", "qwen3:4b"].map((model) => provider.supports(model))).toEqual([true, false, false]);
});
