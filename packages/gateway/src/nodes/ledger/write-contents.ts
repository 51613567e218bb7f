/** Contents of one node's file into the table of all nodes, in the way of `write-shipped.ts`: sent twice, it comes to the same. */
import type { Pool } from "pg";
import { inSharedTables } from "./in-shared-tables.ts";
import type { KeptContent } from "./kept-contents.ts";
import { storable } from "./storable-text.ts";
import { lockMarks } from "./write-shipped.ts";

export interface ContentShipment {
  readonly source: string;
  readonly node: string;
  /** The entry that they follow on. */
  readonly after: number;
  readonly contents: readonly KeptContent[];
}

/** Up to which entry the contents of a file have been copied. 0 for one that is new. */
export async function contentsUpTo(pool: Pool, source: string): Promise<number> {
  const { rows } = await pool.query("select contents_entry from dragoman.sources where source = $1", [source]);
  return Number(rows[0]?.contents_entry ?? 0);
}

const WRITE = `
  insert into contents (id, source, entry, kept_at, bytes, request, answer)
  select id, $1, entry, kept_at, bytes, request, answer
  from unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bytea[], $7::bytea[])
    as t (id, entry, kept_at, bytes, request, answer)
  on conflict (id, source) do nothing`;

/** Resolves with the mark as it is now. Less than `after`: the server has forgotten some, and nothing was written. */
export function writeContents(pool: Pool, { source, node, after, contents }: ContentShipment): Promise<number> {
  return inSharedTables(pool, "writing", async (client) => {
    const { contentsEntry: mark } = await lockMarks(client, source, node);
    const fresh = contents.filter(({ entry }) => entry > mark);
    const last = fresh.at(-1);
    if (mark < after || last === undefined) return mark;
    const column = <Name extends keyof KeptContent>(name: Name): KeptContent[Name][] => fresh.map((content) => content[name]);
    await client.query({
      name: "ship_contents",
      text: WRITE,
      values: [
        source,
        column("id").map(storable),
        column("entry"),
        column("keptAt"),
        column("bytes"),
        column("request"),
        column("answer"),
      ],
    });
    await client.query("update sources set contents_entry = $2 where source = $1", [source, last.entry]);
    return last.entry;
  });
}

/** Bytes of the contents that one file has brought. */
export async function contentsBytes(pool: Pool, source: string): Promise<number> {
  const { rows } = await pool.query("select coalesce(sum(bytes), 0) as bytes from dragoman.contents where source = $1", [source]);
  return Number(rows[0]?.bytes);
}

const CROP = `delete from dragoman.contents where source = $1 and entry <= (
  select max(entry) from (
    select entry, sum(bytes) over (order by entry desc) as newer from dragoman.contents where source = $1
  ) t where newer > $2)`;

/** The oldest that one file has brought go, until so many bytes are left. */
export async function cropContents(pool: Pool, source: string, bytesMax: number): Promise<void> {
  await pool.query(CROP, [source, bytesMax]);
}
