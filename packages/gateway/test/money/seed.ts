/**
 * Seeds of the schedules. They are fixed, so that a run is like any other. A failure prints its own, with the schedule; `DRAGOMAN_MONEY_SEED` runs it
 * again, or any other: `DRAGOMAN_MONEY_SEED=42 npx vitest run packages/gateway/test/money`. A path that is printed beside a seed goes behind
 * a colon: `42:7:0:1` runs that one schedule of it.
 */
import fc from "fast-check";

/** Schedules are run for so long at most, and one that fails is made shorter within it. Milliseconds. */
const TIME_MS = 45_000;

/** Runs so many schedules; the first that fails is made shorter, and told. `show`: a schedule in lines. */
export async function runCourses<Course>(
  arbitrary: fc.Arbitrary<Course>,
  run: (course: Course) => Promise<void>,
  { seed: own, count, show }: { readonly seed: number; readonly count: number; readonly show: (course: Course) => string },
): Promise<void> {
  const { seed, path } = given(own);
  const details = await fc.check(fc.asyncProperty(arbitrary, run), {
    seed,
    numRuns: count,
    interruptAfterTimeLimit: TIME_MS,
    markInterruptAsFailure: true,
    ...(path === undefined ? {} : { path, endOnFailure: true }),
  });
  if (!details.failed) return;
  const [course] = details.counterexample ?? [];
  if (course === undefined) throw new Error(`${details.numRuns} schedules of ${count} could be run within ${TIME_MS} ms`);
  throw failure(details.errorInstance, `${seed}:${details.counterexamplePath}`, show(course));
}

/** So many values of a kind, the same for the same seed. */
export function sampleOf<Value>(arbitrary: fc.Arbitrary<Value>, count: number, own: number): readonly Value[] {
  return fc.sample(arbitrary, { seed: given(own).seed, numRuns: count });
}

/** Runs one schedule that was sampled; what goes wrong in it is told with the seed and the schedule. */
export async function runSampled(own: number, operations: readonly unknown[], run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (thrown) {
    throw failure(thrown, String(given(own).seed), linesOf(operations));
  }
}

export function linesOf(operations: readonly unknown[]): string {
  return operations.map((one, index) => `${index} ${JSON.stringify(one)}`).join("\n");
}

function failure(thrown: unknown, seed: string, schedule: string): Error {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new Error(`${message}\n\nrun again with DRAGOMAN_MONEY_SEED=${seed}; the schedule was:\n${schedule}`, { cause: thrown });
}

function given(own: number): { readonly seed: number; readonly path?: string } {
  const [seed, ...path] = (process.env.DRAGOMAN_MONEY_SEED ?? "").split(":");
  if (seed === undefined || seed === "") return { seed: own };
  return { seed: Number(seed), ...(path.length === 0 ? {} : { path: path.join(":") }) };
}
