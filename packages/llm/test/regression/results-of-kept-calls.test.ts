/** A vendor that keeps the conversation has the call: its result must reach it as a result, not as the user's words. */
import { startFakeVendor } from "@dragoman/llm/testing";
import { expect, test } from "vitest";
import { createOpenAIResponsesDialect } from "../../src/dialects/index.ts";
import { handoff, openai, Secret, toolCallsOf, toolResult, UNKNOWN_CAPABILITIES, userMessage } from "../../src/index.ts";

test("with previous_response_id a result goes without its call", async () => {
  const vendor = await startFakeVendor("openai");
  const provider = openai({ baseUrl: vendor.baseUrl, key: new Secret("k") });
  const tools = [{ name: "get_weather", inputSchema: { type: "object", properties: { city: { type: "string" } } } }];
  const first = await provider.complete({ model: "gpt-4.1-mini", messages: [userMessage("Weather?")], tools });
  const [call] = toolCallsOf(first.message);
  if (call === undefined) throw new Error("no tool was called");
  const messages = [toolResult(call, "18 °C, kept-sentinel")];
  const vendorOptions = { "openai-responses": { previous_response_id: first.id } };
  const next = await provider.complete({ model: "gpt-4.1-mini", messages, tools, vendorOptions });
  expect(next.warnings.filter(({ type }) => type === "handoff")).toEqual([]);
  expect(vendor.requests.at(-1)?.body).toMatchObject({ input: [{ type: "function_call_output", call_id: call.id }] });
  expect(JSON.stringify(next.message)).toContain("kept-sentinel");
  await vendor.close();
});

test("without it, a result that no call asked for becomes text, as before", () => {
  const { constraints, id } = createOpenAIResponsesDialect();
  const target = { dialect: id, provider: "p", model: "m", constraints, capabilities: UNKNOWN_CAPABILITIES };
  const messages = [toolResult({ id: "call_1", name: "f" }, "lost")];
  expect(handoff(messages, target).messages[0]?.role).toBe("user");
  const kept = handoff(messages, { ...target, keepsHistory: true });
  expect(kept.report).toEqual([]);
  expect(kept.messages).toBe(messages);
});
