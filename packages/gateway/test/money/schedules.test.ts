/** Money under any interleaving: thousands of calls over a SQLite file, closed, killed and opened again in the middle. */
import { expect, test } from "vitest";
import { schedule } from "./gated-schedule.ts";
import { runSchedule, type Tally } from "./gated-world.ts";
import { linesOf, runCourses } from "./seed.ts";

const SCHEDULES = 50;
const SEED = 20_251;

test("no call is missing or there twice, each costs what its vendor told, and no budget goes beyond its bound", {
  timeout: 60_000,
}, async () => {
  const tally: Tally = { calls: 0, lives: 0, outcomes: {} };
  await runCourses(schedule, (one) => runSchedule(one, tally), {
    seed: SEED,
    count: SCHEDULES,
    show: ({ steps, ...rest }) => linesOf([rest, ...steps]),
  });
  // A rerun of one schedule has fewer.
  if (process.env.DRAGOMAN_MONEY_SEED !== undefined) return;
  expect(tally.calls).toBeGreaterThan(2_000);
  expect(tally.lives).toBeGreaterThan(2 * SCHEDULES);
  for (const outcome of ["answered", "failed", "cut", "aborted", "interrupted", "refused"] as const)
    expect(tally.outcomes[outcome], outcome).toBeGreaterThan(20);
});
