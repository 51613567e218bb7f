/** All nodes hash keys under one pepper, or a key that one has made would work nowhere else. */
import { DragomanError, type Secret } from "@dragoman/llm";
import type { Pool } from "pg";
import { createKeyDigester } from "../tenancy/key-digest.ts";

/** The first node's is the one that counts. Rejects with `configuration` for another; what is kept of it tells nothing of the pepper. */
export async function checkPepper(pool: Pool, pepper: Secret): Promise<void> {
  const { fingerprint } = createKeyDigester(pepper);
  await pool.query("insert into dragoman.settings values ('pepper', $1) on conflict do nothing", [fingerprint]);
  const { rows } = await pool.query("select value from dragoman.settings where name = 'pepper'");
  if (rows[0]?.value === fingerprint) return;
  throw new DragomanError({
    code: "configuration",
    field: "store",
    detail: "store: the pepper of this node is not that of the others, so keys would work on some nodes only",
    advice:
      "set DRAGOMAN_PEPPER to the same value on all nodes, that of the file FILE.pepper of the first node; to change it for good, delete the row pepper of dragoman.settings",
  });
}
