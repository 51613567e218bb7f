import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT } from "../src/exit.ts";
import { type LoggedCalls, logCalls, NOON } from "./logged-calls.ts";
import { createSandbox, type Sandbox } from "./run-command.ts";

let sandbox: Sandbox;
let logged: LoggedCalls;

beforeAll(async () => {
  sandbox = await createSandbox();
  logged = await logCalls(join(sandbox.folder, "gateway"));
}, 120_000);

afterAll(() => sandbox.remove());

const run = (words: readonly string[]) => sandbox.run(["ledger", ...words], { environment: { DRAGOMAN_CONFIG: logged.config } });
const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

function written(name: string, text: string): string {
  const file = join(sandbox.folder, name);
  writeFileSync(file, text);
  return file;
}

describe("dragoman ledger", () => {
  it("holds the ledger against an invoice, and fails where they differ", async () => {
    const invoice = (costUsd: number) =>
      `date,provider,model,cost_usd\n${dayOf(NOON)},openai,gpt-4.1,${costUsd}\n${dayOf(NOON)},openai,o3,2.50\n`;
    const differing = await run(["reconcile", written("high.csv", invoice(1.5))]);
    expect(differing.code).toBe(EXIT.failed);
    expect(differing.stdout).toMatch(/gpt-4-1 +\$0\.0084 +\$1\.50 +-\$1\.49 +ledger has less/);
    expect(differing.stdout).toMatch(/o3 +\$0 +\$2\.50 +-\$2\.50 +not in the ledger/);
    const right = `date,provider,model,cost_usd\n${dayOf(NOON)},openai,gpt-4.1,0.0084\n`;
    const matching = await run(["reconcile", written("right.csv", right), "--json"]);
    expect(matching.code).toBe(0);
    expect(JSON.parse(matching.stdout)).toMatchObject({ format: "generic", rows: [{ verdict: "matched" }] });
    const wrong = await run(["reconcile", written("wrong.csv", "a,b\n1,2\n")]);
    expect(wrong).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining("no invoice that is known") });
  });

  it("exports every call as a line of JSON", async () => {
    const { stdout } = await run(["export", "--route", "smart", "--outcome", "answered"]);
    const ids = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).id);
    expect(ids).toEqual(["call-fallen", "call-formula", "call-hard", "call-easy"]);
  });

  it("works out other prices without changing anything, and writes them when told to", async () => {
    const prices = written(
      "prices.json",
      JSON.stringify({ openai: { "gpt-4.1": { inputPerMillionUsd: 4, outputPerMillionUsd: 16 } } }),
    );
    const tried = await run(["recompute", "--prices", prices, "--json"]);
    const expected = { calls: 5, changed: 3, afterUsd: expect.closeTo(3 * 0.0056 + 0.0045, 8), unpriced: 1 };
    expect(JSON.parse(tried.stdout)).toMatchObject({ ...expected, beforeUsd: expect.closeTo(0.0129, 8) });
    const applied = await run(["recompute", "--prices", prices, "--apply", "--json"]);
    expect(JSON.parse(applied.stdout)).toMatchObject(expected);
    const again = await run(["recompute", "--prices", "bundled"]);
    expect(again.stdout).toMatch(/^5 calls, 4 of them at another price: \$0\.021 -> \$0\.01\d /);
    expect(again.stderr).toContain("nothing was changed; --apply writes it");
  });
});
