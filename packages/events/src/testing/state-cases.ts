/** What a log keeps beside events: checkpoints and blobs; and what it takes out. */
import { deepEqual, equal } from "node:assert/strict";
import { createHash } from "node:crypto";
import { InvalidEvent, VersionConflict } from "../errors.ts";
import { foldStream } from "../fold-stream.ts";
import { plain } from "./append-cases.ts";
import { allOf, type CheckCase, noted, rejection, textsOf } from "./event-log-case.ts";

export const STATE_CASES: Readonly<Record<string, CheckCase>> = {
  "keeps a checkpoint with its state": async ({ log, another }) => {
    equal(await log.checkpoints.read("p"), undefined);
    const state = { count: 1, list: [null, "\u0000"] };
    await log.checkpoints.write("p", { position: 7, state }, 0);
    deepEqual(plain(await (await another()).checkpoints.read("p")), { position: 7, state });
    await log.checkpoints.write("p", { position: 8 }, 7);
    deepEqual(plain(await log.checkpoints.read("p")), { position: 8 });
    await log.checkpoints.write("p", { position: 9, state: null }, 8);
    deepEqual(plain(await log.checkpoints.read("p")), { position: 9, state: null });
    equal(await log.checkpoints.read("q"), undefined);
  },

  "tells whose checkpoint is not where it was": async ({ log, another }) => {
    const logs = [log, await another()];
    for (const expected of [0, 10, 20]) {
      const outcomes = await Promise.allSettled(
        logs.map((one) => one.checkpoints.write("p", { position: expected + 10, state: expected }, expected)),
      );
      const failures = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
      equal(failures.length, 1);
      equal(failures[0] instanceof VersionConflict && failures[0].actualVersion, expected + 10);
    }
    await rejection(log.checkpoints.write("p", { position: 40 }, 0), VersionConflict);
    await rejection(log.checkpoints.write("new", { position: 40 }, 5), VersionConflict);
    await rejection(log.checkpoints.write("p", { position: -1 }, 30), InvalidEvent);
    deepEqual(plain(await log.checkpoints.read("p")), { position: 30, state: 20 });
  },

  "keeps blobs by their hash": async ({ log, another }) => {
    const content = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251);
    const hash = await log.blobs.put(content);
    equal(hash, createHash("sha256").update(content).digest("hex"));
    equal(await log.blobs.put(content, { tenant: "acme" }), hash);
    const given = await (await another()).blobs.get(hash);
    deepEqual(given, content);
    given?.fill(0);
    deepEqual(await log.blobs.get(hash), content);
    const empty = await log.blobs.put(new Uint8Array(0));
    deepEqual(await log.blobs.get(empty), new Uint8Array(0));
    equal(await log.blobs.get("0".repeat(64)), undefined);
  },

  "puts the same blob at the same time": async ({ log, another }) => {
    const logs = [log, await another(), log];
    const hashes = await Promise.all(logs.map((one, index) => one.blobs.put(Uint8Array.of(1, 2), { tenant: `t${index}` })));
    equal(new Set(hashes).size, 1);
    deepEqual(await log.blobs.get(hashes[0] ?? ""), Uint8Array.of(1, 2));
  },

  "forgets by tenant, age and stream, and keeps versions": async ({ log, clock }) => {
    const acme = { metadata: { tenant: "acme" } };
    await log.append("run-1", [noted("1", acme), noted("2", { metadata: { tenant: "other" } }), noted("3")]);
    await log.append("key-1", [noted("4", acme)]);
    clock.now += 1000;
    const cutoff = clock.now;
    await log.append("run-1", [noted("5", acme)]);

    deepEqual(await log.forget({ tenant: "acme", recordedBefore: cutoff, streamPrefix: "run-" }), { events: 1, blobs: 0 });
    deepEqual(await textsOf(log.readAll()), ["2", "3", "4", "5"]);
    deepEqual(
      (await allOf(log.readStream("run-1"))).map(({ version }) => version),
      [2, 3, 4],
    );
    deepEqual(await log.forget({ tenant: undefined, recordedBefore: cutoff }), { events: 1, blobs: 0 });
    deepEqual(await textsOf(log.readAll()), ["2", "4", "5"]);
    deepEqual(await log.forget({ tenant: "acme", recordedBefore: cutoff }), { events: 1, blobs: 0 });
    deepEqual(await log.forget({ tenant: "acme", recordedBefore: cutoff }), { events: 0, blobs: 0 });
    deepEqual(await textsOf(log.readAll()), ["2", "5"]);
    deepEqual(
      (await allOf(log.readStream("run-1", { fromVersion: 1, countMax: 1 }))).map(({ version }) => version),
      [2],
    );
    await log.append("run-1", [noted("6")], { expectedVersion: 4 });
    await rejection(log.append("key-1", [noted("7")], { expectedVersion: 0 }), VersionConflict);
  },

  "goes on where a stream ended that was forgotten whole": async ({ log, clock }) => {
    const { position } = await log.append("a", [noted("1"), noted("2")]);
    clock.now += 1;
    await log.forget({ tenant: undefined, recordedBefore: clock.now });
    equal(await log.streamVersion("a"), 2);
    deepEqual(await allOf(log.readStream("a")), []);
    const folded = await foldStream(log, "a", 0, (count) => count + 1);
    deepEqual(folded, { state: 0, version: 2 });
    const next = await log.append("a", [noted("3")], { expectedVersion: folded.version });
    equal(next.version, 3);
    equal(next.position > position, true);
  },

  "answers a repetition whose events are partly forgotten": async ({ log, clock }) => {
    const events = [noted("1", { id: "x" }), noted("2", { metadata: { tenant: "acme" } })];
    const first = await log.append("a", events);
    clock.now += 1;
    await log.forget({ tenant: "acme", recordedBefore: clock.now });
    const again = await log.append("a", events);
    deepEqual([again.repeated, again.version, again.events.length], [true, first.version, 1]);
  },

  "forgets more than one step takes": async ({ log, clock }) => {
    await log.append(
      "a",
      Array.from({ length: 1000 }, (_, index) => noted(`${index}`)),
    );
    await log.append("a", [noted("one more")]);
    clock.now += 1;
    deepEqual(await log.forget({ tenant: undefined, recordedBefore: clock.now }), { events: 1001, blobs: 0 });
    equal(await log.lastPosition(), 0);
  },

  "forgets a blob when nobody holds it and no event names it": async ({ log, clock }) => {
    const put = (text: string, tenant: string) => log.blobs.put(new TextEncoder().encode(text), { tenant });
    const alone = await put("alone", "acme");
    const shared = await put("shared", "acme");
    await put("shared", "other");
    const named = await put("named", "acme");
    const again = await put("again", "acme");
    clock.now += 1000;
    const cutoff = clock.now;
    await log.append("run-1", [{ type: "a.b", data: { image: `sha256-${named}` }, metadata: { tenant: "acme" } }]);
    await put("again", "acme");

    deepEqual(await log.forget({ tenant: "acme", recordedBefore: cutoff }), { events: 0, blobs: 1 });
    equal(await log.blobs.get(alone), undefined);
    for (const hash of [shared, named, again]) equal((await log.blobs.get(hash)) instanceof Uint8Array, true);
    deepEqual(await log.forget({ tenant: "other", recordedBefore: cutoff }), { events: 0, blobs: 1 });
    equal(await log.blobs.get(shared), undefined);
    clock.now += 1000;
    deepEqual(await log.forget({ tenant: "acme", recordedBefore: clock.now }), { events: 1, blobs: 2 });
    equal(await put("alone", "acme"), alone);
    equal((await log.blobs.get(alone))?.length, 5);
  },
};
