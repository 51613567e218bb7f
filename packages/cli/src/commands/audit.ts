/** `dragoman audit`: who did what when, whether the log is whole, and the log for others to keep. */
import { once } from "node:events";
import { DragomanError } from "@dragoman/llm";
import { EXIT } from "../exit.ts";
import { printable } from "../printable.ts";
import { type Column, renderTable } from "../table.ts";
import { type AuditFormat, type AuditHead, type AuditRecord, exportAudit, verifyAudit } from "./keys-gateway.ts";
import { type StoreOptions, withStore } from "./keys-store.ts";

export async function listAudit(options: StoreOptions & { readonly last: number }): Promise<void> {
  await withStore(options, "read", async ({ audit }) => {
    const { records } = await audit.list({ countMax: options.last });
    if (options.json === true) console.log(JSON.stringify(records, null, 2));
    else if (records.length === 0) console.error("nothing was recorded yet");
    else
      for (const line of renderTable(COLUMNS, records.map(cells), process.stdout.isTTY ? process.stdout.columns : undefined))
        console.log(line);
  });
}

/** `NUMBER:HASH`, to be kept where whoever can write the store cannot. */
export async function auditHead(options: StoreOptions): Promise<void> {
  await withStore(options, "read", async ({ audit }) => {
    const head = await audit.head();
    console.log(options.json === true ? JSON.stringify(head) : `${head.number}:${head.hash}`);
  });
}

/** Status 1 where the chain is broken. */
export async function verifyAuditLog(options: StoreOptions & { readonly anchor?: string }): Promise<void> {
  const anchor = options.anchor === undefined ? {} : { anchor: parseHead(options.anchor) };
  await withStore(options, "read", async ({ log }) => {
    const verdict = await verifyAudit(log, anchor);
    if (options.json === true) console.log(JSON.stringify(verdict));
    else if (verdict.intact) console.log(`whole: ${verdict.records} records, head ${verdict.head.number}:${verdict.head.hash}`);
    else console.error(printable(`${verdict.broken} at record ${verdict.at}: ${verdict.detail}`));
    if (!verdict.intact) process.exitCode = EXIT.failed;
  });
}

export async function exportAuditLog(options: StoreOptions & { readonly format: AuditFormat }): Promise<void> {
  const format = options.json === true ? "jsonl" : options.format;
  await withStore(options, "read", async ({ log }) => {
    for await (const line of exportAudit(log, { format })) {
      if (!process.stdout.write(`${line}\n`)) await once(process.stdout, "drain");
    }
  });
}

function parseHead(text: string): AuditHead {
  const [, number, hash] = /^(\d{1,10}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (number !== undefined && hash !== undefined) return { number: Number(number), hash };
  throw new DragomanError({
    code: "invalid_request",
    field: "anchor",
    detail: "the anchor is no head of an audit log",
    advice: "write what dragoman audit head printed, as 12:4f9a…",
  });
}

const COLUMNS: readonly Column[] = [
  { title: "NO", align: "right" },
  { title: "TIME", whole: true },
  { title: "ACTION" },
  { title: "WHO" },
  { title: "WHAT", expendable: 1 },
  { title: "FROM", expendable: 3 },
  { title: "OUTCOME", expendable: 2 },
];

function cells({ number, at, action, actor, subject, address, outcome }: AuditRecord): readonly string[] {
  const time = new Date(at).toISOString().slice(0, 19).replace("T", " ");
  return [String(number), time, action, actor, subject ?? "", address ?? "", outcome];
}
