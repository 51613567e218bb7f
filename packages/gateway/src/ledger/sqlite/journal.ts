/**
 * The journal: what makes `open` and `close` durable. One line is appended per event, by one system call, before the method returns; the
 * operating system has it then, so `kill -9` loses nothing. The lines are moved into the tables later and many at a time, which is some ten times
 * cheaper than a transaction each: SQLite writes whole pages of 4 096 bytes, and a call touches ten of them.
 *
 * A line is `o` or `c` and the JSON of an open call or of a record. A process writes to a segment; when all that was settled in it is in
 * the tables, the calls that are still open are written into a new segment, and the old one is removed. So a call may stand
 * in two segments, and whoever reads them takes it once.
 *
 * Power loss is another matter than `kill -9`: the caller syncs the file in the background, and what came after the last sync may be lost.
 */
import { closeSync, fdatasync, fstatSync, ftruncateSync, openSync, rmSync, writeSync } from "node:fs";
import { promisify } from "node:util";

export interface Journal {
  readonly bytes: number;
  /** Throws what the file system says; then the line is not there, nor any part of it. */
  append(kind: "o" | "c", json: string): void;
  /** Forces to the disk what was appended before. */
  sync(): Promise<void>;
  /** Begins a new segment with these lines. Throws what the file system says; then the old one goes on. The old one's path. */
  rotate(open: Iterable<string>): string;
  end(): void;
  remove(): void;
}

export interface JournalOptions {
  /** Without the number of the segment. */
  readonly prefix: string;
  /** A line that would make it larger is refused as if the disk were full. */
  readonly bytesMax: number;
}

/** Who called what, and for whom. */
const OWNER_ONLY = 0o600;
const BUFFER_BYTES = 65_536;
/** UTF-8 takes three bytes at most for a UTF-16 unit; two more for the kind and the end of the line. */
const BYTES_PER_UNIT = 3;
const syncData = promisify(fdatasync);

export function createJournal({ prefix, bytesMax }: JournalOptions): Journal {
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  let segment = 1;
  let descriptor = openSync(`${prefix}-${segment}`, "ax", OWNER_ONLY);
  let bytes = 0;
  let hasEnded = false;

  function append(kind: "o" | "c", json: string): void {
    const line = `${kind}${json}\n`;
    const fits = line.length * BYTES_PER_UNIT <= BUFFER_BYTES;
    write(fits ? buffer.subarray(0, buffer.write(line)) : Buffer.from(line));
  }

  function write(content: Uint8Array): void {
    // The number of a descriptor that was closed may be another file's by now.
    if (hasEnded) throw new Error("the journal has ended");
    if (bytes + content.length > bytesMax) throw fullJournal();
    let written = 0;
    try {
      while (written < content.length) written += writeSync(descriptor, content, written);
      bytes += written;
    } catch (thrown) {
      if (written > 0) ftruncateSync(descriptor, bytes);
      throw thrown;
    }
  }

  function rotate(open: Iterable<string>): string {
    const old = { descriptor, bytes, path: `${prefix}-${segment}` };
    const path = `${prefix}-${segment + 1}`;
    descriptor = openSync(path, "ax", OWNER_ONLY);
    bytes = 0;
    try {
      for (const json of open) append("o", json);
    } catch (thrown) {
      closeSync(descriptor);
      rmSync(path, { force: true });
      ({ descriptor, bytes } = old);
      throw thrown;
    }
    segment += 1;
    closeSync(old.descriptor);
    return old.path;
  }

  return {
    get bytes() {
      return bytes;
    },
    append,
    rotate,
    sync: () => syncData(descriptor),
    end() {
      hasEnded = true;
      closeSync(descriptor);
    },
    remove: () => rmSync(`${prefix}-${segment}`, { force: true }),
  };
}

function fullJournal(): Error {
  return Object.assign(new Error("the journal has reached its limit"), { code: "ENOSPC" });
}

/** When a segment was last written, in milliseconds since 1970: up to when its process lived at least. */
export function lastWriteAt(path: string): number {
  const descriptor = openSync(path, "r");
  try {
    return Math.trunc(fstatSync(descriptor).mtimeMs);
  } finally {
    closeSync(descriptor);
  }
}
