import { checkStream, createScriptedProvider, type ScriptedAnswer } from "@dragoman/llm/testing";
import { describe, expect, test } from "vitest";
import {
  type ContinueAnswerOptions,
  continueAnswer,
  createFold,
  type Provider,
  type StreamEvent,
  textOf,
  userMessage,
} from "../../src/index.ts";

const CALL = { model: "m", messages: [userMessage("Search for it.")] };
const PAUSE: ScriptedAnswer = {
  text: "Searching … ",
  finish: { reason: "pause", raw: "pause_turn" },
  usage: { inputTokens: 10, outputTokens: 4 },
};
const END: ScriptedAnswer = { text: "Found.", usage: { inputTokens: 14, outputTokens: 2 } };

function patient(script: readonly ScriptedAnswer[], options: ContinueAnswerOptions = {}) {
  const scripted = createScriptedProvider(script);
  return { scripted, model: continueAnswer(scripted, options) };
}

async function streamed(provider: Provider) {
  const events: StreamEvent[] = [];
  const fold = createFold();
  for await (const event of provider.stream(CALL)) {
    events.push(event);
    fold.push(event);
  }
  expect(checkStream(events)).toEqual([]);
  return { events, completion: fold.completion() };
}

describe("a suspended answer", () => {
  test("goes on until it is finished, and is one answer with the sum of its usage", async () => {
    const { scripted, model } = patient([PAUSE, PAUSE, END]);
    const completion = await model.complete(CALL);
    expect(textOf(completion.message)).toBe("Searching … Searching … Found.");
    expect(completion.finish.reason).toBe("stop");
    expect(completion.usage).toMatchObject({ inputTokens: 34, outputTokens: 10 });
    expect(scripted.requests.map(({ messages }) => messages.length)).toEqual([1, 2, 2]);
    expect(scripted.requests[2]?.messages[1]?.parts).toHaveLength(2);
    scripted.assertUsedUp();
  });

  test("streams as one answer: indexes go on, one start, one finish", async () => {
    const { events, completion } = await streamed(patient([PAUSE, PAUSE, END]).model);
    const whole = await patient([PAUSE, PAUSE, END]).model.complete(CALL);
    expect(completion.message.parts).toEqual(whole.message.parts);
    expect(completion.usage).toMatchObject({ inputTokens: 34, outputTokens: 10 });
    expect(events.filter(({ type }) => type === "start" || type === "finish").map(({ type }) => type)).toEqual([
      "start",
      "finish",
    ]);
    expect(events.flatMap((event) => (event.type === "text-start" ? [event.index] : []))).toEqual([0, 1, 2]);
  });

  test("is given out as far as it came at a limit, which is named", async () => {
    const { scripted, model } = patient([PAUSE, PAUSE, PAUSE], { turnsMax: 2 });
    const completion = await model.complete(CALL);
    expect(completion.finish.reason).toBe("pause");
    expect(completion.warnings.at(-1)?.detail).toContain("2 turns (turnsMax)");
    expect(scripted.remaining).toBe(1);
    const { completion: same } = await streamed(patient([PAUSE, PAUSE], { turnsMax: 2 }).model);
    expect(same.warnings.at(-1)?.detail).toContain("turnsMax");
  });

  test("stops at the time for all turns together", async () => {
    let now = 0;
    const { model } = patient([PAUSE, PAUSE, END], {
      totalMs: 1_000,
      now: () => {
        now += 400;
        return now;
      },
    });
    expect((await model.complete(CALL)).warnings.at(-1)?.detail).toContain("1000 ms (totalMs)");
  });

  test("that fails in a later turn is an error; in a stream it keeps all turns so far", async () => {
    await expect(patient([PAUSE, { error: "overloaded" }]).model.complete(CALL)).rejects.toMatchObject({ code: "overloaded" });
    const { events } = await streamed(patient([PAUSE, { error: "overloaded" }]).model);
    const last = events.at(-1);
    expect(last).toMatchObject({ type: "error", error: { code: "overloaded" } });
    expect(last?.type === "error" && last.partial && textOf(last.partial.message)).toContain("Searching");
  });
});

test("an answer that is not suspended passes as it is", async () => {
  const { scripted, model } = patient([END]);
  const completion = await model.complete(CALL);
  expect(textOf(completion.message)).toBe("Found.");
  expect(completion.warnings).toEqual([]);
  scripted.assertUsedUp();
});

test("the cost is that of all turns, and unknown as soon as one is", async () => {
  const priced = (...costs: readonly (number | undefined)[]) => {
    const scripted = createScriptedProvider([PAUSE, END]);
    let turn = 0;
    const provider: Provider = {
      ...scripted,
      async complete(call) {
        const totalUsd = costs[turn++];
        const completion = await scripted.complete(call);
        if (totalUsd === undefined) return completion;
        return { ...completion, cost: { totalUsd, inputUsd: totalUsd, outputUsd: 0, catalogue: "own" } };
      },
    };
    return continueAnswer(provider);
  };
  expect((await priced(1, 2).complete(CALL)).cost?.totalUsd).toBe(3);
  expect((await priced(undefined, 2).complete(CALL)).cost).toBeUndefined();
});
