import { checkStream, createScriptedProvider } from "@dragoman/llm/testing";
import { describe, expect, test } from "vitest";
import { DragomanError, fold, type StreamEvent, textOf, toolCallsOf, userMessage } from "../src/index.ts";

const CALL = { model: "m", messages: [userMessage("Hello.")] };

describe("a scripted provider", () => {
  test("gives the answers of its list in order, whole or streamed", async () => {
    const provider = createScriptedProvider([
      { text: "one", reasoning: "hm", usage: { inputTokens: 1, outputTokens: 2 } },
      { toolCalls: [{ name: "look", arguments: { at: "x" } }, { name: "wait" }] },
      { parts: [{ type: "refusal", text: "no" }], finish: { reason: "content-filter" } },
    ]);
    expect(provider.remaining).toBe(3);
    const one = await provider.complete(CALL);
    expect(one.message.parts).toEqual([
      { type: "reasoning", text: "hm" },
      { type: "text", text: "one" },
    ]);
    expect(one).toMatchObject({
      usage: { inputTokens: 1 },
      finish: { reason: "stop" },
      origin: { provider: "scripted", model: "m" },
    });
    const two = await fold(provider.stream(CALL));
    expect(two.finish.reason).toBe("tool-calls");
    expect(toolCallsOf(two.message).map(({ name, arguments: given }) => [name, given])).toEqual([
      ["look", { at: "x" }],
      ["wait", {}],
    ]);
    expect((await provider.complete(CALL)).finish.reason).toBe("content-filter");
    expect(provider.remaining).toBe(0);
    provider.assertUsedUp();
  });

  test("keeps the requests that came, without what is no JSON", async () => {
    const provider = createScriptedProvider([{ text: "a" }]);
    await provider.complete({ ...CALL, timeouts: { totalMs: 5 }, signal: new AbortController().signal });
    expect(provider.requests).toEqual([CALL]);
  });

  test("fails when answers are left", async () => {
    const provider = createScriptedProvider([{ text: "a" }, { text: "b" }]);
    await provider.complete(CALL);
    expect(() => provider.assertUsedUp()).toThrow("1 of 2 scripted answers were never asked for");
  });

  test("fails when more was asked for than it has, also when the caller swallowed the error", async () => {
    const provider = createScriptedProvider([{ text: "a" }], { id: "mine" });
    await provider.complete(CALL);
    await expect(provider.complete(CALL)).rejects.toMatchObject({
      code: "internal",
      provider: "mine",
      detail: "the script has 1 answers, and this is request 2",
    });
    expect(() => provider.assertUsedUp()).toThrow("2 requests came, and the script has 1 answers");
  });

  test("fails as its list says, in a stream with what had arrived", async () => {
    const own = new DragomanError({ code: "timeout", detail: "mine" });
    const provider = createScriptedProvider([{ error: "overloaded" }, { error: own }, { error: "rate_limited" }]);
    await expect(provider.complete(CALL)).rejects.toMatchObject({ code: "overloaded", provider: "scripted", model: "m" });
    await expect(provider.complete(CALL)).rejects.toBe(own);
    const events: StreamEvent[] = [];
    for await (const event of provider.stream(CALL)) events.push(event);
    expect(checkStream(events)).toEqual([]);
    expect(events).toMatchObject([
      { type: "error", error: { code: "rate_limited" }, partial: { usage: {}, message: { parts: [] } } },
    ]);
  });

  test("lets an answer check its request", async () => {
    const provider = createScriptedProvider([
      { text: "a", expect: ({ messages }) => expect(textOf(messages[0] ?? userMessage(""))).toBe("Hello.") },
      {
        text: "b",
        expect: () => {
          throw new Error("not as it should be");
        },
      },
    ]);
    await provider.complete(CALL);
    await expect(provider.complete(CALL)).rejects.toThrow("not as it should be");
  });

  test("does not take an answer for a call that is aborted already", async () => {
    const provider = createScriptedProvider([{ text: "a" }]);
    const signal = AbortSignal.abort();
    await expect(provider.complete({ ...CALL, signal })).rejects.toMatchObject({ code: "aborted" });
    await expect(fold(provider.stream({ ...CALL, signal }))).rejects.toMatchObject({ code: "aborted" });
    expect(provider.remaining).toBe(1);
  });
});
