import { getEventListeners } from "node:events";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createFairLine } from "../../src/limits/fair-line.ts";
import {
  amounts,
  calendar,
  follow,
  metered,
  QUEUE,
  queue,
  refused,
  rule,
  standing,
  take,
  tokens,
  turn,
  usd,
  type Waiting,
} from "./metering.ts";

const ONE_AT_ONCE = rule({ metric: "concurrency", amount: 1, overflow: QUEUE });

/** In which order calls were let in, when each ends as soon as it has begun. */
async function orderOf(waiting: readonly (readonly [name: string, Waiting])[]): Promise<readonly string[]> {
  const order: string[] = [];
  for (const [name, one] of waiting) {
    void one.over.then(() => {
      order.push(name);
      one.reservation?.settle(amounts());
    });
  }
  await Promise.all(waiting.map(([, { over }]) => over));
  return order;
}

describe("a limit that lets calls wait", () => {
  test("lets the next one in when a call ends", async () => {
    const { meter } = metered([ONE_AT_ONCE]);
    const first = take(meter);
    const second = queue(meter);
    await turn();
    expect(second.reservation).toBeUndefined();
    expect(standing(meter)).toMatchObject({ reserved: 1, waiting: 1 });
    first.settle(amounts());
    await second.over;
    expect(standing(meter)).toMatchObject({ reserved: 1, waiting: 0 });
    second.reservation?.settle(amounts());
    expect(standing(meter).reserved).toBe(0);
  });

  test("lets the next one in when its time comes, and wakes for nobody else", async () => {
    const { meter, clock } = metered([rule({ amount: 1, overflow: { ...QUEUE, waitMaxMs: 150_000 } })]);
    take(meter);
    const [second, third] = [queue(meter), queue(meter)];
    clock.pass(61_000);
    await second.over;
    expect(third.reservation).toBeUndefined();
    clock.pass(61_000);
    await third.over;
    expect(third.reservation).toBeDefined();
    expect(clock.timers).toBe(0);
  });

  test("lets nobody overtake: a small call waits behind a large one", async () => {
    const { meter } = metered([rule({ metric: "tokens", amount: 100, overflow: { ...QUEUE, waitMaxMs: 90_000 } })]);
    const first = take(meter, tokens(60));
    const large = queue(meter, { key: "a" }, tokens(80));
    const small = queue(meter, { key: "b" }, tokens(10));
    await turn();
    expect(small.reservation).toBeUndefined();
    first.settle(tokens(5));
    await Promise.all([large.over, small.over]);
    expect(standing(meter)).toMatchObject({ used: 5, reserved: 90 });
  });

  test("a newcomer does not take what has come back for one who waits, though the timer is late", async () => {
    const { meter, clock } = metered([rule({ amount: 1, overflow: { ...QUEUE, waitMaxMs: 150_000 } })]);
    take(meter).settle(amounts());
    const first = queue(meter);
    clock.passUnnoticed(61_000);
    const newcomer = queue(meter, { key: "b" });
    await first.over;
    expect(first.reservation).toBeDefined();
    expect(newcomer.reservation).toBeUndefined();
  });

  test("those behind a call that is refused elsewhere go on", async () => {
    const { meter } = metered([
      rule({ metric: "tokens", amount: 100, overflow: { ...QUEUE, waitMaxMs: 90_000 }, of: { team: ["t"] } }),
      rule({ name: "places", metric: "concurrency", amount: 1, overflow: QUEUE, of: { agent: ["x"] } }),
      rule({ name: "budget", metric: "usd", amount: 1, window: calendar("day"), of: { agent: ["x"] } }),
    ]);
    take(meter, tokens(60), { team: "t" });
    const last = take(meter, usd(0.5), { agent: "x" });
    const large = queue(meter, { agent: "x", team: "t" }, amounts({ inputTokens: 80, usd: 0.5 }));
    const small = queue(meter, { team: "t" }, tokens(10));
    last.settle(usd(0.9));
    await Promise.all([large.over, small.over]);
    expect(large.error?.code).toBe("quota_exceeded");
    expect(small.reservation).toBeDefined();
  });

  test("those behind a call that gives up go on", async () => {
    const { meter } = metered([rule({ metric: "tokens", amount: 100, overflow: { ...QUEUE, waitMaxMs: 90_000 } })]);
    take(meter, tokens(60));
    const leave = new AbortController();
    const large = queue(meter, { key: "a" }, tokens(80), leave.signal);
    const small = queue(meter, { key: "b" }, tokens(10));
    leave.abort();
    await Promise.all([large.over, small.over]);
    expect(large.error?.code).toBe("aborted");
    expect(small.reservation).toBeDefined();
  });

  test("parties take turns, however many calls one of them has sent", async () => {
    const { meter } = metered([ONE_AT_ONCE]);
    const first = take(meter);
    const waiting = ["a1", "a2", "a3", "b1", "b2", "c1"].map((name) => [name, queue(meter, { key: name.slice(0, 1) })] as const);
    const order = orderOf(waiting);
    first.settle(amounts());
    expect(await order).toEqual(["a1", "b1", "c1", "a2", "b2", "a3"]);
  });

  test("a stream of newcomers does not put off one who has waited", async () => {
    const { meter } = metered([ONE_AT_ONCE]);
    let running = take(meter);
    const letIn: string[] = [];
    const arrive = (name: string): void => {
      const waiting = queue(meter, { key: name.slice(0, 1) });
      void waiting.over.then(() => {
        letIn.push(name);
        if (waiting.reservation !== undefined) running = waiting.reservation;
      });
    };
    arrive("a1");
    arrive("a2");
    arrive("a3");
    for (const newcomer of ["b1", "c1", "d1", "e1", "f1"]) {
      arrive(newcomer);
      running.settle(amounts());
      await turn();
    }
    expect(letIn).toEqual(["a1", "b1", "a2", "c1", "d1"]);
  });

  test("the parties of one team's limit are its keys, of one key's its users", async () => {
    const team = metered([rule({ metric: "concurrency", amount: 1, overflow: QUEUE, each: ["team"] })]).meter;
    const first = take(team, amounts(), { team: "t", key: "a" });
    const order = orderOf(["a1", "a2", "b1"].map((name) => [name, queue(team, { team: "t", key: name.slice(0, 1) })] as const));
    first.settle(amounts());
    expect(await order).toEqual(["a1", "b1", "a2"]);
    const key = metered([rule({ metric: "concurrency", amount: 1, overflow: QUEUE, of: { key: ["k"] } })]).meter;
    const only = take(key, amounts(), { key: "k", user: "a" });
    const users = orderOf(["a1", "a2", "b1"].map((name) => [name, queue(key, { key: "k", user: name.slice(0, 1) })] as const));
    only.settle(amounts());
    expect(await users).toEqual(["a1", "b1", "a2"]);
  });
});

describe("waiting has its limits", () => {
  test("a full line refuses", () => {
    const { meter } = metered([{ ...ONE_AT_ONCE, overflow: { ...QUEUE, lengthMax: 2 } }]);
    take(meter);
    queue(meter);
    queue(meter);
    const error = refused(() => queue(meter));
    expect(error).toMatchObject({ code: "rate_limited", retryAfterMs: 3_000 });
    expect(error.detail).toContain("2 calls wait for it already");
  });

  test("who has waited too long is refused, and told when to come back", async () => {
    const { meter, clock } = metered([ONE_AT_ONCE]);
    take(meter);
    const late = queue(meter);
    clock.pass(9_999);
    await turn();
    expect(late.error).toBeUndefined();
    clock.pass(1);
    await late.over;
    expect(late.error).toMatchObject({ code: "rate_limited", retryAfterMs: 1_000 });
    expect(late.error?.detail).toContain("it has waited 10000 ms");
    expect(standing(meter).waiting).toBe(0);
    expect(clock.timers).toBe(0);
  });

  test("who could not be let in in time is refused at once", () => {
    const { meter } = metered([rule({ amount: 1, overflow: QUEUE })]);
    take(meter).settle(amounts());
    expect(refused(() => queue(meter)).retryAfterMs).toBeGreaterThan(10_000);
  });

  test("a budget that is used up while a call waits refuses it", async () => {
    const { meter } = metered([ONE_AT_ONCE, rule({ name: "budget", metric: "usd", amount: 1, window: calendar("day") })]);
    const first = take(meter, usd(0.2));
    const second = queue(meter, {}, usd(0.2));
    first.settle(usd(0.9));
    await second.over;
    expect(second.error?.code).toBe("quota_exceeded");
    expect(standing(meter)).toMatchObject({ reserved: 0, waiting: 0 });
  });

  test("one who leaves takes nothing, and nothing of it stays behind", async () => {
    const { meter, clock } = metered([ONE_AT_ONCE]);
    const first = take(meter);
    const leave = new AbortController();
    const gone = queue(meter, {}, amounts(), leave.signal);
    const next = queue(meter);
    leave.abort();
    await gone.over;
    expect(gone.error?.code).toBe("aborted");
    first.settle(amounts());
    await next.over;
    expect(getEventListeners(leave.signal, "abort")).toHaveLength(0);
    expect(clock.timers).toBe(0);
  });

  test("closing turns away all who wait", async () => {
    const { meter, clock } = metered([ONE_AT_ONCE]);
    take(meter);
    const waiting = [queue(meter), queue(meter)];
    meter.close();
    await Promise.all(waiting.map(({ over }) => over));
    expect(waiting.map(({ error }) => error?.code)).toEqual(["provider_unavailable", "provider_unavailable"]);
    expect(clock.timers).toBe(0);
  });
});

describe("a call that waits for several limits", () => {
  const each = rule({ name: "rate", amount: 1, each: ["key"], overflow: { ...QUEUE, waitMaxMs: 90_000 } });
  const all = rule({ name: "places", metric: "concurrency", amount: 1, overflow: { ...QUEUE, waitMaxMs: 90_000 } });

  test("goes in when all have room, and holds none of them meanwhile", async () => {
    const { meter, clock } = metered([each, all]);
    const first = take(meter, amounts(), { key: "a" });
    const both = queue(meter, { key: "a" });
    const other = queue(meter, { key: "b" });
    first.settle(amounts());
    await other.over;
    expect(both.reservation).toBeUndefined();
    clock.pass(61_000);
    await turn();
    expect(both.reservation).toBeUndefined();
    other.reservation?.settle(amounts());
    await both.over;
    expect(both.reservation?.rules).toEqual(["rate", "places"]);
  });

  test("two that stand in both lines in different order do not block one another", async () => {
    const { meter, clock } = metered([
      rule({ name: "x", metric: "concurrency", amount: 1, overflow: { ...QUEUE, waitMaxMs: 1e9 }, each: ["agent"] }),
      rule({ name: "y", metric: "concurrency", amount: 1, overflow: { ...QUEUE, waitMaxMs: 1e9 }, each: ["session"] }),
    ]);
    const [agent, session] = [take(meter, amounts(), { agent: "1" }), take(meter, amounts(), { session: "1" })];
    const waiting = ["a", "a", "b"].map((key) => queue(meter, { agent: "1", session: "1", key, team: "t" }));
    session.settle(amounts());
    // Behind the others in one line, alone in the other.
    waiting.push(queue(meter, { agent: "1", session: "1", key: "c", team: "t" }));
    agent.settle(amounts());
    let left = waiting.length;
    for (const one of waiting) {
      void one.over.then(() => {
        left -= 1;
        one.reservation?.settle(amounts());
      });
    }
    await Promise.all(waiting.map(({ over }) => over));
    expect(left).toBe(0);
    expect(clock.timers).toBe(0);
  });
});

describe("another configuration while calls wait", () => {
  test("who fits now goes in, who never fits any more is refused, the rest waits on", async () => {
    const { meter } = metered([rule({ metric: "tokens", amount: 100, overflow: { ...QUEUE, waitMaxMs: 90_000 } })]);
    take(meter, tokens(100));
    const [first, second, third] = [queue(meter, {}, tokens(50)), queue(meter, {}, tokens(100)), queue(meter, {}, tokens(70))];
    meter.configure([rule({ metric: "tokens", amount: 160, overflow: { ...QUEUE, waitMaxMs: 90_000 } })]);
    await first.over;
    expect(first.reservation).toBeDefined();
    meter.configure([rule({ metric: "tokens", amount: 90, overflow: { ...QUEUE, waitMaxMs: 90_000 } })]);
    await second.over;
    expect(second.error?.detail).toContain("never has that much");
    expect(third.reservation).toBeUndefined();
    expect(standing(meter)).toMatchObject({ reserved: 150, waiting: 1 });
  });

  test("a rule that is gone is waited for no longer", async () => {
    const { meter, clock } = metered([ONE_AT_ONCE]);
    take(meter);
    const asked = meter.reserve({}, "call", amounts());
    if (!(asked instanceof Promise)) throw new Error("it was let in at once");
    const waiting = follow(asked);
    meter.configure([]);
    await waiting.over;
    expect(waiting.reservation?.rules).toEqual([]);
    expect(clock.timers).toBe(0);
  });
});

test("between the coming and the turn of one party no other has more than two: one of the round before, one of its own", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a", "b", "c", "d", "serve", "serve"), { maxLength: 80 }), (steps) => {
      const line = createFairLine<number>();
      /** Of each party that waits with one place: how often others have been served since. */
      const since = new Map<string, Map<string, number>>();
      steps.forEach((step, index) => {
        if (step !== "serve") {
          if (line.places.some(({ party }) => party === step)) since.delete(step);
          else since.set(step, new Map());
          line.join(step, index, 1);
          return;
        }
        const [first] = line.places;
        if (first === undefined) return;
        line.serve(first);
        since.delete(first.party);
        for (const others of since.values()) {
          const times = (others.get(first.party) ?? 0) + 1;
          others.set(first.party, times);
          if (times > 2) throw new Error(`${first.party} was served ${times} times before another's first`);
        }
      });
      expect(line.length).toBe(line.places.length);
    }),
    { numRuns: 1_000 },
  );
});
