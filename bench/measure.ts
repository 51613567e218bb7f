/**
 * Measures several ways of doing one thing side by side: A B C, B C A, … A machine that is slower for a while is slower
 * for all of them, so the ratio within a round means more than any number by itself; what counts is its median.
 */
import { median } from "./median.ts";

export interface Subject {
  readonly name: string;
  /** Does the thing so many times, so many at once, in a process of its own. */
  measure(calls: number, concurrency: number): Promise<Block>;
}

export interface Measured {
  readonly name: string;
  readonly cpuUs: number;
  readonly wallUs: number;
  /** CPU against the first subject's in the same round. */
  readonly ratio: number;
}

export interface MeasureOptions {
  readonly rounds: number;
  /** How long one subject runs in one round. Milliseconds. */
  readonly blockMs: number;
  readonly charactersExpected: number;
  /** Calls under way at the same time. One alone measures how the system wakes a process more than what a client does. */
  readonly concurrency: number;
}

export interface Block {
  /** Characters that one call read, to prove that all subjects read the same. */
  readonly characters: number;
  readonly cpuUs: number;
  readonly wallUs: number;
}

/**
 * Calls before anything is measured, so that the compiler has done its work. No garbage collection is forced between
 * blocks: it throws the optimised code of whoever parses much JSON away, which does not happen to a running program.
 */
const WARM_UP_CALLS = 2_000;
/** The most that warming up may take, in blocks. */
const WARM_UP_BLOCKS = 10;
const CALIBRATION_CALLS = 20;

export async function measureSideBySide(subjects: readonly Subject[], options: MeasureOptions): Promise<readonly Measured[]> {
  const calls = new Map<Subject, number>();
  for (const subject of subjects) {
    const first = await measureBlock(subject, CALIBRATION_CALLS, options);
    proveReading(subject, first, options.charactersExpected);
    const warmUpCalls = Math.min(WARM_UP_CALLS, callsWithin(options.blockMs * WARM_UP_BLOCKS, first));
    const warm = await measureBlock(subject, warmUpCalls, options);
    calls.set(subject, callsWithin(options.blockMs, warm));
  }
  const blocks = new Map<Subject, Block[]>(subjects.map((subject) => [subject, []]));
  for (let round = 0; round < options.rounds; round++) {
    // Each round begins with another subject: who runs after a heavy one finds the machine otherwise than who does not.
    for (const subject of rotated(subjects, round)) {
      blocks.get(subject)?.push(await measureBlock(subject, calls.get(subject) ?? 1, options));
    }
  }
  const limit = [...blocks.values()][0] ?? [];
  return [...blocks].map(([{ name }, found]) => ({
    name,
    cpuUs: median(found.map((block) => block.cpuUs)),
    wallUs: median(found.map((block) => block.wallUs)),
    ratio: median(found.map((block, round) => block.cpuUs / (limit[round]?.cpuUs ?? Number.NaN))),
  }));
}

function rotated<Item>(items: readonly Item[], by: number): readonly Item[] {
  const first = by % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}

function callsWithin(milliseconds: number, { wallUs }: Block): number {
  return Math.max(5, Math.round((milliseconds * 1000) / wallUs));
}

function proveReading({ name }: Subject, { characters }: Block, expected: number): void {
  if (characters !== expected) throw new Error(`${name} read ${characters} characters, not ${expected}`);
}

function measureBlock(subject: Subject, calls: number, { concurrency }: MeasureOptions): Promise<Block> {
  return subject.measure(calls, concurrency);
}

/** What so many calls took in this process, per call. */
export async function measureCalls(
  run: () => Promise<unknown>,
  calls: number,
  concurrency: number,
): Promise<Omit<Block, "characters">> {
  let left = calls;
  const callAgainAndAgain = async () => {
    while (left-- > 0) await run();
  };
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: concurrency }, callAgainAndAgain));
  const wallMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { cpuUs: (user + system) / calls, wallUs: (wallMs * 1000) / calls };
}
