/** Perplexity, over its fake: sources, thoughts inside the text, a fee, strict turns. */
import { expect, test } from "vitest";
import { ThinkTags } from "../../src/dialects/openai-chat/think-tags.ts";
import { fold, perplexity, reasoningOf, textOf, userMessage } from "../../src/index.ts";
import { KEY, lastBody, startVendor } from "./vendor-under-test.ts";

const hello = [userMessage("Hello.")];

async function start() {
  const fake = await startVendor("perplexity");
  return { fake, provider: perplexity({ baseUrl: fake.baseUrl, key: KEY }) };
}

test("what it read becomes sources, whole and streamed", async () => {
  const { provider } = await start();
  const sources = [
    { type: "source", url: "https://example.org/naive-cafe", title: "Page 1" },
    { type: "source", url: "https://example.org/world", title: "Page 2" },
  ];
  const whole = await provider.complete({ model: "sonar", messages: hello });
  const streamed = await fold(provider.stream({ model: "sonar", messages: hello }));
  expect(whole.message.parts.filter((part) => part.type === "source")).toEqual(sources);
  expect(streamed.message.parts.filter((part) => part.type === "source")).toEqual(sources);
});

test("thoughts between tags become reasoning, whole and streamed", async () => {
  const { provider } = await start();
  const call = { model: "sonar-reasoning-pro", messages: hello };
  for (const { message } of [await provider.complete(call), await fold(provider.stream(call))]) {
    expect(reasoningOf(message)).toMatch(/^Let me think .* Done\.$/s);
    expect(textOf(message)).toMatch(/^You said/);
  }
});

test.each([
  "<think>\nOne < two </ three.\n</think>\n\nText <think> stays.",
  "  <think>cut off </thin",
  "<think></think>Nothing thought.",
  "<thin ice is text",
  "Plain.",
])("however it is cut, %j comes to the same parts", (content) => {
  const pieces = (cut: readonly string[]) => {
    const tags = new ThinkTags();
    const joined = { reasoning: "", text: "" };
    for (const { type, text } of [...cut.flatMap((piece) => tags.push(piece)), ...tags.end()]) joined[type] += text;
    return joined;
  };
  const whole = pieces([content]);
  expect(pieces([...content])).toEqual(whole);
  for (let at = 1; at < content.length; at++) expect(pieces([content.slice(0, at), content.slice(at)])).toEqual(whole);
});

test("the cost is what the vendor says, fee included", async () => {
  const { provider } = await start();
  const { cost } = await provider.complete({ model: "sonar", messages: hello });
  const streamed = await fold(provider.stream({ model: "sonar", messages: hello }));
  expect(cost?.totalUsd).toBeGreaterThan(0.005);
  expect(cost).toMatchObject({ catalogue: "vendor", toolsUsd: 0.005 });
  expect(cost?.totalUsd).toBeCloseTo((cost?.inputUsd ?? 0) + (cost?.outputUsd ?? 0) + 0.005, 12);
  expect(streamed.cost).toEqual(cost);
});

test("a user's messages in a row become one, as the turns must alternate", async () => {
  const { fake, provider } = await start();
  await provider.complete({ model: "sonar", messages: [userMessage("One."), userMessage("Two.")] });
  expect(lastBody(fake).messages).toHaveLength(1);
  expect(JSON.stringify(lastBody(fake).messages)).toMatch(/One\..*Two\./);
});

test("tools are left out with a warning, as the API refuses them", async () => {
  const { provider } = await start();
  const tools = [{ name: "look", inputSchema: { type: "object" } }];
  const { warnings } = await provider.complete({ model: "sonar", messages: hello, tools });
  expect(warnings).toContainEqual(expect.objectContaining({ type: "unsupported", path: "tools" }));
});

test("how it searches goes by vendor options", async () => {
  const { fake, provider } = await start();
  const own = { disable_search: true, search_domain_filter: ["example.org"] };
  const { message } = await provider.complete({ model: "sonar", messages: hello, vendorOptions: { "openai-chat": own } });
  expect(lastBody(fake)).toMatchObject(own);
  expect(message.parts.map((part) => part.type)).toEqual(["text"]);
});

test("lists its own models, not those of the other API", async () => {
  const { provider } = await start();
  expect((await provider.models()).map((model) => model.id)).toContain("sonar-pro");
});
