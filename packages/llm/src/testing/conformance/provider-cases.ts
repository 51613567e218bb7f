/** Every case for a provider, in the order in which a newcomer would meet them. */

import { abortCases } from "./abort-cases.ts";
import { answerCases } from "./answer-cases.ts";
import { catalogueCases } from "./catalogue-cases.ts";
import type { ConformanceCase, ProviderSubject } from "./conformance-case.ts";
import { faultCases } from "./fault-cases.ts";
import { historyCases } from "./history-cases.ts";
import { streamCases } from "./stream-cases.ts";
import { timeoutCases } from "./timeout-cases.ts";
import { toolCases } from "./tool-cases.ts";

export function providerCases(subject: ProviderSubject): readonly ConformanceCase[] {
  return [answerCases, streamCases, toolCases, historyCases, abortCases, timeoutCases, faultCases, catalogueCases].flatMap(
    (group) => group(subject),
  );
}
