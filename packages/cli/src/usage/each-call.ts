import type { CallFilter, CallRecord } from "@dragoman/gateway/ledger";
import type { LedgerReader } from "@dragoman/gateway/offline";

const PAGE = 500;

/** Newest first; holds one page at a time. */
export async function* eachCall(ledger: Pick<LedgerReader, "calls">, filter: CallFilter): AsyncGenerator<CallRecord> {
  let cursor: string | undefined;
  do {
    const page = await ledger.calls({ ...filter, countMax: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    yield* page.calls;
    cursor = page.cursor;
  } while (cursor !== undefined);
}
