/** Fuzzing for any dialect, a stranger's too: seeded, bounded, with failing cases made small. */
export { dialectCorpus, joinCorpora } from "./dialect-corpus.ts";
export type { CutStream, FuzzCase, FuzzCorpus, FuzzKind, FuzzSubject, RequestSeed, StreamPiece, Violation } from "./fuzz-case.ts";
export { type FuzzOutput, fuzzCommand } from "./fuzz-command.ts";
export { type FuzzFailure, type FuzzOptions, type FuzzReport, fuzzDialect } from "./fuzz-dialect.ts";
