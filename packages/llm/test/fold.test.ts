import { checkStream } from "@dragoman/llm/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { StreamWriter } from "../src/dialects/index.ts";
import { createFold, DragomanError, fold, type StreamEvent, streamFromCompletion } from "../src/index.ts";
import { completion, text } from "./arbitraries.ts";

const ORIGIN = { dialect: "d", provider: "p", model: "m" } as const;
const START = { type: "start", id: "1", origin: ORIGIN } as const;
const FINISH = { type: "finish", finish: { reason: "stop" }, usage: {} } as const;

describe("folding a stream", () => {
  test("gives back any completion that the stream was made from", async () => {
    await fc.assert(
      fc.asyncProperty(completion, async (whole) => {
        const events = streamFromCompletion(whole);
        expect(checkStream(events)).toEqual([]);
        expect(await fold(events)).toStrictEqual(whole);
      }),
    );
  });

  test("says of a simulated stream that it is one", async () => {
    await fc.assert(
      fc.asyncProperty(completion, text, async (whole, reason) => {
        const { warnings, ...rest } = await fold(streamFromCompletion(whole, reason));
        const { warnings: before, ...same } = whole;
        expect(rest).toStrictEqual(same);
        expect(warnings).toEqual([{ type: "simulated", detail: `${reason}; the stream was made from it` }, ...before]);
      }),
      { numRuns: 30 },
    );
  });

  test("puts parts that are open at the same time, or start out of order, at their index", async () => {
    const { message } = await fold([
      START,
      { type: "tool-call-start", index: 1, id: "b", name: "second" },
      { type: "text-start", index: 0 },
      { type: "tool-call-delta", index: 1, text: '{"x":' },
      { type: "text-delta", index: 0, text: "first" },
      { type: "tool-call-delta", index: 1, text: "1}" },
      { type: "text-end", index: 0, vendor: { gemini: { thoughtSignature: "s" } } },
      { type: "tool-call-end", index: 1 },
      FINISH,
    ]);
    expect(message.parts).toStrictEqual([
      { type: "text", text: "first", vendor: { gemini: { thoughtSignature: "s" } } },
      { type: "tool-call", id: "b", name: "second", arguments: { x: 1 } },
    ]);
  });

  test("keeps vendor data of a part's start unless its end replaces it", async () => {
    const { message } = await fold([
      START,
      { type: "text-start", index: 0, vendor: { d: "start" } },
      { type: "text-end", index: 0 },
      { type: "text-start", index: 1, vendor: { d: "start" } },
      { type: "text-end", index: 1, vendor: { d: "end" } },
      FINISH,
    ]);
    expect(message.parts.map((part) => ("vendor" in part ? part.vendor : undefined))).toEqual([{ d: "start" }, { d: "end" }]);
  });

  test("drops everything at a restart, and takes the origin of the model that took over", async () => {
    const completion = await fold([
      START,
      { type: "warning", warning: { type: "other", detail: "of the first" } },
      { type: "usage", usage: { inputTokens: 5 } },
      { type: "text-start", index: 0 },
      { type: "text-delta", index: 0, text: "half" },
      { type: "restart", reason: "another took over" },
      { ...START, id: "2", origin: { ...ORIGIN, model: "n" } },
      { type: "text-start", index: 0 },
      { type: "text-delta", index: 0, text: "whole" },
      { type: "text-end", index: 0 },
      FINISH,
    ]);
    expect(completion).toMatchObject({ id: "2", origin: { model: "n" }, usage: {}, warnings: [] });
    expect(completion.message.parts).toEqual([{ type: "text", text: "whole" }]);
  });

  test("ignores what comes after the terminal event", async () => {
    const { message } = await fold([START, FINISH, { type: "text-start", index: 0 }, { ...FINISH, finish: { reason: "error" } }]);
    expect(message.parts).toEqual([]);
  });

  test("throws the error of a stream that failed, and stream_truncated for one without an end", async () => {
    const error = new DragomanError({ code: "overloaded", detail: "busy" });
    await expect(fold([START, { type: "error", error }])).rejects.toBe(error);
    await expect(fold([START])).rejects.toMatchObject({ code: "stream_truncated" });
    await expect(fold([])).rejects.toMatchObject({ code: "stream_truncated" });
  });

  test("names the events that end what is open when the wire breaks", () => {
    const folded = createFold();
    const events: StreamEvent[] = [START, { type: "text-start", index: 0 }, { type: "reasoning-start", index: 1 }];
    for (const event of events) folded.push(event);
    expect(folded.endsOfOpenParts()).toEqual([
      { type: "text-end", index: 0 },
      { type: "reasoning-end", index: 1 },
    ]);
    expect(folded.completion().finish).toEqual({ reason: "other" });
  });
});

const key = fc.constantFrom("a", "b", "c");
type Write = (writer: StreamWriter) => void;

/** Any call of the writer, in any order, with any key for any kind of part. */
const write: fc.Arbitrary<Write> = fc.oneof(
  fc.tuple(fc.constantFrom("text", "reasoning", "refusal"), key, text).map(
    ([kind, key, piece]): Write =>
      (writer) =>
        writer.delta(kind, key, piece),
  ),
  key.map(
    (key): Write =>
      (writer) =>
        writer.toolCall(key, `id-${key}`, "tool"),
  ),
  fc.tuple(key, text).map(
    ([key, piece]): Write =>
      (writer) =>
        writer.toolCallDelta(key, piece),
  ),
  key.map(
    (key): Write =>
      (writer) =>
        writer.vendor(key, { d: { key } }),
  ),
  key.map(
    (key): Write =>
      (writer) =>
        writer.end(key),
  ),
  fc.constantFrom<Write>(
    (writer) => writer.endAll(),
    (writer) => writer.part({ type: "source", url: "https://example.com" }),
    (writer) => writer.reportUsage({ inputTokens: 3 }),
    (writer) => writer.reportUsage({ outputTokens: 4 }),
    (writer) => writer.warn({ type: "other", detail: "hm" }),
    (writer) => writer.start("again", ORIGIN),
    (writer) => writer.finish({ reason: "stop" }),
    (writer) => writer.fail(new DragomanError({ code: "vendor_error", detail: "broken" })),
  ),
);

test("a stream writer keeps the rules of a stream whatever is written", () => {
  fc.assert(
    fc.property(fc.array(write, { maxLength: 25 }), (writes) => {
      const writer = new StreamWriter();
      const events: StreamEvent[] = [];
      writer.into(events);
      writer.start("1", ORIGIN);
      for (const one of writes) one(writer);
      writer.finish({ reason: "stop" });
      expect(checkStream(events)).toEqual([]);
      expect(writer.done).toBe(true);
    }),
    { numRuns: 500 },
  );
});
