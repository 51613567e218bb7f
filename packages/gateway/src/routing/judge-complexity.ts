/** How hard a request looks. Worked out here from the request alone, in microseconds; every reason is told. */
import type { CompletionRequest } from "@dragoman/llm";
import type { ComplexityConfiguration } from "../configuration.ts";
import type { ComplexityRecord } from "../ledger/call-record.ts";
import { complexityOf } from "./complexity-of.ts";

export type ComplexityVerdict = Omit<ComplexityRecord, "acted">;

/** Undefined where complexity routing is off. */
export function judgeComplexity(
  request: CompletionRequest,
  { mode, simpleBelow, margin }: ComplexityConfiguration,
): ComplexityVerdict | undefined {
  if (mode === "off") return undefined;
  const { score, reasons } = complexityOf(request);
  const verdict = Math.abs(score - simpleBelow) < margin ? "abstained" : score < simpleBelow ? "simple" : "hard";
  return { score, verdict, reasons };
}
