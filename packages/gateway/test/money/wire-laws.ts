/** What must hold of the ledger after a wire schedule, held against what the fake vendors were asked. */
import type { AttemptRecord, CallRecord } from "../../src/ledger/call-record.ts";
import { sentAttempts } from "./counted.ts";
import { type Bill, expectBilled, expectSumOfAttempts, hold } from "./laws.ts";
import { nanoOf } from "./prices.ts";
import type { MadeWireCall } from "./wire-driver.ts";
import { WIRE_PRICES } from "./wire-gateway.ts";
import { plannedFor, TROUBLES, type Trouble } from "./wire-plan.ts";
import type { VendorRequest, WireVendors } from "./wire-vendors.ts";

/** Records by the name of the call in their tags. Throws where two records have one. */
export function byCallName(records: ReadonlyMap<string, CallRecord>): ReadonlyMap<string, CallRecord> {
  const named = new Map<string, CallRecord>();
  for (const record of records.values()) {
    const name = record.tags.call ?? record.id;
    hold(!named.has(name), () => `${name} is in the ledger once`);
    named.set(name, record);
  }
  return named;
}

/** Every request of a vendor stands in the ledger as an attempt, and every attempt at what the vendor told. */
export async function expectWireBook(records: ReadonlyMap<string, CallRecord>, vendors: WireVendors): Promise<void> {
  const requests = vendors.requests();
  for (const name of requests.keys()) hold(records.has(name), () => `what a vendor was asked is in the ledger (${name})`);
  for (const [name, record] of records) {
    expectSumOfAttempts(record);
    if (record.outcome !== "interrupted") await expectAttempts(name, record, requests.get(name) ?? [], vendors);
  }
}

async function expectAttempts(
  name: string,
  record: CallRecord,
  requests: readonly VendorRequest[],
  vendors: WireVendors,
): Promise<void> {
  const attempts = sentAttempts(record);
  const targets = new Set([...attempts, ...requests.map(({ vendor, model }) => ({ provider: vendor, model }))].map(targetOf));
  for (const target of targets) {
    const tried = attempts.filter((attempt) => targetOf(attempt) === target);
    const asked = requests.filter(({ vendor, model }) => targetOf({ provider: vendor, model }) === target);
    // Of those whose caller left, some never reached the vendor.
    const left = tried.filter(({ outcome }) => outcome === "aborted").length;
    hold(
      asked.length <= tried.length && asked.length >= tried.length - left,
      () => `${name} has an attempt for each request of ${target} (${tried.length} attempts, ${asked.length} requests)`,
    );
    for (const attempt of tried) await expectAttempt(name, attempt, asked[0], vendors);
  }
}

async function expectAttempt(
  name: string,
  attempt: AttemptRecord,
  request: VendorRequest | undefined,
  vendors: WireVendors,
): Promise<void> {
  const { provider } = attempt;
  if (provider !== "openai" && provider !== "anthropic") throw new Error(`${name} was sent to ${provider}`);
  const price = WIRE_PRICES[provider];
  expectBilled(attempt, await billOf(attempt, request, vendors), price, name);
}

/** What the vendor takes for an attempt. All requests of a call to one target are the same. */
async function billOf(attempt: AttemptRecord, request: VendorRequest | undefined, vendors: WireVendors): Promise<Bill> {
  const planned = plannedFor(attempt.model);
  const { bill, answers }: Trouble = planned === undefined ? {} : TROUBLES[planned.trouble];
  if (attempt.outcome === "answered") {
    if (answers !== undefined || request === undefined) return { type: "untold", usage: {} };
    return { type: "told", usage: await vendors.told(request) };
  }
  const { outcome, firstTokenMs, code, status } = attempt;
  // A caller may leave when nothing is known yet, or while the vendor's refusal is being read.
  const isFree = bill === "free" && (outcome !== "aborted" || status !== undefined);
  const neverCame = firstTokenMs === undefined && code === "connection_failed" && status === undefined;
  return isFree || (bill === "as-it-came" && neverCame) ? { type: "free" } : { type: "untold", usage: {} };
}

function targetOf({ provider, model }: { readonly provider: string; readonly model: string }): string {
  return `${provider}:${model}`;
}

/** What callers saw is what the ledger says. */
export function expectWireSeen(made: readonly MadeWireCall[], records: ReadonlyMap<string, CallRecord>): void {
  for (const { id, seen } of made) {
    const record = records.get(id);
    if (record === undefined || seen === undefined) continue;
    const told = (): string => `${id} saw what the ledger has: ${JSON.stringify(seen)}, ${record.outcome} ${record.code}`;
    if (seen.type === "failed") hold(record.outcome !== "answered", told);
    if (seen.type !== "answered") continue;
    hold(record.outcome === "answered", told);
    const answer = sentAttempts(record).find(({ outcome }) => outcome === "answered");
    if (seen.nano !== undefined) hold(seen.nano === nanoOf(answer?.costUsd ?? 0), told);
  }
}
