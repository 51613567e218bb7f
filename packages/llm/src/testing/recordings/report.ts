/** What playing a recording came to, as data. */

export interface RecordingReport {
  readonly id: string;
  readonly wire: string;
  readonly exchanges: readonly ExchangeReport[];
}

export type ExchangeReport =
  | { readonly exchange: number; readonly status: "replayed" }
  | { readonly exchange: number; readonly status: "failed"; readonly failures: readonly Finding[] }
  | { readonly exchange: number; readonly status: "skipped"; readonly reason: string };

/** Something that is not as it should be. */
export interface Finding {
  /** What was checked, as in `answer usage.outputTokens`. */
  readonly check: string;
  readonly expected?: string;
  readonly got?: string;
}

/** Collects what is wrong with one exchange. */
export class Findings {
  readonly list: Finding[] = [];

  add(check: string, expected?: string, got?: string): void {
    this.list.push({ check, ...(expected === undefined ? {} : { expected }), ...(got === undefined ? {} : { got }) });
  }
}
