/**
 * The suite that every provider and every dialect passes, ours and a stranger's. It runs offline against a fake vendor or
 * a recording server, or live where the subject opens a live provider.
 *
 *     import { conformance } from "@dragoman/llm/testing";
 *     import { test } from "vitest"; // or from "node:test"
 *     conformance({ name: "example", open, models: { text: "example-1" } }, { test });
 *
 * Declare or fail: what a subject cannot do is skipped with a reason and shows as skipped; a skip of a case that does not
 * exist is an error.
 */
import type { ConformanceCase, DialectSubject, ProviderSubject } from "./conformance-case.ts";
import { dialectCases } from "./dialect-cases.ts";
import { providerCases } from "./provider-cases.ts";

/** `test` of vitest, node:test, bun or jest. */
export interface TestFunction {
  (name: string, run: () => Promise<void>): unknown;
  /** Declares a case that is not run. */
  readonly skip: (name: string, run: () => Promise<void>) => unknown;
}

export interface ConformanceOptions {
  readonly test: TestFunction;
  /** Case name -> why the subject cannot pass it. */
  readonly skip?: Readonly<Record<string, string>>;
}

export function conformance(subject: ProviderSubject | DialectSubject, options: ConformanceOptions): void {
  const cases = conformanceCases(subject);
  const unknown = Object.keys(options.skip ?? {}).filter((name) => !cases.some((one) => one.name === name));
  if (unknown.length > 0) throw new Error(`conformance of ${subject.name}: there is no case ${unknown.join(", ")}`);
  for (const { name, run, unavailable } of cases) {
    const reason = options.skip?.[name] ?? unavailable;
    if (reason === undefined) options.test(`${subject.name}: ${name}`, run);
    else options.test.skip(`${subject.name}: ${name} (${reason})`, run);
  }
}

/** The cases as data, for a runner of one's own. */
export function conformanceCases(subject: ProviderSubject | DialectSubject): readonly ConformanceCase[] {
  return "dialect" in subject ? dialectCases(subject) : providerCases(subject);
}
