/** The log in memory passes the suite of every log. */
import { createMemoryLog } from "@dragoman/events";
import { eventLogCases } from "@dragoman/events/testing";
import { describe, test } from "vitest";

describe("the log in memory", () => {
  const cases = eventLogCases({
    async open(options) {
      const log = createMemoryLog(options);
      return { log, another: async () => log, close: () => log.close() };
    },
  });
  test.each(cases)("$name", ({ run }) => run());
});
