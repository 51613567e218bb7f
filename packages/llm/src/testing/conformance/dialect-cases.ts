/** Every case for a dialect alone: no provider, no network. */

import { badRequestCases } from "./bad-request-cases.ts";
import type { ConformanceCase, DialectSubject } from "./conformance-case.ts";
import { errorShapeCases } from "./error-shape-cases.ts";
import { roundTripCases } from "./round-trip-cases.ts";
import { wireStreamCases } from "./wire-stream-cases.ts";

export function dialectCases(subject: DialectSubject): readonly ConformanceCase[] {
  return [roundTripCases, wireStreamCases, errorShapeCases, badRequestCases].flatMap((group) => group(subject));
}
