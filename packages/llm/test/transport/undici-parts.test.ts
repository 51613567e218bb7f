import * as undici from "undici";
import connect from "undici/lib/core/connect.js";
import Pool from "undici/lib/dispatcher/pool.js";
import { expect, test } from "vitest";
import { loadUndiciParts } from "../../src/transport/undici-parts.ts";

test("the files that are loaded in undici's place hold what its index gives out", () => {
  expect(Pool).toBe(undici.Pool);
  expect(connect).toBe(undici.buildConnector);
});

test("the parts are undici's own", async () => {
  const { Pool: pool, buildConnector } = await loadUndiciParts();
  expect(pool).toBe(undici.Pool);
  expect(buildConnector).toBe(undici.buildConnector);
});
