/** Every case for a provider, in the order in which a newcomer would meet them. */

import { abortCases } from "./abort-cases.ts";
import { answerCases } from "./answer-cases.ts";
import { batchCases } from "./batch-cases.ts";
import { catalogueCases } from "./catalogue-cases.ts";
import type { ConformanceCase, ProviderSubject } from "./conformance-case.ts";
import { embeddingCases } from "./embedding-cases.ts";
import { faultCases } from "./fault-cases.ts";
import { fileCases } from "./file-cases.ts";
import { historyCases } from "./history-cases.ts";
import { rerankCases } from "./rerank-cases.ts";
import { streamCases } from "./stream-cases.ts";
import { timeoutCases } from "./timeout-cases.ts";
import { toolCases } from "./tool-cases.ts";

export function providerCases(subject: ProviderSubject): readonly ConformanceCase[] {
  return [
    answerCases,
    streamCases,
    toolCases,
    historyCases,
    abortCases,
    timeoutCases,
    faultCases,
    catalogueCases,
    embeddingCases,
    rerankCases,
    batchCases,
    fileCases,
  ].flatMap((group) => group(subject));
}
