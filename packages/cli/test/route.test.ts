import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { EXIT } from "../src/exit.ts";
import { type LoggedCalls, logCalls } from "./logged-calls.ts";
import { createSandbox, type Sandbox } from "./run-command.ts";

let sandbox: Sandbox;
let logged: LoggedCalls;

beforeAll(async () => {
  sandbox = await createSandbox();
  logged = await logCalls(join(sandbox.folder, "gateway"));
}, 120_000);

afterAll(() => sandbox.remove());

const run = (words: readonly string[]) => sandbox.run([...words], { environment: { DRAGOMAN_CONFIG: logged.config } });

describe.concurrent("dragoman route test", () => {
  it("shows who would be asked in turn and why, and sends nothing", async ({ expect }) => {
    const { code, stdout } = await run(["route", "test", "smart", "Prove that the square root of 2 is irrational."]);
    expect(code).toBe(0);
    expect(stdout).toContain("route smart, by order");
    expect(stdout).toContain("1. openai:gpt-4.1  stands at place 1");
    expect(stdout).toContain("2. anthropic:claude-sonnet-4-5  stands in");
    expect(stdout).toMatch(/complexity 0\.\d\d, hard: it asks for a proof or a derivation \(\+2\.4\)/);
    const wrong = await run(["route", "test", "smrt"]);
    expect(wrong).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining("did you mean smart?") });
  });
});

describe.concurrent("dragoman route eval", () => {
  it("says what acting would have saved: the simple calls' tokens at the simple target's price", async ({ expect }) => {
    const { code, stdout } = await run(["route", "eval", "--json"]);
    expect(code).toBe(0);
    const report: {
      rows: { verdict: string; calls: number; costUsd: number; actedUsd: number; examples: string[] }[];
      rejudged: number;
      agreed: number;
    } = JSON.parse(stdout);
    const simple = report.rows.find(({ verdict }) => verdict === "simple");
    // Two calls without content are taken as they were judged then.
    expect(simple).toMatchObject({ calls: 3, examples: ["What is the capital of Austria?"] });
    expect(simple?.actedUsd).toBeCloseTo(3 * 0.00056, 8);
    expect(report.rows.find(({ verdict }) => verdict === "hard")).toMatchObject({ calls: 1, costUsd: 0.0028, actedUsd: 0.0028 });
    expect(report).toMatchObject({ rejudged: 2, agreed: 1 });
  });
});

describe.concurrent("dragoman route what-if", () => {
  it("says which logged calls would go elsewhere, and what that would cost", async ({ expect }) => {
    const { code, stdout, stderr } = await run(["route", "what-if", "--config", logged.changed, "--ledger-of", logged.config]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^smart +openai:gpt-4\.1 +openai:gpt-4\.1-mini +4 +\$0\.013 +\$0\.0022 +-\$0\.011 +stands at place 1/m,
    );
    expect(stdout).toContain("4 of 4 calls would have gone elsewhere");
    expect(stderr).toContain("2 calls are judged by their record alone");
  });

  it("moves nothing under the same configuration, and tells what nobody would take", async ({ expect }) => {
    const none = await run(["route", "what-if", "--config", logged.config, "--json"]);
    expect(JSON.parse(none.stdout)).toMatchObject({ calls: 4, moved: [], refused: 0 });
    const narrow = join(sandbox.folder, "gateway", "narrow.yaml");
    writeFileSync(
      narrow,
      "store: sqlite:./calls.db\nproviders: { openai: {} }\nmodels: { smart: { targets: [{ model: openai:gpt-4.1, when: { input_tokens_min: 900 } }] } }\n",
    );
    const some = await run(["route", "what-if", "--config", narrow, "--json"]);
    // Those whose words were kept are short; the others are as long as the vendor counted.
    expect(JSON.parse(some.stdout)).toMatchObject({
      calls: 4,
      refused: 2,
      moved: [{ id: "call-easy", refused: expect.stringContaining("wants 900 tokens or more") }, { id: "call-hard" }],
    });
  });
});
