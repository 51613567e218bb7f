/**
 * Passed on as it came, a history with another maker's turn in it was refused by the first vendor for ever: for thinking that nobody
 * signed, for an item under an id that it never gave, for a call's id in a form that it does not take.
 */
import { type FakeVendor, startFakeVendor } from "@dragoman/llm/testing";
import { afterEach, expect, test } from "vitest";
import { createAnthropicMessagesDialect, createOpenAIResponsesDialect } from "../../src/dialects/index.ts";
import { anthropic, type CompletionCall, type Dialect, type JsonObject, openai, Secret } from "../../src/index.ts";

let vendor: FakeVendor;
afterEach(() => vendor.close());

/** The client's request as the gateway gives it to a provider: read, with the client's own words beside it. */
function callOf(dialect: Dialect, body: JsonObject): CompletionCall {
  const client = { path: "/", query: {}, headers: {}, body };
  const parsed = dialect.parseRequest(client);
  const wire = dialect.passThrough?.parseRequest(client, parsed);
  return { ...parsed.request, ...(wire === undefined ? {} : { wire }) };
}

async function askAnthropic(messages: readonly JsonObject[], more: JsonObject = {}) {
  vendor = await startFakeVendor("anthropic");
  const provider = anthropic({ baseUrl: vendor.baseUrl, key: new Secret("k") });
  const body = { model: "claude-sonnet-4-5", max_tokens: 4_000, messages: [...messages], ...more };
  const { warnings } = await provider.complete(callOf(createAnthropicMessagesDialect(), body));
  return { body, sent: vendor.requests.at(-1)?.body, told: warnings.map(({ type }) => type) };
}

async function askOpenAI(input: readonly JsonObject[]) {
  vendor = await startFakeVendor("openai");
  const provider = openai({ baseUrl: vendor.baseUrl, key: new Secret("k") });
  const body = { model: "gpt-5-mini", store: false, include: ["reasoning.encrypted_content"], input: [...input] };
  const { warnings } = await provider.complete(callOf(createOpenAIResponsesDialect(), body));
  return { body, sent: vendor.requests.at(-1)?.body, told: warnings.map(({ type }) => type) };
}

const HELLO = { role: "user", content: "Hello" };
const AND = { role: "user", content: "And?" };
const TOOLS = { tools: [{ name: "f", input_schema: { type: "object", properties: {} } }] };
const thinking = { type: "enabled", budget_tokens: 1_024 };

function calling(id: string, ...before: readonly JsonObject[]): readonly JsonObject[] {
  const content = [...before, { type: "tool_use", id, name: "f", input: {} }];
  const result = { type: "tool_result", tool_use_id: id, content: "done" };
  return [HELLO, { role: "assistant", content }, { role: "user", content: [result] }];
}

const UNSIGNED = { type: "thinking", thinking: "Hm.", signature: "" };

test("thinking that nobody signed is handed off, whether or not thinking was asked for", async () => {
  const history = [HELLO, { role: "assistant", content: [UNSIGNED, { type: "text", text: "Hi" }] }, AND];
  const { sent, told } = await askAnthropic(history);
  expect(told).toEqual(["handoff"]);
  expect(JSON.stringify(sent)).not.toContain("signature");
});

test("in a turn that another maker began there is no thinking, and its plan goes over as text", async () => {
  const { sent, told } = await askAnthropic(calling("call_1", UNSIGNED), { thinking, ...TOOLS });
  expect(told).toEqual(["handoff", "unsupported"]);
  expect(sent).not.toHaveProperty("thinking");
  expect(JSON.stringify(sent)).toContain("Hm.");
});

test("an id that the vendor does not take is mapped in the client's own words too", async () => {
  const { sent, told } = await askAnthropic(calling("functions.f:0"), TOOLS);
  expect(told).toEqual(["handoff"]);
  expect(JSON.stringify(sent)).not.toContain("functions.f:0");
});

test("an item under an id that was made here is not looked for at the vendor", async () => {
  const { sent, told } = await askOpenAI([
    HELLO,
    { type: "reasoning", id: "rs_dragoman_x_0", summary: [{ type: "summary_text", text: "Hm." }] },
    {
      type: "message",
      id: "msg_dragoman_x_1",
      status: "completed",
      role: "assistant",
      content: [{ type: "output_text", text: "Hi", annotations: [] }],
    },
    AND,
  ]);
  expect(told).toEqual(["handoff"]);
  expect(JSON.stringify(sent)).not.toContain("dragoman");
});

test("a history of nobody else goes on as it came, also out of order: that is the client's own", async () => {
  const ordinary = await askAnthropic(calling("toolu_1"), { ...TOOLS, service_tier: "auto" });
  expect(ordinary.sent).toEqual(ordinary.body);
  await vendor.close();
  const item = { type: "function_call", call_id: "c1", name: "f", arguments: "{}" };
  const other = { ...item, call_id: "c2" };
  const resultOf = (call_id: string) => ({ type: "function_call_output", call_id, output: "done" });
  const { sent, body } = await askOpenAI([HELLO, item, AND, other, resultOf("c2"), resultOf("c1")]);
  expect(sent).toEqual(body);
});
