import type { ResponseStore } from "@dragoman/llm";
import { responseStoreCases } from "@dragoman/llm/testing";
import { Pool } from "pg";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { createPostgresResponseStore } from "../../src/nodes/postgres-response-store.ts";
import { startSharedDatabase } from "./shared-database.ts";

const { database, reason } = await startSharedDatabase();
afterAll(() => database?.stop());

describe.skipIf(database === undefined)(`answers in PostgreSQL${reason ? ` (${reason})` : ""}`, () => {
  const pool = database?.pool ?? new Pool();
  beforeEach(() => pool.query("truncate dragoman.responses"));

  for (const { name, run } of responseStoreCases({ open: () => createPostgresResponseStore({ pool }) })) it(name, run);

  it("go when they are too old, or too many, the ones that end first", async () => {
    const store: ResponseStore = createPostgresResponseStore({ pool, time: () => 1_000, entriesMax: 5 });
    const completion = { id: "c" } as Parameters<ResponseStore["set"]>[1]["completion"];
    await store.set("old", { completion, storedAt: 0, expiresAt: 999 });
    for (let number = 1; number < 1_024; number += 1)
      await store.set(`key ${number}`, { completion, storedAt: 1, expiresAt: 2_000 + number });
    const { rows } = await pool.query("select key from dragoman.responses order by expires_at");
    expect(rows.map(({ key }) => key)).toEqual(["key 1019", "key 1020", "key 1021", "key 1022", "key 1023"]);
  });
});
