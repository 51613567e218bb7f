/**
 * Tries a dialect on wrong input, by a seed: the same seed and number of rounds try the same cases. Give it a corpus of
 * good input; `dialectCorpus` makes one of the dialect alone.
 *
 *     const report = fuzzDialect({ name: "mine", dialect }, { rounds: 10_000, seed: 1 });
 *     assert.deepEqual(report.failures, []);
 */
import type { Dialect } from "../../dialect.ts";
import { checkCase } from "./check-case.ts";
import { createCaseFactory } from "./create-case.ts";
import { dialectCorpus } from "./dialect-corpus.ts";
import type { CutStream, FuzzCase, FuzzCorpus, FuzzKind, FuzzSubject, Violation } from "./fuzz-case.ts";
import { createFuzzRandom } from "./fuzz-random.ts";
import { giantStreamViolations } from "./giant-streams.ts";
import { shrink } from "./shrink.ts";

/** How much is tried, and from which seed. */
export interface FuzzOptions {
  /** How many cases. Default 1000. */
  readonly rounds?: number;
  /** Default 1. */
  readonly seed?: number;
  /** The number of the first case; with `rounds: 1` a single case is tried again. Default 0. */
  readonly from?: number;
  /** Stops before the rounds are over. Milliseconds. Default: no limit. */
  readonly timeMs?: number;
  /** Default: the conformance suite's samples, written by the dialect. */
  readonly corpus?: FuzzCorpus;
  /** Streams of other dialects, whose events get mixed in. Default none. */
  readonly foreign?: readonly CutStream[];
  /** Dialects that must be able to pass on what this one understood. Default: only itself. */
  readonly peers?: readonly Dialect[];
  /** Also tries streams over the size limit, at some hundred MiB of work. Default false. */
  readonly giants?: boolean;
  /** Called before each case with its number. */
  readonly onCase?: (caseNumber: number) => void;
}

export interface FuzzFailure extends Violation {
  readonly subject: string;
  readonly seed: number;
  readonly caseNumber: number;
  readonly kind: FuzzKind;
  /** As small as it got. Absent for streams over the size limit. */
  readonly smallest?: FuzzCase;
  /** How many cases broke the same law in the same place. */
  readonly times: number;
}

/** What the fuzzer found. */
export interface FuzzReport {
  readonly subject: string;
  readonly seed: number;
  readonly tried: Readonly<Record<FuzzKind, number>>;
  /** One for each kind of failure. */
  readonly failures: readonly FuzzFailure[];
  /** False when time ran out. */
  readonly complete: boolean;
}

/** Different failures to collect before giving up. */
const FAILURES_MAX = 25;

/** Tries a dialect with mutated streams, bodies and requests. The same seed tries the same cases. */
export function fuzzDialect(subject: FuzzSubject, options: FuzzOptions = {}): FuzzReport {
  const { rounds = 1000, seed = 1, from = 0, timeMs = Number.POSITIVE_INFINITY, peers = [subject.dialect] } = options;
  const createCase = createCaseFactory(subject, options.corpus ?? dialectCorpus(subject.dialect), options.foreign ?? []);
  const deadline = performance.now() + timeMs;
  const tried: Record<FuzzKind, number> = { stream: 0, body: 0, error: 0, request: 0 };
  const failures = new Map<string, FuzzFailure>();

  function fail(kind: FuzzKind, caseNumber: number, violation: Violation, smallest: () => FuzzCase | undefined): void {
    const key = `${kind} ${violation.law}`;
    const known = failures.get(key);
    if (known !== undefined) failures.set(key, { ...known, times: known.times + 1 });
    else {
      const found = smallest();
      failures.set(key, {
        ...violation,
        subject: subject.name,
        seed,
        caseNumber,
        kind,
        times: 1,
        ...(found === undefined ? {} : { smallest: found }),
      });
    }
  }

  function tryCase(caseNumber: number): void {
    const random = createFuzzRandom(seed, subject.name, caseNumber);
    const made = createCase(random);
    const peer = random.percent(40) ? random.pick(peers) : undefined;
    tried[made.kind]++;
    const violation = checkCase(subject.dialect, made, peers, peer);
    if (violation === undefined) return;
    const sameLaw = (smaller: FuzzCase): boolean => checkCase(subject.dialect, smaller, peers, peer)?.law === violation.law;
    fail(made.kind, caseNumber, violation, () => shrink(made, subject.dialect.framing, sameLaw));
  }

  if (options.giants === true) {
    for (const [index, violation] of giantStreamViolations(subject.dialect).entries()) {
      tried.stream++;
      if (violation !== undefined) fail("stream", -1 - index, violation, () => undefined);
    }
  }
  let caseNumber = from;
  for (; caseNumber < from + rounds && failures.size < FAILURES_MAX; caseNumber++) {
    if (caseNumber % 64 === 0 && performance.now() > deadline) break;
    options.onCase?.(caseNumber);
    tryCase(caseNumber);
  }
  return { subject: subject.name, seed, tried, failures: [...failures.values()], complete: caseNumber === from + rounds };
}
