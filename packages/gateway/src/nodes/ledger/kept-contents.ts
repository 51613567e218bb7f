/**
 * What the calls of this node asked and were answered, as its file keeps it: compressed, in the order in which it was kept. Read by a connection of its
 * own, which changes nothing; the table is that of `ledger/sqlite/content-store.ts`.
 */

export interface KeptContent {
  /** Grows, and is never given twice. */
  readonly entry: number;
  /** Of the call. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly keptAt: number;
  /** Of both, compressed. */
  readonly bytes: number;
  readonly request: Uint8Array;
  readonly answer: Uint8Array;
}

export interface KeptContents {
  /** Those that follow on an entry, as many as fit into so many bytes, and one in any case. */
  after(entry: number, bytesMax: number): readonly KeptContent[];
  end(): void;
}

const BUSY_MS = 500;
const ROWS_MAX = 200;

/** The file must be there. */
export async function openKeptContents(file: string): Promise<KeptContents> {
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(file, { readOnly: true, timeout: BUSY_MS });
  const sizes = database.prepare("SELECT entry, bytes FROM contents WHERE entry > ? ORDER BY entry LIMIT ?");
  const rows = database.prepare(
    "SELECT entry, id, kept_at, bytes, request, answer FROM contents WHERE entry > ? AND entry <= ? ORDER BY entry",
  );

  /** The last entry that still fits. */
  function lastWithin(entry: number, bytesMax: number): number {
    let last = entry;
    let bytes = 0;
    for (const row of sizes.all(entry, ROWS_MAX)) {
      bytes += Number(row.bytes);
      if (bytes > bytesMax && last > entry) break;
      last = Number(row.entry);
    }
    return last;
  }

  return {
    after(entry, bytesMax) {
      const last = lastWithin(entry, bytesMax);
      if (last === entry) return [];
      return rows.all(entry, last).flatMap((row) => {
        const { request, answer } = row;
        if (!(request instanceof Uint8Array) || !(answer instanceof Uint8Array)) return [];
        const { kept_at: keptAt, bytes, id } = row;
        return [{ entry: Number(row.entry), id: String(id), keptAt: Number(keptAt), bytes: Number(bytes), request, answer }];
      });
    },
    end: () => database.close(),
  };
}
