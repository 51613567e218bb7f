/**
 * Which file the calls of a node come from. It stands in the file itself: where the file is lost and begun anew its numbers begin anew as
 * well, and so does what is known to have been copied.
 */
import { randomUUID } from "node:crypto";

const BUSY_MS = 500;

export async function sourceIdentity(file: string): Promise<string> {
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(file, { timeout: BUSY_MS });
  try {
    database.exec(
      "CREATE TABLE IF NOT EXISTS shipping_source (one INTEGER PRIMARY KEY CHECK (one = 1), identity TEXT NOT NULL) STRICT",
    );
    database.prepare("INSERT INTO shipping_source VALUES (1, ?) ON CONFLICT DO NOTHING").run(randomUUID());
    return String(database.prepare("SELECT identity FROM shipping_source").get()?.identity);
  } finally {
    database.close();
  }
}
