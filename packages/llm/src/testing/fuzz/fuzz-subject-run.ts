/** One of our own dialects on the whole corpus: samples, what the fake vendors send, and recordings where there are any. */
import { BUILT_IN_SUBJECTS, type BuiltInSubject } from "./built-in-subjects.ts";
import { cutStream } from "./cut-stream.ts";
import { dialectCorpus, joinCorpora } from "./dialect-corpus.ts";
import { fakeVendorCorpus } from "./fake-vendor-corpus.ts";
import { type FuzzReport, fuzzDialect } from "./fuzz-dialect.ts";
import { recordingsCorpus } from "./recordings-corpus.ts";

export interface SubjectRun {
  readonly subject: string;
  readonly rounds: number;
  readonly seed: number;
  readonly from: number;
  /** Milliseconds. */
  readonly timeMs: number;
  readonly giants: boolean;
  readonly recordings?: string;
}

export function builtInSubject(name: string): BuiltInSubject | undefined {
  return BUILT_IN_SUBJECTS.find((subject) => subject.name === name);
}

/** Rejects for an unknown subject and for a folder that cannot be read. */
export async function runSubject(run: SubjectRun, onCase?: (caseNumber: number) => void): Promise<FuzzReport> {
  const subject = builtInSubject(run.subject);
  if (subject === undefined) throw new Error(`there is no dialect ${run.subject}`);
  const { dialect } = subject;
  const own = joinCorpora(dialectCorpus(dialect), await fakeVendorCorpus(subject));
  const corpus = run.recordings === undefined ? own : joinCorpora(own, await recordingsCorpus(run.recordings, subject));
  const others = BUILT_IN_SUBJECTS.filter((other) => other !== subject);
  const foreign = others.flatMap((other) =>
    dialectCorpus(other.dialect).streams.map((bytes) => cutStream(bytes, other.dialect.framing)),
  );
  return fuzzDialect(subject, {
    rounds: run.rounds,
    seed: run.seed,
    from: run.from,
    timeMs: run.timeMs,
    giants: run.giants,
    corpus,
    foreign,
    peers: BUILT_IN_SUBJECTS.map((other) => other.dialect),
    ...(onCase === undefined ? {} : { onCase }),
  });
}
