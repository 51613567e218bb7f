/**
 * A request that no compiler had looked at, as `{ role: "user", content: "…" }`, was told as a defect of this library; a misspelt
 * setting, tags and a forced choice among no tools went without a word.
 */
import { startFakeVendor } from "@dragoman/llm/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { anthropic, type CompletionCall, gemini, openai, Secret, userMessage } from "../../src/index.ts";

const key = new Secret("any-key");
let vendor: Awaited<ReturnType<typeof startFakeVendor>>;
beforeAll(async () => {
  vendor = await startFakeVendor("openai");
});
afterAll(() => vendor.close());

const ask = (call: object) =>
  openai({ baseUrl: vendor.baseUrl, key }).complete({ model: "gpt-4.1-mini", messages: [userMessage("Hi")], ...call });
const asking = (...parts: readonly object[]) => ({ messages: [{ role: "user", parts }] }) as unknown as CompletionCall;

describe("the field that has another shape is named", () => {
  test.each([
    ["content for parts", { messages: [{ role: "user", content: "Hi" }] }, "messages[0].parts"],
    ["a text for messages", { messages: "Hi" }, "messages"],
    ["no model", { model: undefined }, "model"],
    ["another role", { messages: [{ role: "developer", parts: [] }] }, "messages[0].role"],
    ["another part", asking({ type: "txt", text: "Hi" }), "messages[0].parts[0].type"],
    ["a text that is none", asking({ type: "text", text: 5 }), "messages[0].parts[0].text"],
    [
      "base64 with its prefix",
      asking({ type: "image", source: { type: "data", data: "data:image/png;base64,AA" } }),
      "messages[0].parts[0].source.data",
    ],
    ["no number", { temperature: Number.NaN }, "temperature"],
  ])("%s", async (_name, call, field) => {
    await expect(ask(call)).rejects.toMatchObject({ code: "invalid_request", field, retryable: false });
  });
});

test("what JSON cannot hold is the request's fault", async () => {
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  await expect(ask({ tools: [{ name: "f", inputSchema: circle }] })).rejects.toMatchObject({ code: "invalid_request" });
  await expect(ask({ vendorOptions: { "openai-responses": { n: 1n } } })).rejects.toMatchObject({ code: "invalid_request" });
});

test("inputs of an embedding are a list", async () => {
  const call = { model: "text-embedding-3-small", inputs: "Hi" as unknown as string[] };
  await expect(openai({ baseUrl: vendor.baseUrl, key }).embed?.(call)).rejects.toMatchObject({ code: "invalid_request" });
});

test("a setting that there is not is warned of, with the nearest that there is", async () => {
  const { warnings } = await ask({ temprature: 1 });
  expect(warnings).toMatchObject([
    { type: "unknown-field", path: "temprature", detail: expect.stringContaining("temperature?") },
  ]);
});

test.each([
  ["openai", openai, "gpt-4.1-mini", "tool_choice"],
  ["gemini", gemini, "gemini-2.5-flash", "toolConfig"],
] as const)("%s: a choice among no tools is not sent", async (name, create, model, field) => {
  const fake = await startFakeVendor(name);
  const provider = create({ baseUrl: fake.baseUrl, key });
  const { warnings } = await provider.complete({ model, messages: [userMessage("Hi")], toolChoice: "required" });
  expect(warnings).toMatchObject([{ type: "unsupported", path: "toolChoice" }]);
  expect(fake.requests.at(-1)?.body).not.toHaveProperty(field);
  await fake.close();
});

test("Anthropic takes no tags, and says so", async () => {
  const fake = await startFakeVendor("anthropic");
  const provider = anthropic({ baseUrl: fake.baseUrl, key });
  const metadata = { session: "s", user: "u", tags: { team: "a" } };
  const { warnings } = await provider.complete({ model: "claude-sonnet-4-5", messages: [userMessage("Hi")], metadata });
  expect(warnings.map(({ path }) => path)).toEqual(["metadata.tags"]);
  await fake.close();
});
