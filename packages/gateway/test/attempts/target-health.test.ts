import { DragomanError, type ErrorCode } from "@dragoman/llm";
import { describe, expect, it } from "vitest";
import { createTargetHealth } from "../../src/attempts/create-target-health.ts";

const BREAKER = { failures: 3, share: 0.5, windowMs: 60_000, openMs: 10_000, openMsMax: 40_000 };
const A = "openai:gpt";

function started() {
  let now = 1_000_000;
  const changes: string[] = [];
  const CLOSED = { state: "closed" } as const;
  const PROBE = { state: "probe" } as const;
  const health = createTargetHealth({
    breaker: () => BREAKER,
    time: () => now,
    onChange: (target, state) => changes.push(`${target} ${state}`),
  });
  return {
    health,
    changes,
    later: (ms: number) => {
      now += ms;
    },
    fail: (code: ErrorCode = "vendor_error", retryAfterMs?: number) =>
      health.record(A, new DragomanError({ code, detail: "a fault", retryAfterMs }), CLOSED),
    failProbe: (code: ErrorCode = "vendor_error") => health.record(A, new DragomanError({ code, detail: "a fault" }), PROBE),
    answer: () => health.record(A, undefined, CLOSED),
    answerProbe: () => health.record(A, undefined, PROBE),
  };
}

describe("a breaker", () => {
  it("opens after so many failures in a row, and says why and until when", () => {
    const { health, fail, changes } = started();
    fail();
    fail();
    expect(health.admit(A)).toEqual({ state: "closed" });
    fail();
    expect(health.admit(A)).toEqual({
      state: "open",
      until: 1_010_000,
      reason: "3 calls in a row failed, the last with vendor_error",
      isRateLimited: false,
    });
    expect(changes).toEqual([`${A} open`]);
  });

  it("opens by the share of failures where answers come in between", () => {
    const { health, fail, answer } = started();
    for (const _ of [1, 2, 3]) {
      answer();
      fail();
    }
    expect(health.admit(A)).toMatchObject({ state: "open", reason: expect.stringContaining("3 of 6 calls failed") });
  });

  it("lets one probe through, closes when it is answered, and waits twice as long when it fails", () => {
    const { health, fail, failProbe, answerProbe, later } = started();
    for (const _ of [1, 2, 3]) fail();
    later(10_000);
    expect(health.admit(A)).toEqual({ state: "probe" });
    expect(health.admit(A)).toMatchObject({ state: "open" });
    failProbe();
    expect(health.admit(A)).toMatchObject({ state: "open", until: 1_030_000 });
    later(20_000);
    expect(health.admit(A)).toEqual({ state: "probe" });
    answerProbe();
    expect(health.admit(A)).toEqual({ state: "closed" });
  });

  it("never waits longer than its maximum", () => {
    const { health, fail, failProbe, later } = started();
    for (const _ of [1, 2, 3]) fail();
    for (const _ of [1, 2, 3, 4, 5]) {
      later(40_000);
      expect(health.admit(A).state).toBe("probe");
      failProbe();
    }
    expect(health.view()[0]?.openUntil).toBe(1_000_000 + 5 * 40_000 + 40_000);
  });

  it("leaves a target alone for as long as the vendor asked, and then lets all calls through", () => {
    const { health, fail, later, changes } = started();
    fail("rate_limited", 7_000);
    expect(health.admit(A)).toMatchObject({ state: "open", until: 1_007_000, reason: "it asked to wait 7 s" });
    later(6_999);
    // A timer of seven seconds may wake a millisecond early.
    expect(health.admit(A)).toEqual({ state: "closed" });
    expect(health.admit(A)).toEqual({ state: "closed" });
    expect(changes).toEqual([`${A} open`, `${A} closed`]);
  });

  it("keeps to the longest wait that was asked for, and to its own maximum", () => {
    const { health, fail } = started();
    fail("overloaded", 7_000);
    fail("rate_limited", 2_000);
    expect(health.admit(A)).toMatchObject({ until: 1_007_000 });
    fail("rate_limited", 9e12);
    expect(health.admit(A)).toMatchObject({ until: 1_040_000 });
  });

  it("does not wait longer because many calls were under way when it opened", () => {
    const { health, fail, later } = started();
    for (let count = 0; count < 30; count++) fail();
    expect(health.admit(A)).toMatchObject({ state: "open", until: 1_010_000 });
    later(10_000);
    expect(health.admit(A)).toEqual({ state: "probe" });
    fail();
    expect(health.admit(A)).toMatchObject({ state: "open", reason: expect.stringContaining("a probe is under way") });
  });

  it("stays open when a call that began before the outage is answered", () => {
    const { health, fail, answer } = started();
    for (const _ of [1, 2, 3]) fail();
    answer();
    expect(health.admit(A)).toMatchObject({ state: "open" });
  });

  it("waits no longer than it would have when the clock is set back", () => {
    const { health, fail, later } = started();
    for (const _ of [1, 2, 3]) fail();
    later(-3_600_000);
    expect(health.admit(A)).toMatchObject({ state: "open", until: 1_010_000 - 3_600_000 });
    later(10_000);
    expect(health.admit(A)).toEqual({ state: "probe" });
  });

  it.each(["invalid_request", "content_refused", "context_overflow", "aborted", "unsupported"] as const)(
    "does not count %s, which is no fault of the target",
    (code) => {
      const { health, fail } = started();
      for (let count = 0; count < 10; count++) fail(code);
      expect(health.admit(A)).toEqual({ state: "closed" });
    },
  );

  it("lets the next call be the probe where the first said nothing of the target", () => {
    const { health, fail, failProbe, later } = started();
    for (const _ of [1, 2, 3]) fail();
    later(10_000);
    expect(health.admit(A)).toEqual({ state: "probe" });
    failProbe("aborted");
    expect(health.admit(A)).toEqual({ state: "probe" });
  });

  it("forgets the targets that were not used for longest", () => {
    const health = createTargetHealth({ breaker: () => BREAKER, time: () => 0, targetsMax: 2 });
    for (const target of ["a", "b", "c"]) health.record(target, undefined, { state: "closed" });
    expect(health.view().map(({ target }) => target)).toEqual(["b", "c"]);
  });
});
