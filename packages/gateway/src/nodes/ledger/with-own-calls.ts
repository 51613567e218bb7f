/** A page of the calls of all nodes, with those of this node that PostgreSQL does not have yet. */

import type { CallRecord } from "../../ledger/call-record.ts";
import type { CallPage } from "../../ledger/ledger.ts";
import { renderCursor } from "../../ledger/usage/call-cursor.ts";

/** Both pages answer one question, so that their first calls are the first of all. A call of both counts as PostgreSQL has it. */
export function withOwnCalls(shared: CallPage, own: CallPage, countMax: number): CallPage {
  const byId = new Map([...own.calls, ...shared.calls].map((call) => [call.id, call]));
  const calls = [...byId.values()].toSorted(newestFirst).slice(0, countMax);
  const last = calls.at(-1);
  const isMore = byId.size > countMax || shared.cursor !== undefined || own.cursor !== undefined;
  return isMore && last !== undefined ? { calls, cursor: renderCursor(last) } : { calls };
}

function newestFirst(one: CallRecord, other: CallRecord): number {
  return other.startedAt - one.startedAt || (one.id < other.id ? 1 : -1);
}
