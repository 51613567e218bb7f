/** Which calls a command means, from its options. */
import type { CallFilter, CallOutcome } from "@dragoman/gateway/ledger";
import { DragomanError } from "@dragoman/llm";
import type { LedgerOptions } from "./open-ledger.ts";

export interface CallOptions extends LedgerOptions {
  readonly from?: string;
  readonly to?: string;
  readonly since?: string;
  readonly provider?: readonly string[];
  readonly model?: readonly string[];
  readonly route?: readonly string[];
  readonly key?: readonly string[];
  readonly team?: readonly string[];
  readonly agent?: readonly string[];
  readonly session?: readonly string[];
  readonly user?: readonly string[];
  readonly outcome?: readonly CallOutcome[];
  readonly tag?: readonly string[];
  readonly json?: boolean;
}

/** Names of the options that name a dimension, and of the dimension. */
export const FILTER_DIMENSIONS = ["provider", "model", "route", "key", "team", "agent", "session", "user"] as const;

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const MOMENT = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)?)?$/;

/** Throws `invalid_request` for what is no time or no tag. */
export function callFilter(options: CallOptions, now: number, defaultSince?: string): CallFilter {
  const { from, to, since, outcome, tag } = options;
  if (from !== undefined && since !== undefined)
    throw wrong("since", "--since and --from exclude each other", "leave one of them out");
  const ago = since ?? (from === undefined && to === undefined ? defaultSince : undefined);
  const begin = from !== undefined ? momentOf(from, "from") : ago === undefined ? undefined : now - spanOf(ago);
  const of = Object.fromEntries(
    FILTER_DIMENSIONS.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  );
  return {
    ...(begin === undefined ? {} : { from: begin }),
    ...(to === undefined ? {} : { to: momentOf(to, "to") }),
    ...(Object.keys(of).length === 0 ? {} : { of }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(tag === undefined ? {} : { tags: tagsOf(tag) }),
  };
}

/** A date begins at midnight UTC; a time without a zone is UTC. */
function momentOf(text: string, field: string): number {
  const at = MOMENT.test(text)
    ? Date.parse(text.length > 10 && !/(?:Z|[+-]\d\d:\d\d)$/.test(text) ? `${text}Z` : text)
    : Number.NaN;
  if (Number.isFinite(at)) return at;
  throw wrong(field, `${JSON.stringify(text)} is no time`, "write 2026-03-01 or 2026-03-01T12:00:00Z");
}

function spanOf(text: string): number {
  const [, amount, unit = ""] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
  const unitMs = UNITS_MS[unit];
  if (unitMs !== undefined && Number(amount) > 0) return Number(amount) * unitMs;
  throw wrong("since", `${JSON.stringify(text)} is no span of time`, "write 30m, 12h, 7d or 4w");
}

/** Of `name=value`. Throws `invalid_request`. */
export function tagsOf(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(texts.map(tagOf));
}

function tagOf(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw wrong("tag", `${JSON.stringify(text)} is no tag`, "write name=value");
}

function wrong(field: string, detail: string, advice: string): DragomanError {
  return new DragomanError({ code: "invalid_request", field, detail, advice });
}
