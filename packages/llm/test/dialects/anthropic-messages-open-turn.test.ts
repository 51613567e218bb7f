/** Thinking in the middle of a turn, and histories in which a client gives back what another maker said. */
import { describe, expect, it } from "vitest";
import { createAnthropicMessagesDialect } from "../../src/dialects/anthropic-messages/index.ts";
import type { JsonObject } from "../../src/json.ts";
import type { AssistantPart, Message } from "../../src/message.ts";
import type { CompletionRequest } from "../../src/request.ts";
import { clientRequest, dialect, question, render } from "./anthropic-messages-fixtures.ts";

const call = (id: string): AssistantPart => ({ type: "tool-call", id, name: "weather", arguments: {} });
const thought: AssistantPart = { type: "reasoning", text: "Hm.", vendor: { "anthropic-messages": { signature: "sig" } } };
const said = (...parts: readonly AssistantPart[]): Message => ({ role: "assistant", parts });
const given = (id: string): Message => ({
  role: "tool",
  parts: [{ type: "tool-result", toolCallId: id, content: [{ type: "text", text: "sunny" }] }],
});
const budget: Partial<CompletionRequest> = { reasoning: { budgetTokens: 2_048 }, maxOutputTokens: 8_000 };

describe("a turn whose tool calls are being answered", () => {
  const begunWithout: readonly Message[] = [question, said(call("a")), given("a")];

  it("gets no thinking budget where it began without thinking, and says so", () => {
    const { body, warnings } = render({ ...budget, temperature: 0.5, messages: begunWithout });
    expect(body).not.toHaveProperty("thinking");
    expect(body).toMatchObject({ max_tokens: 8_000, temperature: 0.5 });
    expect(warnings).toMatchObject([{ type: "unsupported", path: "reasoning" }]);
  });

  it("gets none either where a client's own words ask for it", () => {
    const vendorOptions = { "anthropic-messages": { thinking: { type: "enabled", budget_tokens: 2_048 }, service_tier: "auto" } };
    const { body, warnings } = render({ maxOutputTokens: 8_000, vendorOptions, messages: begunWithout });
    expect(body).not.toHaveProperty("thinking");
    expect(body).toHaveProperty("service_tier", "auto");
    expect(warnings).toMatchObject([{ type: "unsupported", path: "reasoning" }]);
  });

  it("gives up the thoughts that came later in it, as they are refused without thinking", () => {
    const messages = [...begunWithout, said(thought, call("b")), given("b")];
    expect(JSON.stringify(render({ ...budget, messages }).body)).not.toContain("sig");
  });

  it("keeps its effort", () => {
    const { body } = render({ reasoning: { effort: "high" }, model: "claude-opus-4-5", messages: begunWithout });
    expect(body).not.toHaveProperty("thinking");
    expect(body?.output_config).toEqual({ effort: "high" });
  });

  it.each<[string, Partial<CompletionRequest>]>([
    [
      "that began with thinking, though a later call has none",
      { messages: [question, said(thought, call("a")), given("a"), said(call("b")), given("b")] },
    ],
    ["that is over", { messages: [...begunWithout, said({ type: "text", text: "Sunny." }), question] }],
    [
      "that the user has cut short",
      { messages: [question, said(call("a")), given("a"), question, said(thought, call("b")), given("b")] },
    ],
    ["that has not begun", { messages: [question] }],
  ])("leaves thinking in a turn %s", (_name, request) => {
    const { body, warnings } = render({ ...budget, ...request });
    expect(body?.thinking).toEqual({ type: "enabled", budget_tokens: 2_048 });
    expect(warnings).toEqual([]);
  });

  it.each(["claude-fable-5", "claude-opus-4-8", "claude-opus-4-6"])("leaves adaptive thinking to %s", (model) => {
    const { body, warnings } = render({ model, reasoning: { effort: "high" }, messages: begunWithout });
    expect(body?.thinking).toMatchObject({ type: "adaptive" });
    expect(warnings).toEqual([]);
  });

  it("keeps its thinking at a server that asks for no signatures", () => {
    const lenient = createAnthropicMessagesDialect({ unsignedThinking: "send" });
    const { body } = render({ ...budget, messages: begunWithout }, false, lenient);
    expect(body).toHaveProperty("thinking");
  });
});

describe("a client's own words", () => {
  const thinking = { type: "enabled", budget_tokens: 1_024 };
  const use = { type: "tool_use", id: "a", name: "weather", input: {} };
  const result = { role: "user", content: [{ type: "tool_result", tool_use_id: "a", content: "sunny" }] };
  const ask = { role: "user", content: "Weather?" };
  const signed = { type: "thinking", thinking: "Hm.", signature: "sig" };

  function passes(content: readonly JsonObject[], after: JsonObject, more: JsonObject = {}): boolean {
    const body = {
      model: "claude-sonnet-4-5",
      max_tokens: 4_000,
      messages: [ask, { role: "assistant", content }, after],
      ...more,
    };
    const asked = clientRequest(body);
    return dialect.passThrough?.parseRequest(asked, dialect.parseRequest(asked)) !== undefined;
  }

  it.each<[string, boolean, Parameters<typeof passes>]>([
    ["signed thinking", true, [[signed, use], result, { thinking }]],
    [
      "thinking that nobody signed",
      false,
      [
        [
          { ...signed, signature: "" },
          { type: "text", text: "Hi" },
        ],
        ask,
      ],
    ],
    ["text that says nothing", false, [[{ type: "text", text: "" }, use], result]],
    ["an open turn without thoughts while it thinks", false, [[use], result, { thinking }]],
    ["the same without thinking", true, [[use], result]],
    ["the same with adaptive thinking", true, [[use], result, { thinking: { type: "adaptive" } }]],
    ["a finished turn without thoughts", true, [[{ type: "text", text: "Hi" }], ask, { thinking }]],
  ])("with %s go on as they are: %s", (_name, expected, [content, after, more]) => {
    expect(passes(content, after, more)).toBe(expected);
  });
});
