/** Error answers of a vendor whose wait is told in headers, as a table. */
import type { JsonObject } from "../../../json.ts";
import type { FailureKind, Fault } from "../faults.ts";
import { retryHeaders } from "../generate.ts";
import { jsonReply, type WholeReply } from "../reply.ts";

export interface FailureRow {
  readonly status: number;
  readonly body: JsonObject;
}

export type FailureTable = Readonly<Record<FailureKind, FailureRow>>;

export function failureFrom(
  table: FailureTable,
): (kind: FailureKind, model: string, retryAfter: Fault["retryAfter"]) => WholeReply {
  return (kind, _model, retryAfter) => jsonReply(table[kind].status, table[kind].body, retryHeaders(retryAfter));
}

export function row(status: number, body: JsonObject): FailureRow {
  return { status, body };
}
