/** Calls over the wire: who makes them, what they meet at the vendor, and how long their callers stay. */
import fc from "fast-check";
import { KEYS, type KeyName } from "./keys.ts";

/** What the first vendor does with every request for the model of this name. */
export const TROUBLES = {
  none: {},
  "429": { fault: "fault-429", bill: "free" },
  "500": { fault: "fault-500", bill: "free" },
  "503": { fault: "fault-503", bill: "free" },
  html: { fault: "fault-html", bill: "free" },
  reset: { fault: "fault-reset", bill: "free" },
  "reset-mid": { fault: "fault-reset-mid", bill: "as-it-came" },
  cut: { fault: "fault-cut", bill: "untold" },
  stall: { fault: "fault-stall", bill: "untold" },
  malformed: { fault: "fault-malformed", bill: "untold" },
  "no-end": { fault: "fault-no-terminator", bill: "untold" },
  "error-in-200": { fault: "fault-error-in-200", bill: "untold" },
  empty: { fault: "fault-empty", bill: "untold" },
  "no-usage": { answers: "without usage", bill: "untold" },
} as const satisfies Readonly<Record<string, Trouble>>;

export type TroubleName = keyof typeof TROUBLES;

export interface Trouble {
  /** Of the fake vendor's own faults. */
  readonly fault?: string;
  readonly answers?: "without usage";
  /**
   * What the vendor takes when it fails so: nothing; something that it does not tell; or nothing if its connection broke before anything of an
   * answer came, its head included. An answer that is good after all is told, but where it comes without usage.
   */
  readonly bill?: "free" | "untold" | "as-it-came";
}

function isTrouble(name: string): name is TroubleName {
  return Object.hasOwn(TROUBLES, name);
}

export interface WireCall {
  readonly key: KeyName;
  readonly trouble: TroubleName;
  /** Whether another vendor, where all is well, is asked next. */
  readonly fallsBack: boolean;
  readonly way: "complete" | "stream";
  readonly words: number;
  /** How the caller ends it before its time: by its signal after so many turns of the event loop, or by reading no further after so many events. */
  readonly leaves: { readonly type: "abort" | "stop-reading"; readonly after: number } | undefined;
  /** Calls that may be under way when it begins. */
  readonly atOnce: number;
}

export const TROUBLE_NAMES: readonly TroubleName[] = Object.keys(TROUBLES).filter(isTrouble);

export const wireCall: fc.Arbitrary<WireCall> = fc.record({
  key: fc.constantFrom(...KEYS),
  trouble: fc.oneof(
    { weight: 5, arbitrary: fc.constant<TroubleName>("none") },
    { weight: 4, arbitrary: fc.constantFrom(...TROUBLE_NAMES) },
  ),
  fallsBack: fc.boolean(),
  way: fc.constantFrom("complete", "stream"),
  words: fc.integer({ min: 8, max: 30 }),
  leaves: fc.oneof(
    { weight: 4, arbitrary: fc.constant(undefined) },
    {
      weight: 1,
      arbitrary: fc.record({ type: fc.constantFrom("abort", "stop-reading"), after: fc.integer({ min: 0, max: 30 }) }),
    },
  ),
  atOnce: fc.integer({ min: 1, max: 24 }),
});

export const WAYS = ["complete", "stream"] as const;
type Way = WireCall["way"];

/** The route of a call. */
export function routeOf({ trouble, way, fallsBack }: Pick<WireCall, "trouble" | "way" | "fallsBack">): string {
  return `${trouble}-${way}${fallsBack ? "-then-well" : ""}`;
}

/** The model whose every request meets it. */
export function modelOf(trouble: TroubleName, way: Way): string {
  const { fault = trouble }: Trouble = TROUBLES[trouble];
  return `model-${fault}-${way}`;
}

/** The other way round. */
export function plannedFor(model: string): { readonly trouble: TroubleName; readonly way: Way } | undefined {
  for (const trouble of TROUBLE_NAMES) for (const way of WAYS) if (modelOf(trouble, way) === model) return { trouble, way };
  return undefined;
}
