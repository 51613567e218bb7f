/**
 * Measures several ways of doing one thing side by side: A B C, A B C, … A machine that is slower for a while is slower
 * for all of them, so the ratio within a round means more than any number by itself; what counts is its median.
 */
import { median } from "./median.ts";

export interface Subject {
  readonly name: string;
  /** Does the thing once. Resolves with the number of characters that came, to prove that all read the same. */
  run(): Promise<number>;
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

interface Block {
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
    await proveReading(subject, options.charactersExpected);
    const first = await measureBlock(subject, CALIBRATION_CALLS, options);
    const warmUpCalls = Math.min(WARM_UP_CALLS, callsWithin(options.blockMs * WARM_UP_BLOCKS, first));
    const warm = await measureBlock(subject, warmUpCalls, options);
    calls.set(subject, callsWithin(options.blockMs, warm));
  }
  const blocks = new Map<Subject, Block[]>(subjects.map((subject) => [subject, []]));
  for (let round = 0; round < options.rounds; round++) {
    for (const [subject, found] of blocks) found.push(await measureBlock(subject, calls.get(subject) ?? 1, options));
  }
  const limit = [...blocks.values()][0] ?? [];
  return [...blocks].map(([{ name }, found]) => ({
    name,
    cpuUs: median(found.map((block) => block.cpuUs)),
    wallUs: median(found.map((block) => block.wallUs)),
    ratio: median(found.map((block, round) => block.cpuUs / (limit[round]?.cpuUs ?? Number.NaN))),
  }));
}

function callsWithin(milliseconds: number, { wallUs }: Block): number {
  return Math.max(5, Math.round((milliseconds * 1000) / wallUs));
}

async function proveReading(subject: Subject, expected: number): Promise<void> {
  const read = await subject.run();
  if (read !== expected) throw new Error(`${subject.name} read ${read} characters, not ${expected}`);
}

async function measureBlock(subject: Subject, calls: number, { concurrency }: MeasureOptions): Promise<Block> {
  let left = calls;
  const callAgainAndAgain = async () => {
    while (left-- > 0) await subject.run();
  };
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: concurrency }, callAgainAndAgain));
  const wallMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { cpuUs: (user + system) / calls, wallUs: (wallMs * 1000) / calls };
}
