/** What became of a search, as data on the answer: carried by a warning, and read from it. */
import type { ErrorCode } from "../errors.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import type { Warning } from "../warning.ts";

/**
 * - `found`: results were put before the question.
 * - `reused`: the same, with results of an earlier search.
 * - `offered`: the vendor's own search tool was offered to the model, which decides.
 * - `nothing-found`: the backends know nothing; the answer is the plain one.
 * - `failed`: no backend could be asked; the answer is the plain one.
 */
export type SearchOutcome = "found" | "reused" | "offered" | "nothing-found" | "failed";

/** What the search policy did for one call. */
export interface SearchReport {
  readonly outcome: SearchOutcome;
  /** Why a search was made. */
  readonly reasons: readonly string[];
  /** Who answered, or was offered. */
  readonly backend?: string;
  readonly query?: string;
  /** The searching alone. Milliseconds. */
  readonly tookMs?: number;
  /** Absent: unknown, never 0. It is not part of the completion's cost. */
  readonly costUsd?: number;
  /** What stands behind `[1]`, `[2]` … in the answer. */
  readonly sources?: readonly { readonly number: number; readonly url: string }[];
  /** Backends that were asked in vain, in order. */
  readonly failures?: readonly SearchFailure[];
}

/** A backend that gave nothing, and why. */
export interface SearchFailure {
  readonly backend: string;
  readonly code: ErrorCode | "nothing-found" | "not-offered";
  readonly detail: string;
}

/** The report as a warning: `other`, with the report as its value. */
export function searchWarning(report: SearchReport): Warning {
  return { type: "other", path: "search", detail: sentenceOf(report), value: { search: asJson(report) } };
}

/** The report that a warning carries; undefined for any other warning. */
export function searchReportOf(warning: Warning): SearchReport | undefined {
  const value = warning.path === "search" && isJsonObject(warning.value) ? warning.value.search : undefined;
  return isJsonObject(value) && typeof value.outcome === "string" ? (value as unknown as SearchReport) : undefined;
}

function asJson(report: SearchReport): JsonObject {
  return JSON.parse(JSON.stringify(report));
}

function sentenceOf({ outcome, backend, query, tookMs, costUsd, reasons, sources = [], failures = [] }: SearchReport): string {
  const why = reasons.length === 0 ? "" : `, because ${reasons.join("; ")}`;
  const after = failures.length === 0 ? "" : `; before that, ${failures.map(failureOf).join("; ")}`;
  const words = JSON.stringify(query ?? "");
  switch (outcome) {
    case "found": {
      const cost = costUsd === undefined ? "at unknown cost" : `for ${costUsd} USD`;
      return `${backend} was searched for ${words} in ${Math.round(tookMs ?? 0)} ms ${cost}: ${sources.length} results${why}${after}`;
    }
    case "reused":
      return `${sources.length} results of an earlier search of ${backend} for ${words} were used again${why}`;
    case "offered":
      return `the vendor's own web search was offered to the model, which decides whether it searches${why}${after}`;
    case "nothing-found":
      return `a search for ${words} found nothing; this is the plain answer${why}: ${failures.map(failureOf).join("; ")}`;
    case "failed":
      return `the web could not be searched; this is the plain answer${why}: ${failures.map(failureOf).join("; ")}`;
  }
}

function failureOf({ backend, code, detail }: SearchFailure): string {
  return `${backend}: ${code}: ${detail}`;
}
