/** What a call of any node asked and was answered. */
import { promisify } from "node:util";
import { inflate } from "node:zlib";
import type { JsonValue } from "@dragoman/llm";
import type { Pool } from "pg";
import type { CallContent } from "../../ledger/local-ledger.ts";
import { storable } from "./storable-text.ts";

const expand = promisify(inflate);

/** Of a call whose id another node has used as well: that of the node whose call was kept. */
const FIND =
  "select k.request, k.answer from dragoman.contents k join dragoman.calls c on c.id = k.id and c.source = k.source where k.id = $1";

/** Undefined where none was kept, or none has been copied. A single statement: commands ask for thousands, and each round trip counts. */
export async function readSharedContent(pool: Pick<Pool, "query">, id: string): Promise<CallContent | undefined> {
  const { rows } = await pool.query(FIND, [storable(id)]);
  const { request, answer } = rows[0] ?? {};
  if (!(request instanceof Uint8Array) || !(answer instanceof Uint8Array)) return undefined;
  const [json, text] = await Promise.all([expand(request), expand(answer)]);
  const value: JsonValue = JSON.parse(json.toString());
  return { request: value, answer: text.toString() };
}
