/** What one row of the table of faults says. Data: the tests run it on every mount, and docs/faults.md is written from it. */
import type { ErrorCode } from "@dragoman/llm";
import type { ScriptedFault } from "@dragoman/llm/testing";
import type { PartialGatewayConfiguration, PartialModelRoute } from "../../src/config/complete-configuration.ts";
import type { OddWay } from "./odd-vendor.ts";

/** The targets, each under the number by which attempts name it. Two of them are of one vendor, and of one key. */
export const TARGETS = {
  1: "openai:gpt-4.1-mini",
  2: "anthropic:claude-sonnet-4-5",
  3: "openai:gpt-5-mini",
} as const;
export type TargetNumber = keyof typeof TARGETS;
export const TARGET_NUMBERS: readonly TargetNumber[] = [1, 2, 3];

/** A header whose value depends on the time of day, as a date does. */
export type LateHeaders = Readonly<Record<string, string | ((now: number) => string)>>;

/** What one request to a vendor meets; `well`: a good answer. */
export type Met =
  | "well"
  | Exclude<ScriptedFault, { type: "error" }>
  | { readonly type: "error"; readonly status: number; readonly message: string; readonly headers?: LateHeaders };

/**
 * One attempt: its target, and what became of it. A `~` behind it: what it cost was worked out here, as the vendor did not
 * tell; a failed attempt without it cost nothing. `skipped`: never sent.
 */
export type AttemptWord = `${TargetNumber} ${"answered" | "skipped" | ErrorCode | `${ErrorCode} ~`}`;

/** What a call comes to. */
export interface Ending {
  /** In order; those that were never sent come last. */
  readonly attempts: readonly AttemptWord[];
  /** Absent: the last attempt's answer, whole. */
  readonly error?: {
    readonly code: ErrorCode;
    /** Under which the client learns of it, where it is not the code's own. */
    readonly status: number;
    /** What a client over the wire is told instead. */
    readonly wireCode?: ErrorCode;
    /** After a part of the answer was given out: inside the stream. */
    readonly inBand?: true;
    /** What the client is told to wait. Seconds. */
    readonly retryAfterSeconds?: number;
  };
  /** The answer begins anew in the middle: a program is told, and forgets what it had. */
  readonly restarts?: true;
  /** Where the answer is none of the usual text. */
  readonly finish?: "content-filter" | "tool-calls" | "length";
  /** Waits between attempts. Milliseconds, exact or from and to. */
  readonly waits?: readonly (number | readonly [number, number])[];
  /** Targets that are left alone afterwards. */
  readonly leftAlone?: readonly TargetNumber[];
}

export const MOUNTS = ["complete", "stream", "chat", "chat stream", "messages", "messages stream"] as const;
/** The gateway as a function, and over HTTP in the OpenAI chat and the Anthropic dialect; each whole and streamed. */
export type MountName = (typeof MOUNTS)[number];

/** What the call asks for beside its text. */
export type AskedFor = "tools" | "image" | "json" | "prefill";

export interface FaultScenario {
  readonly group: string;
  /** What the vendor does, as a sentence. */
  readonly name: string;
  /** The case of FailoverBench (failoverbench/failoverbench, scenarios/catalogue.yaml) that it covers. */
  readonly bench?: readonly `S${number}`[];
  /** What requests to each target meet, in order; the last goes on. Absent: all is well. */
  readonly meets: { readonly [Target in TargetNumber]?: readonly [Met, ...Met[]] };
  /** Default: target 1, with target 2 as its fallback. */
  readonly route?: PartialModelRoute;
  readonly failing?: PartialGatewayConfiguration["failing"];
  /** What stands where the first vendor should be. `nobody`: nothing listens there. Default: the vendor. */
  readonly instead?: "nobody" | OddWay;
  /** What the configuration says that targets can and cannot do. */
  readonly capabilities?: { readonly [Target in TargetNumber]?: Readonly<Record<string, boolean>> };
  readonly asks?: AskedFor;
  /** Default: all. */
  readonly mounts?: readonly MountName[];
  readonly whole: Ending;
  /** Default: as `whole`. */
  readonly streamed?: Ending;
  /** A stream over the wire, where it ends otherwise than one to a program. */
  readonly wireStreamed?: Ending;
  /** Whatever else a reader should know. */
  readonly note?: string;
}

export function isStreamed(mount: MountName): boolean {
  return mount.endsWith("stream");
}

export function isWire(mount: MountName): boolean {
  return mount !== "complete" && mount !== "stream";
}

export function endingOf({ whole, streamed, wireStreamed }: FaultScenario, mount: MountName): Ending {
  if (!isStreamed(mount)) return whole;
  return (isWire(mount) ? wireStreamed : undefined) ?? streamed ?? whole;
}
