import type { Warning } from "../../warning.ts";

/** Takes down what could not be done as asked. */
export type Report = (type: Warning["type"], path: string, detail: string) => void;

export interface Reporter {
  readonly warnings: Warning[];
  readonly report: Report;
}

export function createReporter(): Reporter {
  const warnings: Warning[] = [];
  return { warnings, report: (type, path, detail) => void warnings.push({ type, path, detail }) };
}
