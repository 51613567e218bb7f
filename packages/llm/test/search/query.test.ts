import { describe, expect, test } from "vitest";
import { assistantMessage, deriveSearchQuery, toolResult, userMessage } from "../../src/index.ts";
import { questionOf } from "../../src/search/search-question.ts";
import { shortQuery } from "../../src/search/short-query.ts";

describe("a query is derived from the question", () => {
  test.each([
    ["What's the weather in Oslo tomorrow?", "What's the weather in Oslo tomorrow"],
    ["Hi! Please can you tell me who won the match last night?", "who won the match last night"],
    ["I am planning a trip. The flight is booked. What is the weather in Oslo?", "What is the weather in Oslo"],
    ["Kannst du mir bitte sagen, was Diesel heute kostet?", "was Diesel heute kostet"],
    ["Tell me the latest version of Node.js.", "the latest version of Node.js"],
    ["¿Quién ganó el partido de ayer?", "Quién ganó el partido de ayer"],
    ["東京の天気は？", "東京の天気は"],
    ["Write to jane.doe@example.com about the news", "Write to about the news"],
    ["Is sk-abcdefghijklmnop1234 a valid key today?", "Is a valid key today"],
  ])("%s", (asking, query) => expect(deriveSearchQuery({ asking })).toBe(query));

  test("a short follow-up takes the question before it along", () => {
    expect(deriveSearchQuery({ asking: "And in Paris?", before: "What is the weather in Oslo today?" })).toBe(
      "What is the weather in Oslo today And in Paris",
    );
    expect(deriveSearchQuery({ asking: "What is the price of gold?", before: "What is the weather in Oslo?" })).toBe(
      "What is the price of gold",
    );
  });

  test("a question that points at the sentence before it takes that along", () => {
    expect(deriveSearchQuery({ asking: "I read about the Framework laptop. What is its price?" })).toBe(
      "I read about the Framework laptop What is its price",
    );
  });

  test("is never longer than services take", () => {
    expect(deriveSearchQuery({ asking: "word ".repeat(500) }).split(" ")).toHaveLength(32);
    expect(deriveSearchQuery({ asking: "天".repeat(500) })).toHaveLength(240);
    expect(shortQuery("one two three", 7)).toBe("one two");
    expect(shortQuery("😀😀", 3)).toBe("😀");
    expect(shortQuery("  ", 7)).toBe("");
  });
});

describe("the question of a conversation", () => {
  test("is the last user message, with the one before it", () => {
    const messages = [userMessage("What is the weather in Oslo?"), assistantMessage("Dry."), userMessage("And tomorrow?")];
    expect(questionOf(messages)).toEqual({
      text: "And tomorrow?",
      asking: "And tomorrow?",
      before: "What is the weather in Oslo?",
      index: 2,
      underWay: false,
    });
  });

  test("is under way while tools are answered", () => {
    const call = { id: "1", name: "get" };
    const messages = [
      userMessage("Weather?"),
      assistantMessage([{ type: "tool-call", ...call, arguments: {} }]),
      toolResult(call, "dry"),
    ];
    expect(questionOf(messages)).toMatchObject({ text: "Weather?", index: 0, underWay: true });
  });

  test("is none where the answer was begun, or nothing is said", () => {
    expect(questionOf([userMessage("Weather?"), assistantMessage("It is")])).toBeUndefined();
    expect(questionOf([userMessage("  ")])).toBeUndefined();
    expect(questionOf([])).toBeUndefined();
  });

  test("leaves code, quoted lines and quoted passages out of the asking, but not names", () => {
    const text =
      'What is `really` new?\n```js\nlatest()\n```\n> the weather today\nHe said “it will rain a lot tomorrow” about "Oslo".';
    expect(questionOf([userMessage(text)])?.asking).toBe('What is really new? He said about "Oslo".');
  });

  test("of a pasted text is its first and its last line", () => {
    const text = `Summarise.\n${"The news of the day. ".repeat(100)}\nWho wrote it?`;
    expect(questionOf([userMessage(text)])?.asking).toBe("Summarise. Who wrote it?");
  });
});
