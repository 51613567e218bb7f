import { DragomanError } from "@dragoman/llm";
import type { CallRecord } from "../call-record.ts";

/** A record as it was written. Throws `provider_unavailable` where the file is damaged. */
export function parseRecord(json: unknown): CallRecord {
  try {
    // What stands in `bodies` was written by `boundRecord`, and by nothing else.
    const record: CallRecord = JSON.parse(String(json));
    return record;
  } catch (cause) {
    const detail = "a call in the ledger cannot be read: the file is damaged";
    const advice = "keep a copy of the file, and save what can be read with `sqlite3 FILE .recover`";
    throw new DragomanError({ code: "provider_unavailable", detail, advice, cause });
  }
}
