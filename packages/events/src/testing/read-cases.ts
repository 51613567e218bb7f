/** Reading: pages, directions, filters, tails. */
import { deepEqual, equal, ok } from "node:assert/strict";
import type { EventLog } from "../event-log.ts";
import { allOf, type CheckCase, noted, rejection, take, textsOf } from "./event-log-case.ts";

/** More than the first pages hold. */
const MANY = 500;

export const READ_CASES: Readonly<Record<string, CheckCase>> = {
  "reads a stream from a version, so many, in either direction": async ({ log }) => {
    await log.append(
      "a",
      ["1", "2", "3", "4", "5"].map((text) => noted(text)),
    );
    await log.append("ab", [noted("other")]);
    deepEqual(await textsOf(log.readStream("a", { fromVersion: 3 })), ["3", "4", "5"]);
    deepEqual(await textsOf(log.readStream("a", { fromVersion: 2, countMax: 2 })), ["2", "3"]);
    deepEqual(await textsOf(log.readStream("a", { direction: "backward" })), ["5", "4", "3", "2", "1"]);
    deepEqual(await textsOf(log.readStream("a", { direction: "backward", fromVersion: 3, countMax: 2 })), ["3", "2"]);
    deepEqual(await textsOf(log.readStream("a", { fromVersion: 6 })), []);
    deepEqual(await textsOf(log.readStream("a", { countMax: 0 })), []);
  },

  "reads more than a page holds, in order": async ({ log }) => {
    await log.append(
      "a",
      Array.from({ length: MANY }, (_, index) => noted(`${index}`)),
    );
    const expected = Array.from({ length: MANY }, (_, index) => `${index}`);
    deepEqual(await textsOf(log.readAll()), expected);
    deepEqual(await textsOf(log.readStream("a")), expected);
    deepEqual(await textsOf(log.readStream("a", { direction: "backward" })), expected.toReversed());
    deepEqual(await textsOf(log.readAll({ countMax: 300 })), expected.slice(0, 300));
  },

  "reads on after a position": async ({ log }) => {
    const { position } = await log.append("a", [noted("1"), noted("2")]);
    await log.append("b", [noted("3"), noted("4")]);
    deepEqual(await textsOf(log.readAll({ afterPosition: position })), ["3", "4"]);
    deepEqual(await textsOf(log.readAll({ afterPosition: position, countMax: 1 })), ["3"]);
    deepEqual(await textsOf(log.readAll({ afterPosition: await log.lastPosition() })), []);
  },

  "filters by type, by the beginning of the stream's name, and by tenant": async ({ log }) => {
    const tenant = (name: string) => ({ metadata: { tenant: name } });
    await log.append("run-1", [noted("1", tenant("acme")), noted("2", { type: "thing.gone", ...tenant("acme") })]);
    await log.append("run_2", [noted("3", tenant("other"))]);
    await log.append("run-%", [noted("4")]);
    const read = (filter: NonNullable<Parameters<EventLog["readAll"]>[0]>["filter"] & object) => textsOf(log.readAll({ filter }));
    deepEqual(await read({}), ["1", "2", "3", "4"]);
    deepEqual(await read({ types: ["thing.noted"] }), ["1", "3", "4"]);
    deepEqual(await read({ types: ["thing.noted", "thing.gone"] }), ["1", "2", "3", "4"]);
    deepEqual(await read({ types: [] }), []);
    deepEqual(await read({ streamPrefix: "run-" }), ["1", "2", "4"]);
    deepEqual(await read({ streamPrefix: "run-%" }), ["4"]);
    deepEqual(await read({ streamPrefix: "un" }), []);
    deepEqual(await read({ tenant: "acme" }), ["1", "2"]);
    deepEqual(await read({ tenant: "acme", types: ["thing.gone"], streamPrefix: "run" }), ["2"]);
  },

  "ends a read by its signal, and refuses numbers that are none": async ({ log }) => {
    await log.append("a", [noted("1"), noted("2")]);
    const reason = new Error("enough");
    equal(await rejection(allOf(log.readAll({ signal: AbortSignal.abort(reason) })), Error), reason);
    const controller = new AbortController();
    const read = (async () => {
      for await (const _event of log.readStream("a", { signal: controller.signal })) controller.abort(reason);
    })();
    equal(await rejection(read, Error), reason);
    await rejection(allOf(log.readAll({ afterPosition: -1 })), RangeError);
    await rejection(allOf(log.readStream("a", { fromVersion: 0 })), RangeError);
    await rejection(allOf(log.readStream("a", { countMax: 0.5 })), RangeError);
  },

  "tails what is there, then what comes": async ({ log, signal }) => {
    await log.append("a", [noted("1")]);
    const following = take(log.tail({ signal }), 3);
    await log.append("a", [noted("2")]);
    await log.append("b", [noted("3")]);
    deepEqual(
      (await following).map(({ version }) => version),
      [1, 2, 1],
    );
  },

  "tails from a position, through a filter": async ({ log, signal }) => {
    const { position } = await log.append("a", [noted("1")]);
    const following = take(log.tail({ afterPosition: position, filter: { streamPrefix: "b" }, signal }), 2);
    await log.append("a", [noted("2")]);
    await log.append("b", [noted("3")]);
    await log.append("a", [noted("4")]);
    await log.append("b", [noted("5")]);
    deepEqual(
      (await following).map(({ data }) => data),
      [{ text: "3" }, { text: "5" }],
    );
  },

  "tails what others append": async ({ log, another, signal }) => {
    const other = await another();
    const following = take(log.tail({ signal, pollMs: 5 }), 2);
    await other.append("a", [noted("1")]);
    await other.append("a", [noted("2")]);
    deepEqual(
      (await following).map(({ version }) => version),
      [1, 2],
    );
  },

  "shows every event once and in order to those who tail while many write": async ({ log, another, signal }) => {
    const other = await another();
    const count = 60;
    const tails = [log, other].map((one) => take(one.tail({ signal, pollMs: 5 }), count));
    await Promise.all(
      Array.from({ length: count }, (_, index) => (index % 2 ? log : other).append(`s${index % 7}`, [noted(`${index}`)])),
    );
    const all = (await allOf(log.readAll())).map(({ position }) => position);
    equal(all.length, count);
    for (const tail of tails)
      deepEqual(
        (await tail).map(({ position }) => position),
        all,
      );
    ok(all.every((position, index) => index === 0 || position > (all[index - 1] ?? 0)));
  },

  "ends a tail by its signal, without an error": async ({ log }) => {
    const before = AbortSignal.abort();
    deepEqual(await allOf(log.tail({ signal: before })), []);
    const controller = new AbortController();
    await log.append("a", [noted("1")]);
    const seen: number[] = [];
    for await (const { version } of log.tail({ signal: controller.signal, pollMs: 3_600_000 })) {
      seen.push(version);
      setImmediate(() => controller.abort());
    }
    deepEqual(seen, [1]);
  },
};
