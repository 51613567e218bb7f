/** Ids made up for engines that have none were the same in every turn, and another vendor refuses the history then. */
import { expect, test } from "vitest";
import { createAnthropicMessagesDialect } from "../../src/dialects/anthropic-messages/index.ts";
import {
  type AssistantMessage,
  handoff,
  type Message,
  toolCallsOf,
  toolResult,
  UNKNOWN_CAPABILITIES,
  userMessage,
} from "../../src/index.ts";

function asked(provider: string, ...ids: readonly string[]): AssistantMessage {
  const calls = ids.map((id) => ({ type: "tool-call" as const, id, name: "f", arguments: {} }));
  return { role: "assistant", parts: calls, origin: { dialect: provider, provider, model: "m" } };
}
const answered = (id: string, text: string) => toolResult({ id, name: "f" }, text);
const { id: dialect, constraints } = createAnthropicMessagesDialect();
const target = { dialect, provider: dialect, model: "m", constraints, capabilities: UNKNOWN_CAPABILITIES };
const idsOf = (messages: readonly Message[]) => messages.flatMap((message) => toolCallsOf(message).map(({ id }) => id));
const resultsOf = (messages: readonly Message[]) =>
  messages.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.type === "tool-result" ? [[part.toolCallId, part.content[0]]] : [])),
  );

test("calls of several turns differ, and each result stays with its call", () => {
  const history = [userMessage("Go"), asked("ollama", "a"), answered("a", "one"), asked("ollama", "a"), answered("a", "two")];
  const { messages, report } = handoff(history, target);
  expect(idsOf(messages)).toEqual(["a", "a_2"]);
  expect(resultsOf(messages)).toMatchObject([
    ["a", { text: "one" }],
    ["a_2", { text: "two" }],
  ]);
  expect(report).toMatchObject([{ action: "mapped", subject: "tool-call-id", message: 3 }]);
});

test("calls of one turn differ, and an id that is taken is not given again", () => {
  const history = [
    userMessage("Go"),
    asked("ollama", "a", "a", "a_2"),
    answered("a", "one"),
    answered("a", "two"),
    answered("a_2", "three"),
  ];
  const { messages } = handoff(history, target);
  expect(idsOf(messages)).toEqual(["a", "a_3", "a_2"]);
  expect(resultsOf(messages).map(([id]) => id)).toEqual(["a", "a_3", "a_2"]);
});

test("calls differ too in a history of which a client does not say who made it", () => {
  const unsigned = (id: string): Message => ({ role: "assistant", parts: asked("ollama", id).parts });
  const history = [userMessage("Go"), unsigned("a"), answered("a", "one"), unsigned("a"), answered("a", "two")];
  expect(idsOf(handoff(history, target).messages)).toEqual(["a", "a_2"]);
});

test("calls of its own are left as the vendor made them", () => {
  const history = [userMessage("Go"), asked(dialect, "a"), answered("a", "one"), asked(dialect, "a"), answered("a", "two")];
  const { messages, report } = handoff(history, target);
  expect(messages).toEqual(history);
  expect(report).toEqual([]);
});
