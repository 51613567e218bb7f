import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  assistantMessage,
  type DialectConstraints,
  type HandoffTarget,
  handoff,
  type Message,
  type Origin,
  type ToolResultPart,
  toolCallsOf,
  toolResult,
  UNKNOWN_CAPABILITIES,
  userMessage,
  withCapabilities,
} from "../src/index.ts";
import { history } from "./arbitraries.ts";

const ALL = ["data", "url", "reference"] as const;

const RULES: readonly DialectConstraints["toolCallId"][] = [
  { pattern: /^[a-zA-Z0-9_-]+$/, lengthMax: 64 },
  { pattern: /^[a-zA-Z0-9]{9}$/, lengthMax: 9 },
  { pattern: /^[\x21-\x7e]+$/, lengthMax: 40 },
  { pattern: /^[\s\S]+$/, lengthMax: Number.POSITIVE_INFINITY },
];

type TargetChange = Partial<Omit<HandoffTarget, "constraints">> & { readonly constraints?: Partial<DialectConstraints> };

function targetOf(change: TargetChange = {}): HandoffTarget {
  const { constraints, ...rest } = change;
  return {
    dialect: "anthropic-messages",
    provider: "one",
    model: "m",
    capabilities: UNKNOWN_CAPABILITIES,
    ...rest,
    constraints: {
      toolCallId: { pattern: /^[a-zA-Z0-9_-]+$/, lengthMax: 64 },
      media: { image: ALL, audio: ALL, file: ALL, toolResultImage: ALL },
      reasoning: "signed",
      ...constraints,
    },
  };
}

const target: fc.Arbitrary<HandoffTarget> = fc
  .record({
    dialect: fc.constantFrom("anthropic-messages", "openai-chat", "gemini"),
    reasoning: fc.constantFrom("signed", "text", "none"),
    toolCallId: fc.constantFrom(...RULES),
    images: fc.boolean(),
  })
  .map(({ dialect, reasoning, toolCallId, images }) =>
    targetOf({
      dialect,
      capabilities: withCapabilities(UNKNOWN_CAPABILITIES, { images }, "configuration"),
      constraints: { reasoning, toolCallId },
    }),
  );

function resultsOf(message: Message | undefined): readonly ToolResultPart[] {
  return message?.role === "tool" ? message.parts : [];
}

function isOwn(origin: Origin | undefined, target: HandoffTarget): boolean {
  return (
    origin === undefined ||
    (origin.dialect === target.dialect && origin.provider === target.provider && origin.backend === target.backend)
  );
}

describe("the laws of handing off", () => {
  test("what was handed off once is left alone: the same array, an empty report", () => {
    fc.assert(
      fc.property(history, target, (messages, target) => {
        const once = handoff(messages, target).messages;
        const twice = handoff(once, target);
        expect(twice.messages).toBe(once);
        expect(twice.report).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test("every call is followed by its result, and every result follows its call", () => {
    fc.assert(
      fc.property(history, target, (messages, target) => {
        const { messages: handed } = handoff(messages, target);
        for (const [index, message] of handed.entries()) {
          const following: string[] = [];
          for (let next = index + 1; handed[next]?.role === "tool"; next++)
            following.push(...resultsOf(handed[next]).map((result) => result.toolCallId));
          if (message.role === "assistant") {
            expect(following.sort()).toEqual(
              toolCallsOf(message)
                .map((call) => call.id)
                .sort(),
            );
          } else if (message.role !== "tool") expect(following).toEqual([]);
        }
        expect(handed[0]?.role).not.toBe("tool");
      }),
      { numRuns: 300 },
    );
  });

  test("every id is one that the target takes", () => {
    fc.assert(
      fc.property(history, target, (messages, target) => {
        const { pattern, lengthMax } = target.constraints.toolCallId;
        for (const message of handoff(messages, target).messages) {
          const ids = [...toolCallsOf(message).map((call) => call.id), ...resultsOf(message).map((part) => part.toolCallId)];
          for (const id of ids) expect(pattern.test(id) && id.length <= lengthMax, id).toBe(true);
        }
      }),
    );
  });

  test("nothing leaves that only another maker can read", () => {
    fc.assert(
      fc.property(history, target, (messages, target) => {
        for (const message of handoff(messages, target).messages) {
          if (message.role !== "assistant") continue;
          const own = isOwn(message.origin, target);
          for (const holder of [message, ...message.parts]) {
            const vendor = "vendor" in holder ? holder.vendor : undefined;
            // Own reasoning keeps all that hangs on it; its dialect sends only its own entry.
            if (own && "type" in holder && holder.type === "reasoning") continue;
            expect(Object.keys(vendor ?? {}).filter((dialect) => !own || dialect !== target.dialect)).toEqual([]);
            if ("type" in holder && holder.type === "opaque") expect(holder.dialect).toBe(target.dialect);
          }
        }
      }),
    );
  });

  test("an empty report means the very same messages, and a change means a report", () => {
    fc.assert(
      fc.property(history, target, (messages, target) => {
        const { messages: handed, report } = handoff(messages, target);
        expect(handed === messages).toBe(report.length === 0);
        for (const item of report) expect(messages[item.message]).toBeDefined();
      }),
      { numRuns: 300 },
    );
  });

  test("a history that went through JSON is handed off alike", () => {
    fc.assert(
      fc.property(history, target, (messages, target) => {
        const restored: Message[] = JSON.parse(JSON.stringify(messages));
        expect(JSON.stringify(handoff(restored, target))).toBe(JSON.stringify(handoff(messages, target)));
      }),
    );
  });
});

const foreign = { dialect: "openai-responses", provider: "openai", model: "gpt" } as const;
const own = { dialect: "anthropic-messages", provider: "one", model: "an older one" } as const;
const call = (id: string) => ({ type: "tool-call", id, name: "look", arguments: {} }) as const;

describe("tool calls", () => {
  test("own messages are handed on untouched, whichever model of the provider made them", () => {
    const mine = {
      ...assistantMessage([
        { type: "reasoning", text: "hm", vendor: { "anthropic-messages": { signature: "s" } } },
        { type: "text", text: "yes" },
      ]),
      origin: own,
    };
    const messages = [userMessage("?"), mine, { ...assistantMessage([call("not an id!")]), origin: foreign }];
    expect(handoff(messages, targetOf()).messages[1]).toBe(mine);
  });

  test("an id that its maker used again in a later turn keeps its own result, also when the history is repaired", () => {
    const messages = [
      userMessage("one"),
      { ...assistantMessage([call("look:0")]), origin: own },
      toolResult({ id: "look:0", name: "look" }, "first"),
      assistantMessage("Then."),
      { ...assistantMessage([call("look:0")]), origin: own },
      toolResult({ id: "look:0", name: "look" }, "second"),
      assistantMessage([call("open")]),
    ];
    const { messages: handed } = handoff(messages, targetOf({ constraints: { toolCallId: RULES[3] ?? fail() } }));
    const said = handed.flatMap((message) => resultsOf(message).map((part) => JSON.stringify(part.content)));
    expect(said).toEqual([
      expect.stringContaining("first"),
      expect.stringContaining("second"),
      expect.stringContaining("interrupted"),
    ]);
    expect(handed.slice(0, messages.length)).toEqual(messages);
  });

  test("a result that stands too late is moved up to its call, and the report says so", () => {
    const messages = [
      assistantMessage([call("a")]),
      userMessage("in between"),
      toolResult({ id: "a", name: "look" }, "late"),
      userMessage("and on"),
    ];
    const { messages: handed, report } = handoff(messages, targetOf());
    expect(handed.map((message) => message.role)).toEqual(["assistant", "tool", "user", "user"]);
    expect(report).toEqual([
      { action: "repaired", subject: "tool-result", message: 2, detail: "the result of look (a) was moved up to its call" },
    ]);
  });

  test("of two results for one call the second becomes text", () => {
    const look = { id: "a", name: "look" };
    const { messages, report } = handoff(
      [assistantMessage([call("a")]), toolResult(look, "one"), toolResult(look, { two: 2 })],
      targetOf(),
    );
    expect(messages.at(-1)).toEqual(userMessage('Result of look: {"two":2}'));
    expect(report).toMatchObject([{ action: "as-text", subject: "tool-result", message: 2 }]);
  });

  test("results of one turn may stand in several messages and in any order", () => {
    const messages = [
      assistantMessage([call("a"), call("b")]),
      toolResult({ id: "b", name: "look" }, "b"),
      toolResult({ id: "a", name: "look" }, "a"),
      userMessage("?"),
    ];
    expect(handoff(messages, targetOf()).messages).toBe(messages);
  });
});

describe("reasoning of another maker", () => {
  const thought = { ...assistantMessage([{ type: "reasoning", text: "a plan" }, call("a")]), origin: foreign };
  const result = toolResult({ id: "a", name: "look" }, "seen");

  test("becomes text in the turn that is still open", () => {
    const { messages, report } = handoff([userMessage("?"), thought, result], targetOf());
    expect(messages[1]?.parts[0]).toEqual({ type: "text", text: "a plan" });
    expect(report).toMatchObject([{ action: "as-text", subject: "reasoning", message: 1 }]);
  });

  test("is dropped from a finished turn", () => {
    const { messages, report } = handoff([userMessage("?"), thought, result, userMessage("And?")], targetOf());
    expect(messages[1]?.parts).toEqual([call("a")]);
    expect(report).toMatchObject([{ action: "dropped", subject: "reasoning", message: 1 }]);
  });

  test("goes over as it is where any text is taken", () => {
    const messages = [userMessage("?"), thought, result, userMessage("And?")];
    expect(handoff(messages, targetOf({ constraints: { reasoning: "text" } })).messages).toBe(messages);
  });
});

test("vendor data of a whole message stays with the maker, also between two vendors of one wire", () => {
  const message = {
    ...assistantMessage("hi"),
    origin: { dialect: "openai-chat", provider: "moonshot", model: "kimi" },
    vendor: { "openai-chat": { fields: { secret_id: "x" } } },
  };
  const { messages, report } = handoff([message], targetOf({ dialect: "openai-chat", provider: "llamacpp" }));
  expect(messages).toEqual([{ role: "assistant", parts: message.parts, origin: message.origin }]);
  expect(report).toMatchObject([{ action: "dropped", subject: "vendor-data" }]);
});

test("media that the target cannot take is named in its place", () => {
  const image = { type: "image", mediaType: "image/png", source: { type: "data", data: "aGk=" } } as const;
  const messages = [
    userMessage([image, { type: "text", text: "?" }]),
    assistantMessage([call("a")]),
    toolResult({ id: "a", name: "look" }, [image]),
  ];
  const capabilities = withCapabilities(UNKNOWN_CAPABILITIES, { images: false }, "catalogue");
  const { messages: handed, report } = handoff(messages, targetOf({ capabilities }));
  expect(JSON.stringify(handed)).not.toContain("aGk=");
  expect(JSON.stringify(handed).match(/not shown, this model cannot take it/g)).toHaveLength(2);
  expect(report.map((item) => item.subject)).toEqual(["media", "media"]);
});

function fail(): never {
  throw new Error("the rule is missing");
}
