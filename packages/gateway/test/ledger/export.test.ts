import { expect, test } from "vitest";
import { callsToJsonLines } from "../../src/ledger/export/calls-to-json-lines.ts";
import { csvLine } from "../../src/ledger/export/csv-cell.ts";
import { usageToCsv } from "../../src/ledger/export/usage-to-csv.ts";
import { parseCsv } from "../../src/ledger/invoice/parse-csv.ts";
import { createMemoryLedger } from "../../src/ledger/memory-ledger.ts";
import { NOON, record } from "./example-calls.ts";

test("cells are quoted where they must be, and no text is a formula", () => {
  const cells = ['a,"b"', "=HYPERLINK(1)", "+1", "@x", "-x", -5, undefined, "\tx", " y"];
  expect(csvLine(cells)).toBe(`"a,""b""",'=HYPERLINK(1),'+1,'@x,'-x,-5,,'\tx," y"\r\n`);
});

test("usage as CSV has the dimensions first, and empty cells for what is not known", async () => {
  const ledger = createMemoryLedger();
  ledger.close(record("a", { tags: { project: "=1+1" } }));
  ledger.close(record("b", { outcome: "failed" }));
  const rows = await ledger.usage({ by: ["tag:project", "outcome"] });
  const [header, ...lines] = parseCsv(usageToCsv(rows, ["tag:project", "outcome"]));
  expect(header?.cells.slice(0, 4)).toEqual(["tag:project", "outcome", "calls", "attempts"]);
  expect(lines.map(({ cells }) => cells.slice(0, 3)).toSorted()).toEqual([
    ["'=1+1", "answered", "1"],
    ["", "failed", "1"],
  ]);
  expect(lines.find(({ cells }) => cells[1] === "failed")?.cells.slice(-3)).toEqual(["", "", ""]);
  await ledger.end();
});

test("calls as JSON lines, over several pages, until it is aborted", async () => {
  const ledger = createMemoryLedger();
  for (let index = 0; index < 600; index++) ledger.close(record(`c${index}`, { startedAt: NOON + index }));
  const lines: string[] = [];
  for await (const line of callsToJsonLines(ledger, { from: NOON + 10 })) lines.push(line);
  expect(lines).toHaveLength(590);
  expect(JSON.parse(lines[0] ?? "")).toEqual(await ledger.call("c599"));
  await expect(callsToJsonLines(ledger, {}, AbortSignal.abort()).next()).rejects.toThrow(/abort/i);
  await ledger.end();
});
