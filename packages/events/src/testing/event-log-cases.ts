/**
 * What every log must do, as cases for any test runner:
 *
 *     for (const { name, run } of eventLogCases({ open })) test(name, run);
 */
import { APPEND_CASES } from "./append-cases.ts";
import { type EventLogCase, type EventLogSubject, eventLogCase } from "./event-log-case.ts";
import { LIMIT_CASES, SMALL_LIMITS } from "./limit-cases.ts";
import { READ_CASES } from "./read-cases.ts";
import { STATE_CASES } from "./state-cases.ts";

export function eventLogCases(subject: EventLogSubject): readonly EventLogCase[] {
  const usual = { ...APPEND_CASES, ...READ_CASES, ...STATE_CASES };
  return [
    ...Object.entries(usual).map(([name, check]) => eventLogCase(subject, name, check)),
    ...Object.entries(LIMIT_CASES).map(([name, check]) => eventLogCase(subject, name, check, { limits: SMALL_LIMITS })),
  ];
}
