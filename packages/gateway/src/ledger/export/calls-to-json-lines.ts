import type { CallFilter, Ledger } from "../ledger.ts";

const PAGE = 500;

/** Every call that the filter lets through, newest first, each as one line of JSON with its end of line. Holds one page at a time. */
export async function* callsToJsonLines(
  ledger: Pick<Ledger, "calls">,
  filter: CallFilter,
  signal?: AbortSignal,
): AsyncGenerator<string> {
  let cursor: string | undefined;
  do {
    signal?.throwIfAborted();
    const page = await ledger.calls({ ...filter, countMax: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    for (const call of page.calls) yield `${JSON.stringify(call)}\n`;
    cursor = page.cursor;
  } while (cursor !== undefined);
}
