/** Schedules for a gateway over gated vendors: who calls what, what each request meets, and who goes on when. */
import type { ErrorCode } from "@dragoman/llm";
import fc from "fast-check";
import type { Met, Told } from "./gated-vendor.ts";
import { KEYS, type KeyName } from "./keys.ts";

/** `steady` falls back from the cheap vendor to the dear one, `spread` has both, `dear` one alone. */
export const ROUTES = ["steady", "spread", "dear"] as const;

export interface PlannedCall {
  readonly type: "call";
  readonly key: KeyName;
  readonly route: (typeof ROUTES)[number];
  readonly way: "complete" | "stream";
  /** Equal ones may share an answer where answers are cached. */
  readonly question: number;
  readonly words: number;
  readonly outputTokensMax: number | undefined;
  /** By its requests in order; those after the last are answered. */
  readonly meets: readonly Met[];
  /** A reader that waits at a gate before each event. */
  readonly slow: boolean;
}

export type Step =
  | PlannedCall
  /** Lets a vendor go on with its answer, or a reader take its next event. */
  | { readonly type: "vendor" | "reader"; readonly which: number }
  /** A caller ends its call by its signal, or reads no further. */
  | { readonly type: "abort" | "leave"; readonly which: number }
  /** Somebody calls under the name of a call that has been settled. */
  | { readonly type: "again"; readonly which: number }
  /** The gateway is closed in order, or killed, and opened again on its file. */
  | { readonly type: "reopen" | "kill" };

export interface Schedule {
  readonly limits: GivenLimits;
  readonly cache: boolean;
  readonly steps: readonly Step[];
}

/** Amounts of the limits; money in billionths of a dollar. */
export interface GivenLimits {
  readonly team: number;
  readonly ann: number;
  readonly dear: number;
  readonly tokens: number;
  readonly requests: number;
  readonly atOnce: number;
  readonly queue: boolean;
}

const told: fc.Arbitrary<Told> = fc
  .record({
    inputTokens: fc.integer({ min: 5, max: 90 }),
    cacheRead: fc.integer({ min: 0, max: 90 }),
    outputTokens: fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 1, max: 400 }) },
      { weight: 1, arbitrary: fc.integer({ min: 1_000, max: 4_000 }) },
    ),
  })
  .map(({ cacheRead, ...rest }) => ({ ...rest, cacheReadTokens: Math.min(cacheRead, rest.inputTokens) }));
const pieces = fc.integer({ min: 0, max: 3 });
const somePieces = fc.integer({ min: 1, max: 4 });

function refusal(code: ErrorCode, status?: number): fc.Arbitrary<Met> {
  return fc.constant({ type: "refuse", code, ...(status === undefined ? {} : { status }) });
}

function answer(tells: "all" | "input" | "nothing"): fc.Arbitrary<Met> {
  return fc.record({ type: fc.constant("answer"), told, pieces: somePieces, tells: fc.constant(tells) });
}

/** How an answer breaks off after its beginning. */
const BREAKS: readonly ErrorCode[] = ["stream_truncated", "connection_failed", "invalid_response", "timeout", "vendor_error"];

export const met: fc.Arbitrary<Met> = fc.oneof(
  { weight: 8, arbitrary: answer("all") },
  { weight: 2, arbitrary: answer("input") },
  { weight: 2, arbitrary: answer("nothing") },
  { weight: 2, arbitrary: refusal("rate_limited", 429) },
  { weight: 2, arbitrary: refusal("vendor_error", 500) },
  { weight: 1, arbitrary: refusal("overloaded", 503) },
  { weight: 1, arbitrary: refusal("connection_failed") },
  { weight: 1, arbitrary: refusal("invalid_request", 400) },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant("break"),
      code: fc.constantFrom(...BREAKS),
      told,
      pieces,
      tells: fc.constantFrom("input", "nothing"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("stall"), pieces }) },
);

const call: fc.Arbitrary<PlannedCall> = fc.record({
  type: fc.constant("call"),
  key: fc.constantFrom(...KEYS),
  route: fc.constantFrom("steady", "steady", "steady", "spread", "dear"),
  way: fc.constantFrom("complete", "stream", "stream"),
  question: fc.nat({ max: 2 }),
  words: fc.integer({ min: 1, max: 60 }),
  outputTokensMax: fc.option(fc.integer({ min: 20, max: 600 }), { nil: undefined }),
  meets: fc.array(met, { maxLength: 4 }),
  slow: fc.boolean(),
});

const which = fc.nat({ max: 40 });

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 60, arbitrary: call },
  { weight: 100, arbitrary: fc.record({ type: fc.constant("vendor"), which }) },
  { weight: 70, arbitrary: fc.record({ type: fc.constant("reader"), which }) },
  { weight: 10, arbitrary: fc.record({ type: fc.constant("abort"), which }) },
  { weight: 10, arbitrary: fc.record({ type: fc.constant("leave"), which }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("again"), which }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom("reopen", "kill") }) },
);

/** Some are met early in a schedule, some late, some never. */
const limits: fc.Arbitrary<GivenLimits> = fc.noBias(
  fc.record({
    team: fc.integer({ min: 2_000_000, max: 30_000_000 }),
    ann: fc.integer({ min: 1_700_000, max: 15_000_000 }),
    dear: fc.integer({ min: 16_000_000, max: 120_000_000 }),
    tokens: fc.integer({ min: 1_200, max: 40_000 }),
    requests: fc.integer({ min: 3, max: 50 }),
    atOnce: fc.integer({ min: 1, max: 8 }),
    queue: fc.boolean(),
  }),
);

/** Most are long enough that limits are met; those that fail can be made short. */
export const schedule: fc.Arbitrary<Schedule> = fc.record({
  limits,
  cache: fc.constantFrom(false, false, true),
  steps: fc.array(step, { maxLength: 460, size: "max" }),
});
