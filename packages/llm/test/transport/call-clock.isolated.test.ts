import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CallClock, type CallPhase } from "../../src/transport/call-clock.ts";
import { DEFAULT_TIMEOUTS, type TransportTimeouts } from "../../src/transport/timeouts.ts";

const ENDLESS: TransportTimeouts = { connectMs: Infinity, firstByteMs: Infinity, idleMs: Infinity, totalMs: Infinity };

/** What expired, and when by the faked clock. */
function startClock(limits: Partial<TransportTimeouts>, phase: CallPhase = "connectMs") {
  const expired: [name: string, limitMs: number, atMs: number][] = [];
  const startedAt = performance.now();
  const onExpired = (name: string, limitMs: number) => expired.push([name, limitMs, Math.round(performance.now() - startedAt)]);
  return { clock: new CallClock({ ...ENDLESS, ...limits }, phase, onExpired), expired };
}

describe("the clock of a call", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    // Spies first: one of them stands around a faked timer, and would put it back after the real ones are.
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  test("tells each limit by its name, a turn after it has passed", () => {
    for (const name of ["connectMs", "firstByteMs", "idleMs"] as const) {
      const { expired } = startClock({ [name]: 1000 }, name);
      vi.advanceTimersByTime(999);
      expect(expired).toEqual([]);
      vi.advanceTimersByTime(10_000);
      expect(expired).toEqual([[name, 1000, 1001]]);
    }
  });

  test("begins each phase anew, and the total never", () => {
    const { clock, expired } = startClock({ connectMs: 100, firstByteMs: 100, idleMs: 100, totalMs: 450 });
    for (const phase of ["firstByteMs", "idleMs"] as const) {
      vi.advanceTimersByTime(90);
      clock.enter(phase);
    }
    for (let touch = 0; touch < 2; touch++) {
      vi.advanceTimersByTime(90);
      clock.touch();
    }
    expect(expired).toEqual([]);
    vi.advanceTimersByTime(85);
    clock.touch();
    vi.advanceTimersByTime(50);
    expect(expired).toEqual([["totalMs", 450, 451]]);
  });

  test("notices a shorter limit that begins later", () => {
    const { clock, expired } = startClock({ connectMs: 10_000, firstByteMs: 50 });
    clock.enter("firstByteMs");
    vi.advanceTimersByTime(60);
    expect(expired).toEqual([["firstByteMs", 50, 51]]);
  });

  test("stands still while paused, but for the total", () => {
    const { clock, expired } = startClock({ idleMs: 100, totalMs: 5000 }, "idleMs");
    clock.pause();
    vi.advanceTimersByTime(1000);
    clock.resume();
    vi.advanceTimersByTime(90);
    expect(expired).toEqual([]);
    clock.pause();
    vi.advanceTimersByTime(10_000);
    expect(expired).toEqual([["totalMs", 5000, 5001]]);
  });

  test("says nothing after it was stopped, and once at most", () => {
    const { clock, expired } = startClock({ connectMs: 10, totalMs: 10 });
    vi.advanceTimersByTime(100);
    clock.enter("idleMs");
    vi.advanceTimersByTime(100);
    expect(expired).toHaveLength(1);
    const stopped = startClock({ connectMs: 10 });
    vi.advanceTimersByTime(10);
    stopped.clock.stop();
    vi.advanceTimersByTime(100);
    expect(stopped.expired).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("believes what came at the last moment, as after a busy event loop", () => {
    const { clock, expired } = startClock({ idleMs: 100 }, "idleMs");
    vi.advanceTimersByTime(100); // The timer fires; what lies in the socket is read in the same turn.
    clock.touch();
    vi.advanceTimersByTime(99);
    expect(expired).toEqual([]);
    vi.advanceTimersByTime(10);
    expect(expired).toEqual([["idleMs", 100, 201]]);
  });

  test("sets one timer for a usual call, however many pieces come", () => {
    const setTimer = vi.spyOn(globalThis, "setTimeout");
    const clock = new CallClock(DEFAULT_TIMEOUTS, "connectMs", () => {});
    clock.enter("firstByteMs");
    clock.enter("idleMs");
    for (let piece = 0; piece < 1000; piece++) clock.touch();
    clock.stop();
    expect(setTimer).toHaveBeenCalledTimes(1);
    setTimer.mockRestore();
  });

  test("sets no timer without a limit, and none that would overflow", () => {
    startClock({});
    expect(vi.getTimerCount()).toBe(0);
    const { expired } = startClock({ totalMs: 2 ** 32 });
    vi.advanceTimersByTime(2 ** 31 + 5);
    expect(expired).toEqual([]);
    vi.advanceTimersByTime(2 ** 31 + 5);
    expect(expired).toEqual([["totalMs", 2 ** 32, 2 ** 32 + 1]]);
  });
});
