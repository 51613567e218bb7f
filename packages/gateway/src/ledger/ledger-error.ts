/** What SQLite and the file system say, in words that tell what to do. */
import { DragomanError } from "@dragoman/llm";

/** Result codes of SQLite. Source: https://sqlite.org/rescode.html */
const BUSY = 5;
const READ_ONLY = 8;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const NOT_A_DATABASE = 26;

/** The primary result code, or undefined for what does not come from SQLite. */
export function sqliteCode(thrown: unknown): number | undefined {
  const code: unknown = thrown instanceof Error ? Reflect.get(thrown, "errcode") : undefined;
  return typeof code === "number" ? code & 0xff : undefined;
}

/**
 * Why the ledger cannot be written or read now. `provider_unavailable`, for the gateway itself is what cannot serve: nothing is sent
 * that could not be accounted for.
 */
export function ledgerUnavailable(thrown: unknown, doing: string): DragomanError {
  if (DragomanError.is(thrown)) return thrown;
  const [reason, advice] = reasonOf(thrown);
  return new DragomanError({
    code: "provider_unavailable",
    detail: `the ledger could not ${doing}: ${reason}`,
    advice,
    cause: thrown,
  });
}

/** Why the file cannot be opened. */
export function ledgerUnusable(file: string, thrown: unknown): DragomanError {
  if (DragomanError.is(thrown)) return thrown;
  const [reason, advice] = reasonOf(thrown);
  return new DragomanError({
    code: "configuration",
    detail: `the ledger ${file} cannot be opened: ${reason}`,
    advice,
    cause: thrown,
  });
}

const DAMAGED_ADVICE =
  "stop the gateway, keep a copy of the file with its -wal, -shm and -journal files, and either restore a backup, or save what can be read with `sqlite3 FILE .recover`, or name another file to begin anew; nothing was changed";

function reasonOf(thrown: unknown): readonly [reason: string, advice: string] {
  const code: unknown = thrown instanceof Error ? Reflect.get(thrown, "code") : undefined;
  if (code === "ENOSPC" || code === "EDQUOT") return ["the disk is full", "free space on its disk; it goes on by itself"];
  switch (sqliteCode(thrown)) {
    case FULL:
      return ["the disk or the file is full", "free space on its disk, raise the file's limit, or keep calls for fewer days"];
    case BUSY:
      return ["another process has been writing to it for too long", "wait, or end the other process"];
    case READ_ONLY:
      return ["it may only be read", "give the gateway's user the right to write the file and its folder"];
    case CANNOT_OPEN:
      return ["the file or its folder cannot be reached", "create the folder, or give the gateway's user the right to write it"];
    case CORRUPT:
      return ["the file is damaged", DAMAGED_ADVICE];
    case NOT_A_DATABASE:
      return ["the file is no SQLite database, or its beginning is damaged", DAMAGED_ADVICE];
    default:
      return [thrown instanceof Error ? thrown.message : String(thrown), "see the reason that is named"];
  }
}
