/** What the journals of a process that is gone still hold. */
import { closeSync, openSync, readSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { isJsonObject } from "@dragoman/llm";
import type { CallRecord, OpenCall } from "../call-record.ts";
import type { WrittenRecord } from "./call-table.ts";

export interface ReadJournal {
  /** Calls that were never settled, by id. */
  readonly open: ReadonlyMap<string, OpenCall>;
  readonly settled: readonly WrittenRecord[];
  /** Lines that cannot be read, as after damage to the disk. A last line that is cut off was never acknowledged, and does not count. */
  readonly damaged: number;
}

export function readJournal(paths: readonly string[]): ReadJournal {
  const open = new Map<string, OpenCall>();
  const settled = new Map<string, WrittenRecord>();
  let damaged = 0;
  for (const path of paths) {
    for (const line of completeLines(path)) {
      const json = line.slice(1);
      const value = parsed(json);
      if (line.startsWith("o") && isOpenCall(value)) open.set(value.id, value);
      else if (line.startsWith("c") && isRecord(value)) settled.set(value.id, { record: value, json });
      else damaged += 1;
    }
  }
  for (const id of settled.keys()) open.delete(id);
  return { open, settled: [...settled.values()], damaged };
}

const CHUNK_BYTES = 65_536;

/** Lines that end; the rest was cut off while it was written. */
function* completeLines(path: string): Generator<string> {
  const descriptor = openSync(path, "r");
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  const decoder = new StringDecoder("utf8");
  let rest = "";
  try {
    for (let count = readSync(descriptor, chunk); count > 0; count = readSync(descriptor, chunk)) {
      const lines = (rest + decoder.write(chunk.subarray(0, count))).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } finally {
    closeSync(descriptor);
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

function isOpenCall(value: unknown): value is OpenCall {
  return isJsonObject(value) && typeof value.id === "string" && isJsonObject(value.reserved);
}

function isRecord(value: unknown): value is CallRecord {
  return isOpenCall(value) && Reflect.has(value, "outcome") && Array.isArray(Reflect.get(value, "attempts"));
}
