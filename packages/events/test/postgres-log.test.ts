import { openPostgresLog } from "@dragoman/events/postgres";
import { eventLogCases, startPostgres } from "@dragoman/events/testing";
import { afterAll, describe, test } from "vitest";

const { server, reason } = await startPostgres();
afterAll(() => server?.stop());

describe.skipIf(server === undefined)(`the log in PostgreSQL${reason ? ` (${reason})` : ""}`, () => {
  let schemas = 0;
  const connectionString = server?.connectionString ?? "";
  const cases = eventLogCases({
    async open(options) {
      const schema = `case_${schemas++}`;
      const log = await openPostgresLog({ connectionString, schema, ...options });
      const others: (typeof log)[] = [];
      const another = async () => {
        const other = await openPostgresLog({ connectionString, schema, ...options });
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
