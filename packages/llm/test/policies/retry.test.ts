import { createScriptedProvider, type ScriptedAnswer } from "@dragoman/llm/testing";
import { describe, expect, test } from "vitest";
import {
  DragomanError,
  ERROR_TABLE,
  type ErrorCode,
  fold,
  type RetryOptions,
  retry,
  retryDelayMs,
  type StreamEvent,
  userMessage,
  wrapProvider,
} from "../../src/index.ts";

const CALL = { model: "m", messages: [userMessage("Hello.")] };

function setUp(script: readonly ScriptedAnswer[], options: RetryOptions = {}) {
  const scripted = createScriptedProvider(script);
  const waits: number[] = [];
  const provider = retry(scripted, {
    random: () => 1,
    sleep: async (delayMs) => {
      waits.push(delayMs);
    },
    ...options,
  });
  return { provider, scripted, waits };
}

describe("retry", () => {
  test("answers after passing faults, and says at which attempt", async () => {
    const { provider, scripted, waits } = setUp([{ error: "overloaded" }, { error: "connection_failed" }, { text: "Hi." }]);
    const completion = await provider.complete(CALL);
    expect(completion.warnings).toEqual([{ type: "other", detail: "answered at attempt 3" }]);
    expect(waits).toEqual([500, 1000]);
    scripted.assertUsedUp();
  });

  test("does not add a warning to an answer of the first attempt", async () => {
    const { provider } = setUp([{ text: "Hi." }]);
    expect((await provider.complete(CALL)).warnings).toEqual([]);
  });

  const final = (Object.keys(ERROR_TABLE) as ErrorCode[]).filter((code) => !ERROR_TABLE[code].retryable);
  test.each(final)("does not retry %s", async (code) => {
    const { provider, scripted, waits } = setUp([{ error: code }, { text: "never" }]);
    await expect(provider.complete(CALL)).rejects.toMatchObject({ code });
    expect(waits).toEqual([]);
    expect(scripted.remaining).toBe(1);
  });

  test("gives up after the last attempt with the last error", async () => {
    const { provider, scripted } = setUp([{ error: "overloaded" }, { error: "rate_limited" }], { attemptsMax: 2 });
    await expect(provider.complete(CALL)).rejects.toMatchObject({ code: "rate_limited" });
    scripted.assertUsedUp();
  });

  test("waits exactly as long as the vendor asks", async () => {
    const error = new DragomanError({ code: "rate_limited", detail: "slow down", retryAfterMs: 7_250 });
    const { provider, waits } = setUp([{ error }, { text: "Hi." }]);
    await provider.complete(CALL);
    expect(waits).toEqual([7_250]);
  });

  test("does not wait when the vendor asks for longer than allowed", async () => {
    const error = new DragomanError({ code: "rate_limited", detail: "slow down", retryAfterMs: 3_600_000 });
    const { provider, waits } = setUp([{ error }, { text: "never" }]);
    await expect(provider.complete(CALL)).rejects.toMatchObject({ retryAfterMs: 3_600_000 });
    expect(waits).toEqual([]);
  });

  test("obeys a vendor's own verdict over the table", async () => {
    const error = new DragomanError({ code: "vendor_error", detail: "broken for good", retryable: false });
    const { provider, waits } = setUp([{ error }, { text: "never" }]);
    await expect(provider.complete(CALL)).rejects.toBe(error);
    expect(waits).toEqual([]);
  });

  test("spreads its waits by full jitter under a doubling bound with a ceiling", () => {
    const error = new DragomanError({ code: "overloaded", detail: "" });
    const options = { firstDelayMs: 100, delayMsMax: 1_000 };
    expect([1, 2, 3, 4, 5, 9].map((attempt) => retryDelayMs(error, attempt, { ...options, random: () => 1 }))).toEqual([
      100, 200, 400, 800, 1_000, 1_000,
    ]);
    expect(retryDelayMs(error, 3, { ...options, random: () => 0 })).toBe(0);
  });

  test("an abort while it waits ends the call as aborted", async () => {
    const controller = new AbortController();
    const patient = retry(createScriptedProvider([{ error: "overloaded" }, { text: "never" }]), {
      firstDelayMs: 60_000,
      onRetry: () => controller.abort(),
    });
    await expect(patient.complete({ ...CALL, signal: controller.signal })).rejects.toMatchObject({ code: "aborted" });
  });
});

describe("retry of a stream", () => {
  test("repeats a stream that failed before its first part, without a trace of the failure", async () => {
    const { provider } = setUp([{ error: "overloaded" }, { text: "Hi." }]);
    const completion = await fold(provider.stream(CALL));
    expect(completion.message.parts).toEqual([{ type: "text", text: "Hi." }]);
    expect(completion.warnings).toEqual([{ type: "other", detail: "answered at attempt 2" }]);
  });

  test("does not repeat a stream of which the caller has seen something", async () => {
    const inner = createScriptedProvider([]);
    let streams = 0;
    const provider = retry(
      wrapProvider(inner, {
        async *stream(): AsyncGenerator<StreamEvent> {
          streams += 1;
          yield { type: "start", id: "1", origin: { dialect: "d", provider: "p", model: "m" } };
          yield { type: "text-start", index: 0 };
          yield { type: "text-delta", index: 0, text: "half" };
          yield { type: "text-end", index: 0 };
          yield { type: "error", error: new DragomanError({ code: "stream_truncated", detail: "cut" }) };
        },
      }),
    );
    const types: string[] = [];
    for await (const event of provider.stream(CALL)) types.push(event.type);
    expect(types).toEqual(["start", "text-start", "text-delta", "text-end", "error"]);
    expect(streams).toBe(1);
  });

  test("ends with the error when it gives up", async () => {
    const { provider } = setUp([{ error: "overloaded" }, { error: "overloaded" }], { attemptsMax: 2 });
    const events: StreamEvent[] = [];
    for await (const event of provider.stream(CALL)) events.push(event);
    expect(events.map((event) => event.type)).toEqual(["error"]);
  });
});
