/** `docs/faults.md`: every fault that a vendor is made to have in the tests, and what comes of it. */
import {
  type Ending,
  endingOf,
  type FaultScenario,
  isStreamed,
  isWire,
  MOUNTS,
  TARGETS,
} from "../../packages/gateway/test/faults/scenario.ts";
import { FOOTING_FAULTS } from "../../packages/gateway/test/faults/scenarios/footing.ts";
import { FAULT_SCENARIOS } from "../../packages/gateway/test/faults/scenarios.ts";
import { code, page, table } from "./markdown.ts";

const BENCH_CASES = 16;
/** What needs a test of its own. */
const BENCH_ELSEWHERE: Readonly<Record<string, string>> = {
  S15: "a vendor that is down for a minute and then well (`packages/gateway/test/faults/flapping.test.ts`)",
};

export function faultsPage(): string {
  const groups = [...new Set(FAULT_SCENARIOS.map(({ group }) => group))];
  return page(
    "# Faults",
    `${FAULT_SCENARIOS.length} faults, each met on six ways: the gateway as a function and over HTTP in the OpenAI chat and the ` +
      "Anthropic dialect, whole and streamed. The tests are written from the same rows: they count the requests at the vendor, " +
      "compare the answer with a good one, the ledger with what was sent, limits and budgets with the ledger, and have another call " +
      "answered afterwards. What the settings mean stands in [failing well](failing-well.md).",
    `Targets: ${Object.entries(TARGETS)
      .map(([number, name]) => `${number} is ${code(name)}`)
      .join(
        ", ",
      )}. Unless the fault says otherwise, the route asks 1 and falls back to 2. *~*: the attempt gave no answer and may have ` +
      "been billed, so its cost is estimated; a failed attempt without it costs nothing. *restart*: a program drops what it had, and the " +
      "answer begins anew. *in the stream*: the client has a part of the answer and then an error in its own dialect, never a finish.",
    ...groups.flatMap((group) => [
      `## ${group}`,
      table(
        ["fault", "whole", "streamed to a program", "streamed over HTTP"],
        FAULT_SCENARIOS.filter((one) => one.group === group).map(row),
      ),
    ]),
    "## What the gateway stands on, and who calls it",
    "Each has a test of its own, in the file of `packages/gateway/test/faults` that is named.",
    table(
      ["fault", "calls meanwhile", "limits, money, ledger", "afterwards", "test"],
      FOOTING_FAULTS.map(({ name, calls, accounts, afterwards, test }) => [name, calls, accounts, afterwards, code(test)]),
    ),
    "## FailoverBench",
    "The cases of [FailoverBench](https://github.com/failoverbench/failoverbench) and the rows above that cover them.",
    table(["case", "covered by"], benchRows()),
  );
}

function row(scenario: FaultScenario): string[] {
  const { name, note, mounts = MOUNTS } = scenario;
  const isOnlyStreamed = mounts.every(isStreamed);
  const isOverWire = mounts.some(isWire);
  const only = isOnlyStreamed || !isOverWire || mounts.length === MOUNTS.length ? "" : ` (not over Anthropic's wire)`;
  const whole = isOnlyStreamed ? "does not arise" : inWords(endingOf(scenario, "complete"));
  const streamed = [inWords(endingOf(scenario, "stream")), isOverWire ? inWords(endingOf(scenario, "chat stream")) : "not tried"];
  return [
    `${name}${only}${note === undefined ? "" : `. ${note}`}`,
    whole,
    ...streamed.map((words) => (words === whole ? "the same" : words)),
  ];
}

function inWords({ attempts, error, restarts, leftAlone = [], finish }: Ending): string {
  const steps = attempts.join(", ");
  const ends = [
    ...(restarts === true ? ["restart"] : []),
    ...(finish === undefined ? [] : [`finish ${code(finish)}`]),
    ...(error === undefined ? [] : [errorInWords(error)]),
    ...leftAlone.map((number) => `${number} is left alone`),
  ];
  return ends.length === 0 ? steps : `${steps}: ${ends.join("; ")}`;
}

function errorInWords({ code: said, status, inBand, wireCode }: NonNullable<Ending["error"]>): string {
  if (inBand === true) return `error ${code(said)} in the stream`;
  return `error ${code(said)}, over HTTP ${status}${wireCode === undefined ? "" : ` ${code(wireCode)}`}`;
}

function benchRows(): string[][] {
  return Array.from({ length: BENCH_CASES }, (_, index) => {
    const name = `S${String(index + 1).padStart(2, "0")}`;
    const covering = FAULT_SCENARIOS.filter(({ bench = [] }) => bench.some((one) => one === name)).map((one) => one.name);
    const all = [...covering, ...(BENCH_ELSEWHERE[name] === undefined ? [] : [BENCH_ELSEWHERE[name]])];
    if (all.length === 0) throw new Error(`no fault covers ${name} of FailoverBench`);
    return [name, all.join("; ")];
  });
}
