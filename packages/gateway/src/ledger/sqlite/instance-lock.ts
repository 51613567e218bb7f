/**
 * Tells whether a process lives. Each process that opens calls holds a lock of its own for as long as it lives; the operating system lets go of it
 * with the process, also after `kill -9`, so there is no heartbeat to wait for and no process id that another may have got. Node.js
 * has no locks of files: an exclusive transaction of SQLite on an empty file is one.
 */
import { closeSync, existsSync, openSync, rmSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { sqliteCode } from "../ledger-error.ts";

export interface InstanceLock {
  readonly instance: string;
  /** Lets go, and removes what marked it. */
  release(): void;
}

const BUSY = 5;
/** As everything beside it: its name tells of a ledger. */
const OWNER_ONLY = 0o600;

export function lockPath(file: string, instance: string): string {
  return `${file}-lock-${instance}`;
}

/** Undefined where another holds it, which is to say: where that process lives. */
export function acquireInstanceLock(Database: typeof DatabaseSync, file: string, instance: string): InstanceLock | undefined {
  const path = lockPath(file, instance);
  closeSync(openSync(path, "a", OWNER_ONLY));
  const database = new Database(path, { timeout: 0 });
  try {
    database.exec("BEGIN EXCLUSIVE");
  } catch (thrown) {
    database.close();
    if (sqliteCode(thrown) === BUSY) return undefined;
    throw thrown;
  }
  // Whoever took this process for a dead one between the file's making and its locking has removed the file.
  if (!existsSync(path)) {
    database.close();
    return undefined;
  }
  return {
    instance,
    release() {
      // Removed while it is held, so that nobody locks a file that is about to go; Windows removes no file that is open.
      const isRemoved = process.platform !== "win32" && removeLock(path);
      database.close();
      if (!isRemoved) removeLock(path);
    },
  };
}

function removeLock(path: string): true {
  for (const suffix of ["-journal", ""]) rmSync(`${path}${suffix}`, { force: true });
  return true;
}
