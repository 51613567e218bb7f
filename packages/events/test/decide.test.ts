/** Read, decide, append; again on conflict. */
import { createMemoryLog, decide, InvalidEvent, VersionConflict } from "@dragoman/events";
import { expect, test } from "vitest";

const seats = { initial: 0, apply: (taken: number) => taken + 1 };
const taken = { type: "seat.taken", data: null };

test("never takes more seats than there are, however many want one", async () => {
  const log = createMemoryLog();
  const wishes = Array.from({ length: 8 }, () =>
    decide(log, "train", seats, (count) => (count < 3 ? [taken] : []), { attemptsMax: 10 }),
  );
  const decisions = await Promise.all(wishes);
  expect(await log.streamVersion("train")).toBe(3);
  expect(decisions.filter(({ appended }) => appended !== undefined)).toHaveLength(3);
  expect(decisions.filter(({ appended }) => appended === undefined).map(({ state, version }) => [state, version])).toEqual(
    Array.from({ length: 5 }, () => [3, 3]),
  );
});

test("gives up after so many conflicts", async () => {
  const log = createMemoryLog();
  let attempts = 0;
  const decision = decide(
    log,
    "train",
    seats,
    async () => {
      attempts += 1;
      await log.append("train", [taken]);
      return [taken];
    },
    { attemptsMax: 3 },
  );
  await expect(decision).rejects.toThrow(VersionConflict);
  expect(attempts).toBe(3);
});

test("does not repeat what is wrong for another reason, nor after its signal", async () => {
  const log = createMemoryLog();
  let attempts = 0;
  const wrong = decide(log, "train", seats, () => {
    attempts += 1;
    return [{ type: "", data: null }];
  });
  await expect(wrong).rejects.toThrow(InvalidEvent);
  expect(attempts).toBe(1);
  const reason = new Error("enough");
  await log.append("train", [taken]);
  await expect(decide(log, "train", seats, () => [taken], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(await log.streamVersion("train")).toBe(1);
});
