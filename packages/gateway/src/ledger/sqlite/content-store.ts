/** What calls asked and were answered, compressed, beside the calls. */
import type { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { deflate, inflate } from "node:zlib";
import type { JsonValue } from "@dragoman/llm";
import { canonicalJson } from "../canonical-json.ts";
import type { CallContent } from "../local-ledger.ts";
import { inTransaction } from "./transaction.ts";

export interface ContentStore {
  keep(id: string, content: CallContent): Promise<boolean>;
  read(id: string): Promise<CallContent | undefined>;
  /** To be called after contents were taken out by others. */
  recount(): void;
}

export interface ContentStoreOptions {
  readonly enabled: boolean;
  readonly bytesMax: number;
  readonly totalBytesMax: number;
  readonly now: () => number;
}

const compress = promisify(deflate);
const expand = promisify(inflate);
/** Contents that make room at a time. */
const DROPPED_AT_ONCE = 50;

export function createContentStore(database: DatabaseSync, options: ContentStoreOptions): ContentStore {
  const { enabled, bytesMax, totalBytesMax, now } = options;
  const insert = database.prepare(
    "INSERT INTO contents (id, kept_at, bytes, request, answer) VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
  );
  const oldest = database.prepare("SELECT entry, bytes FROM contents ORDER BY entry LIMIT ?");
  const drop = database.prepare("DELETE FROM contents WHERE entry = ?");
  const sum = database.prepare("SELECT coalesce(sum(bytes), 0) AS bytes FROM contents");
  const find = database.prepare("SELECT request, answer FROM contents WHERE id = ?");

  /** Bytes of all contents; undefined until they have been counted. */
  let total: number | undefined;

  async function keep(id: string, content: CallContent): Promise<boolean> {
    if (!enabled) return false;
    const request = Buffer.from(canonicalJson(content.request));
    const answer = Buffer.from(content.answer);
    if (request.length + answer.length > bytesMax) return false;
    const [packedRequest, packedAnswer] = await Promise.all([compress(request), compress(answer)]);
    const bytes = packedRequest.length + packedAnswer.length;
    total ??= Number(sum.get()?.bytes);
    const known = total;
    const { added, dropped } = inTransaction(database, () => {
      const isNew = insert.run(id, now(), bytes, packedRequest, packedAnswer).changes !== 0;
      return { added: isNew ? bytes : 0, dropped: isNew ? makeRoom(known + bytes - totalBytesMax) : 0 };
    });
    total = known + added - dropped;
    return added > 0;
  }

  /** Within the transaction of what was added. */
  function makeRoom(excess: number): number {
    let dropped = 0;
    while (dropped < excess) {
      const rows = oldest.all(DROPPED_AT_ONCE);
      if (rows.length === 0) break;
      for (const { entry, bytes } of rows) {
        if (dropped >= excess) break;
        drop.run(entry ?? null);
        dropped += Number(bytes);
      }
    }
    return dropped;
  }

  async function read(id: string): Promise<CallContent | undefined> {
    const row = find.get(id);
    const { request, answer } = row ?? {};
    if (!(request instanceof Uint8Array) || !(answer instanceof Uint8Array)) return undefined;
    const [json, text] = await Promise.all([expand(request), expand(answer)]);
    const value: JsonValue = JSON.parse(json.toString());
    return { request: value, answer: text.toString() };
  }

  return {
    keep,
    read,
    recount() {
      total = undefined;
    },
  };
}
