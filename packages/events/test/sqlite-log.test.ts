import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteLog } from "@dragoman/events/sqlite";
import { eventLogCases } from "@dragoman/events/testing";
import { afterAll, describe, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "dragoman-events-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the log in SQLite", () => {
  let files = 0;
  const cases = eventLogCases({
    async open(options) {
      const file = join(folder, `case-${files++}.db`);
      const log = await openSqliteLog({ file, ...options });
      const others: (typeof log)[] = [];
      const another = async () => {
        const other = await openSqliteLog({ file, ...options });
        others.push(other);
        return other;
      };
      return {
        log,
        another,
        async close() {
          for (const one of [log, ...others]) await one.close();
        },
      };
    },
  });
  test.each(cases)("$name", ({ run }) => run());
});
