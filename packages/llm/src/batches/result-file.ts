/**
 * The file in which a local run keeps its results: one line each, forced to the disk before anybody is told of it, so that a
 * run that is killed loses nothing that was paid for. A last line that was cut off is taken away at the next start.
 */
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { BatchResult } from "../batch.ts";
import { DragomanError } from "../errors.ts";
import type { CompletionRequest } from "../request.ts";
import { parseLines } from "./batch-lines.ts";
import { parseRecord, type ResultRecord, renderRecord, requestHash } from "./result-record.ts";

export interface KeptResult {
  readonly result: BatchResult;
  /** Whether it is the result of this very request. */
  isOf(request: CompletionRequest): boolean;
}

export interface ResultFile {
  /** What was there at the start, the last word on each item, in the file's order. */
  results(): AsyncIterable<KeptResult>;
  /** Resolves when it is on the disk. Calls may overlap. */
  append(result: BatchResult, request: CompletionRequest): Promise<void>;
  close(): Promise<void>;
}

/** Opens or makes it. Throws `invalid_request` for a file that holds anything else, and leaves it as it is. */
export async function openResultFile(path: string): Promise<ResultFile> {
  const handle = await open(path, "a+").catch((error: unknown) => {
    throw new DragomanError({ code: "configuration", detail: `${path} cannot be opened: ${String(error)}`, cause: error });
  });
  try {
    const { size } = await handle.stat();
    const end = await endOfLastLine(handle, size);
    const lastPlaceOf = await lastPlaces(path, end);
    if (end < size) await dropTornLine(path, handle, end, size);
    return resultFile(path, handle, end, lastPlaceOf);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function resultFile(path: string, handle: FileHandle, end: number, lastPlaceOf: ReadonlyMap<string, number>): ResultFile {
  let written: Promise<void> = Promise.resolve();
  return {
    async *results() {
      let place = 0;
      for await (const { result, requestHash: hash } of readRecords(path, end)) {
        place += 1;
        if (lastPlaceOf.get(result.id) !== place) continue;
        yield { result, isOf: (request) => requestHash(request) === hash };
      }
    },
    append(result, request) {
      const line = renderRecord({ result, requestHash: requestHash(request) });
      const mine = written.then(async () => {
        await handle.appendFile(line);
        await handle.sync();
      });
      // one that failed must not fail all that come after it
      written = mine.catch(() => undefined);
      return mine;
    },
    async close() {
      await written;
      await handle.close();
    },
  };
}

/** An item that was asked again stands twice; the later line counts. */
async function lastPlaces(path: string, end: number): Promise<ReadonlyMap<string, number>> {
  const lastPlaceOf = new Map<string, number>();
  let place = 0;
  for await (const { result } of readRecords(path, end)) {
    place += 1;
    lastPlaceOf.set(result.id, place);
  }
  return lastPlaceOf;
}

async function* readRecords(path: string, end: number): AsyncGenerator<ResultRecord> {
  if (end === 0) return;
  const lines = parseLines(createReadStream(path, { end: end - 1 }));
  let number = 0;
  try {
    for await (const line of lines) {
      number += 1;
      const record = parseRecord(line);
      if (record === undefined) throw foreign(path, `line ${number}`);
      yield record;
    }
  } catch (error) {
    throw DragomanError.is(error) && error.code === "invalid_response" ? foreign(path, error.detail) : error;
  }
}

function foreign(path: string, where: string): DragomanError {
  const detail = `${path} is no file of results of a local batch: ${where}`;
  return new DragomanError({ code: "invalid_request", field: "file", detail, advice: "name another file, or a new one" });
}

const LINE_FEED = 0x0a;
const CHUNK_BYTES = 65_536;
/** How our lines begin. */
const LINE_START = '{"id":"';

/** One that lacks only its end was not told of either, so it goes as well. What is not ours is not ours to take away. */
async function dropTornLine(path: string, handle: FileHandle, end: number, size: number): Promise<void> {
  const torn = Buffer.alloc(size - end);
  await handle.read(torn, 0, torn.length, end);
  const text = torn.toString("utf8");
  if (!text.startsWith(LINE_START.slice(0, text.length)) || isForeignJson(text)) throw foreign(path, "its last line");
  await handle.truncate(end);
  await handle.sync();
}

function isForeignJson(text: string): boolean {
  try {
    return parseRecord(JSON.parse(text)) === undefined;
  } catch {
    return false;
  }
}

async function endOfLastLine(handle: FileHandle, size: number): Promise<number> {
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - CHUNK_BYTES);
    const chunk = Buffer.alloc(end - start);
    await handle.read(chunk, 0, chunk.length, start);
    const at = chunk.lastIndexOf(LINE_FEED);
    if (at !== -1) return start + at + 1;
    end = start;
  }
  return 0;
}
