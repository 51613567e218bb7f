/** Limits, with small ones; and what a log that was closed does. */
import { deepEqual, equal, match } from "node:assert/strict";
import { InvalidEvent, LogUnavailable } from "../errors.ts";
import { allOf, type CheckCase, noted, rejection } from "./event-log-case.ts";

export const SMALL_LIMITS = {
  streamCharactersMax: 10,
  eventBytesMax: 100,
  appendEventsMax: 3,
  appendBytesMax: 200,
  blobBytesMax: 10,
  checkpointBytesMax: 20,
};

/** These run with `SMALL_LIMITS`. */
export const LIMIT_CASES: Readonly<Record<string, CheckCase>> = {
  "holds to its limits, and names them": async ({ log }) => {
    const refusals: readonly [Promise<unknown>, RegExp][] = [
      [log.append("12345678901", [noted("one")]), /11 characters.* 10/],
      [log.append("a", [noted("x".repeat(100))]), /113 bytes.* 100/],
      [log.append("a", [noted("é".repeat(45))]), /103 bytes.* 100/],
      [
        log.append(
          "a",
          [1, 2, 3, 4].map((index) => noted(`${index}`)),
        ),
        /4 events.* 3/,
      ],
      [
        log.append(
          "a",
          [1, 2, 3].map((index) => noted(`${index}`.repeat(70))),
        ),
        /249 bytes.* 200/,
      ],
      [log.blobs.put(new Uint8Array(11)), /11 bytes.* 10/],
      [log.checkpoints.write("p", { position: 1, state: "x".repeat(19) }, 0), /21 bytes.* 20/],
    ];
    for (const [refused, sentence] of refusals) match((await rejection(refused, InvalidEvent)).message, sentence);
    equal(await log.lastPosition(), 0);
    equal(await log.checkpoints.read("p"), undefined);
  },

  "takes what is just within its limits": async ({ log }) => {
    await log.append("1234567890", [noted("x".repeat(87))]);
    await log.append("a", [noted("one"), noted("two"), noted("three")]);
    await log.blobs.put(new Uint8Array(10));
    await log.checkpoints.write("p", { position: 1, state: "x".repeat(18) }, 0);
    equal((await allOf(log.readAll())).length, 4);
  },

  "says that it was closed, and ends its tails": async ({ log, signal }) => {
    await log.append("a", [noted("one")]);
    const seen: number[] = [];
    const followed = (async () => {
      for await (const { version } of log.tail({ signal })) {
        seen.push(version);
        await log.close();
      }
    })();
    await followed;
    deepEqual(seen, [1]);
    await log.close();
    await rejection(log.append("a", [noted("two")]), LogUnavailable);
    await rejection(allOf(log.readAll()), LogUnavailable);
    await rejection(log.lastPosition(), LogUnavailable);
    await rejection(log.streamVersion("a"), LogUnavailable);
    await rejection(log.blobs.get("0".repeat(64)), LogUnavailable);
    await rejection(log.checkpoints.read("p"), LogUnavailable);
  },
};
