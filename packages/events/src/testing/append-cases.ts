/** Appends: order, expected versions, repetitions, what is refused. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { InvalidEvent, VersionConflict } from "../errors.ts";
import type { JsonValue, NewEvent } from "../event.ts";
import { allOf, type CheckCase, noted, rejection, textsOf } from "./event-log-case.ts";

export const APPEND_CASES: Readonly<Record<string, CheckCase>> = {
  "is empty at first": async ({ log }) => {
    equal(await log.lastPosition(), 0);
    equal(await log.streamVersion("order-1"), 0);
    deepEqual(await allOf(log.readAll()), []);
    deepEqual(await allOf(log.readStream("order-1")), []);
  },

  "gives back an event whole": async ({ log, clock }) => {
    const data = { text: "世界 \u0000 👩‍🚀 \"'\\", deep: [1, -0.5, 1e300, null, true, [[]], {}], "": 0, ["__proto__"]: "no" };
    const metadata = { actor: "key:k_1", tenant: "acme", causationId: "a", correlationId: "b", own: { of: ["the", "caller"] } };
    const event: NewEvent = { type: "order.placed", data, metadata, schemaVersion: 3, id: "event-1" };
    const result = await log.append("order-1", [event]);
    const stored = { ...event, stream: "order-1", version: 1, position: result.position, recordedAt: clock.now };
    deepEqual(plain(await allOf(log.readStream("order-1"))), plain([stored]));
    deepEqual(plain(await allOf(log.readAll())), plain([stored]));
    deepEqual(plain(result.events), plain([stored]));
    ok(result.position > 0);
  },

  "fills in what is left out": async ({ log }) => {
    await log.append("order-1", [noted("one", { metadata: { own: undefined } }), noted("two")]);
    const [one, two] = await allOf(log.readStream("order-1"));
    deepEqual([one?.schemaVersion, one?.metadata], [1, {}]);
    match(one?.id ?? "", /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    ok(one?.id !== two?.id);
  },

  "counts versions within a stream, and positions over all": async ({ log }) => {
    const first = await log.append("a", [noted("a1"), noted("a2")]);
    const second = await log.append("b", [noted("b1")]);
    const third = await log.append("a", [noted("a3")]);
    deepEqual([first.version, second.version, third.version], [2, 1, 3]);
    ok(first.position < second.position && second.position < third.position);
    deepEqual(await textsOf(log.readAll()), ["a1", "a2", "b1", "a3"]);
    deepEqual(
      (await allOf(log.readStream("a"))).map(({ version }) => version),
      [1, 2, 3],
    );
    equal(await log.lastPosition(), third.position);
    equal(await log.streamVersion("a"), 3);
  },

  "holds a writer to the version that it expects": async ({ log }) => {
    await log.append("a", [noted("one")], { expectedVersion: 0 });
    const conflict = await rejection(log.append("a", [noted("other")], { expectedVersion: 0 }), VersionConflict);
    deepEqual([conflict.stream, conflict.expectedVersion, conflict.actualVersion], ["a", 0, 1]);
    await rejection(log.append("a", [noted("other")], { expectedVersion: 2 }), VersionConflict);
    await rejection(log.append("nobody", [noted("other")], { expectedVersion: 1 }), VersionConflict);
    await log.append("a", [noted("two")], { expectedVersion: 1 });
    deepEqual(await textsOf(log.readAll()), ["one", "two"]);
    equal(await log.streamVersion("nobody"), 0);
  },

  "lets exactly one of many writers win, at each version": async ({ log, another }) => {
    const logs = [log, await another()];
    for (let version = 0; version < 3; version += 1) {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 10 }, (_, index) =>
          (logs[index % 2] ?? log).append("a", [noted(`${version}.${index}`)], { expectedVersion: version }),
        ),
      );
      equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
      ok(outcomes.every((outcome) => outcome.status === "fulfilled" || outcome.reason instanceof VersionConflict));
    }
    equal(await log.streamVersion("a"), 3);
  },

  "takes appends at the same time, each whole": async ({ log, another }) => {
    const logs = [log, await another()];
    const streams = ["a", "b", "c"];
    const results = await Promise.all(
      Array.from({ length: 30 }, (_, index) =>
        (logs[index % 2] ?? log).append(streams[index % 3] ?? "a", [noted(`${index}:1`), noted(`${index}:2`)]),
      ),
    );
    const events = await allOf(log.readAll());
    equal(events.length, 60);
    for (const { events: mine } of results) {
      const [one, two] = mine;
      equal((two?.version ?? 0) - (one?.version ?? 0), 1);
      deepEqual(plain(events.filter(({ id }) => id === one?.id || id === two?.id)), plain(mine));
    }
    for (const stream of streams) {
      const versions = events.filter((event) => event.stream === stream).map(({ version }) => version);
      deepEqual(
        versions,
        Array.from({ length: 20 }, (_, index) => index + 1),
      );
    }
  },

  "knows an append again by its first id, whatever version is expected": async ({ log, clock }) => {
    const events = [noted("one", { id: "x" }), noted("two")];
    const first = await log.append("a", events, { expectedVersion: 0 });
    await log.append("a", [noted("three")]);
    clock.now += 1000;
    const again = await log.append("a", events, { expectedVersion: 0 });
    deepEqual([first.repeated, again.repeated], [false, true]);
    deepEqual([again.version, again.position, plain(again.events)], [first.version, first.position, plain(first.events)]);
    deepEqual(await textsOf(log.readAll()), ["one", "two", "three"]);
  },

  "takes one of two that bring the same id at the same time": async ({ log, another }) => {
    const logs = [log, log, await another()];
    const results = await Promise.all(logs.map((one) => one.append("a", [noted("one", { id: "x" })])));
    deepEqual(results.map(({ repeated }) => repeated).sort(), [false, true, true]);
    deepEqual(
      results.map(({ version }) => version),
      [1, 1, 1],
    );
    equal(await log.streamVersion("a"), 1);
  },

  "refuses an id that is in the log otherwise": async ({ log }) => {
    await log.append("a", [noted("one", { id: "x" }), noted("two", { id: "y" })]);
    await rejection(log.append("b", [noted("one", { id: "x" })]), InvalidEvent);
    await rejection(log.append("a", [noted("new", { id: "z" }), noted("one", { id: "x" })]), InvalidEvent);
    await rejection(log.append("a", [noted("one", { id: "x" }), noted("new", { id: "z" })]), InvalidEvent);
    await rejection(log.append("a", [noted("one", { id: "x" }), noted("two"), noted("three")]), InvalidEvent);
    await rejection(log.append("a", [noted("one", { id: "n" }), noted("two", { id: "n" })]), InvalidEvent);
    deepEqual(await textsOf(log.readAll()), ["one", "two"]);
  },

  "keeps nothing of an append that is refused": async ({ log }) => {
    await rejection(log.append("a", [noted("good"), noted("bad", { type: "" })]), InvalidEvent);
    await rejection(log.append("a", []), InvalidEvent);
    equal(await log.streamVersion("a"), 0);
  },

  "refuses names that a store cannot keep": async ({ log }) => {
    for (const name of ["", "a\u0000b", "a\nb", "\ud800", "x".repeat(401)]) {
      await rejection(log.append(name, [noted("one")]), InvalidEvent);
      await rejection(log.append("a", [noted("one", { type: name })]), InvalidEvent);
      await rejection(log.append("a", [noted("one", { id: name })]), InvalidEvent);
      await rejection(log.append("a", [noted("one", { metadata: { tenant: name } })]), InvalidEvent);
    }
    for (const schemaVersion of [0, 1.5, Number.NaN]) {
      await rejection(log.append("a", [noted("one", { schemaVersion })]), InvalidEvent);
    }
    await rejection(log.append("a", [noted("one")], { expectedVersion: -1 }), InvalidEvent);
    const longest = "é".repeat(400);
    await log.append(longest, [noted("one")]);
    equal(await log.streamVersion(longest), 1);
  },

  "refuses what JSON would change or lose": async ({ log }) => {
    class Point {
      readonly x = 1;
    }
    const circle: unknown[] = [];
    circle.push(circle);
    const values: readonly unknown[] = [
      undefined,
      { a: undefined },
      [undefined],
      new Array(2),
      Number.NaN,
      Number.POSITIVE_INFINITY,
      1n,
      Symbol("s"),
      () => 1,
      new Date(0),
      new Map(),
      new Point(),
      { [Symbol("s")]: 1 },
      "half \ud83d",
      { "\udc00": 1 },
      circle,
    ];
    for (const value of values) {
      // What a caller without types may pass.
      await rejection(log.append("a", [{ type: "thing.noted", data: value as JsonValue }]), InvalidEvent);
      await rejection(log.append("a", [noted("one", { metadata: { own: [value as JsonValue] } })]), InvalidEvent);
    }
    const error = await rejection(log.append("a", [{ type: "a.b", data: { items: [1, { price: Number.NaN }] } }]), InvalidEvent);
    match(error.message, /items\[1\]\.price is NaN/);
    equal(await log.lastPosition(), 0);
  },

  "is not changed through what was given to it, or what it gave": async ({ log }) => {
    const data = { text: "as it was", list: [1] };
    const result = await log.append("a", [{ type: "a.b", data }]);
    data.text = "changed";
    data.list.push(2);
    const [read] = await allOf(log.readStream("a"));
    for (const event of [...result.events, read]) {
      if (event === undefined) continue;
      Reflect.set(event, "type", "changed");
      if (typeof event.data === "object" && event.data !== null) Reflect.set(event.data, "text", "changed");
    }
    deepEqual(plain((await allOf(log.readStream("a"))).map(({ type, data: kept }) => [type, kept])), [
      ["a.b", { text: "as it was", list: [1] }],
    ]);
  },

  "does not begin an append whose signal is aborted": async ({ log }) => {
    const reason = new Error("enough");
    const error = await rejection(log.append("a", [noted("one")], { signal: AbortSignal.abort(reason) }), Error);
    equal(error, reason);
    const late = new AbortController();
    const outcome = rejection(log.append("a", [noted("two")], { signal: late.signal }), Error);
    late.abort(reason);
    equal(await outcome, reason);
    equal(await log.lastPosition(), 0);
  },
};

/** Without the difference between objects of a store and those of a literal. */
export function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
