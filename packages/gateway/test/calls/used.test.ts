import { DragomanError, type ErrorCode, type Pricing } from "@dragoman/llm";
import { describe, expect, it } from "vitest";
import { type Counted, usedByFailure } from "../../src/calls/used.ts";

const SET_ASIDE = { requests: 1, inputTokens: 100, outputTokens: 50 };
const PRICING: Pricing = { inputPerMillionUsd: 1, outputPerMillionUsd: 10, catalogue: "own" };

function usedAfter(code: ErrorCode, counted: Partial<Counted> = {}, status?: number) {
  const error = new DragomanError({ code, detail: "a fault", status });
  const { usage, estimated, costUsd } = usedByFailure(
    error,
    { usage: {}, characters: 0, inOnePiece: false, ...counted },
    SET_ASIDE,
    PRICING,
  );
  return { input: usage.inputTokens, output: usage.outputTokens, estimated, isFree: costUsd === 0 };
}

describe("an attempt without an answer", () => {
  it.each([
    ["rate_limited", 429],
    ["vendor_error", 500],
    ["timeout", 504],
    ["connection_failed", undefined],
    ["timeout", 500],
    ["invalid_response", 307],
  ] as const)("costs nothing where the vendor turned it away or was never reached: %s", (code, status) => {
    expect(usedAfter(code, {}, status)).toEqual({ input: 0, output: 0, estimated: false, isFree: true });
  });

  it("counts as written where the connection broke inside an answer that had begun", () => {
    expect(usedAfter("connection_failed", {}, 200)).toEqual({ input: 100, output: 0, estimated: true, isFree: false });
    expect(usedAfter("connection_failed", { inOnePiece: true }, 200)).toMatchObject({ input: 100, output: 50, estimated: true });
    expect(usedAfter("provider_unavailable", { inOnePiece: true }, 200)).toMatchObject({ output: 50, estimated: true });
  });

  it("has its prompt counted where a stream fell silent before its first token", () => {
    expect(usedAfter("timeout")).toEqual({ input: 100, output: 0, estimated: true, isFree: false });
  });

  it("has what arrived of a stream counted, and the vendor's own figures where it told them", () => {
    expect(usedAfter("stream_truncated", { characters: 36 })).toMatchObject({ input: 100, output: 10, estimated: true });
    const told = { usage: { inputTokens: 7, outputTokens: 1 }, characters: 36 };
    expect(usedAfter("connection_failed", told)).toMatchObject({ input: 7, output: 10, estimated: true });
  });

  it.each(["timeout", "invalid_response", "aborted"] as const)(
    "counts for what was set aside where an answer in one piece was written and not read: %s",
    (code) => {
      expect(usedAfter(code, { inOnePiece: true })).toMatchObject({ input: 100, output: 50, estimated: true });
    },
  );
});
