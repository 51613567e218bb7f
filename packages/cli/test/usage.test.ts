import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT } from "../src/exit.ts";
import { askAdmin } from "../src/usage/ask-admin.ts";
import { callFilter } from "../src/usage/call-filter.ts";
import { checkedDimensions } from "../src/usage/dimensions.ts";
import { sparkline, wantsPlainText } from "../src/usage/sparkline.ts";
import { type LoggedCalls, logCalls, NOON } from "./logged-calls.ts";
import { createSandbox, type Sandbox } from "./run-command.ts";

let sandbox: Sandbox;
let logged: LoggedCalls;

beforeAll(async () => {
  sandbox = await createSandbox();
  logged = await logCalls(join(sandbox.folder, "gateway"));
}, 120_000);

afterAll(() => sandbox.remove());

const run = (words: readonly string[], environment: Record<string, string> = {}) =>
  sandbox.run([...words], { environment: { DRAGOMAN_CONFIG: logged.config, ...environment } });

describe.concurrent("dragoman usage", () => {
  it("adds up by model with a trend over the days, and says what a person should know", async ({ expect }) => {
    const { code, stdout, stderr } = await run(["usage"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^MODEL +CALLS +FAILED +INPUT +CACHED +OUTPUT +COST +P50 +P95 +TREND$/);
    expect(lines.find((line) => line.startsWith("gpt-4.1 "))).toMatch(/ 3,000 +0 % +300 +\$0\.0084 .*█/);
    expect(lines.find((line) => line.startsWith("claude-sonnet-4-5"))).toMatch(/ 40 % +100 +\$0\.0045 /);
    expect(lines.at(-1)).toBe("5 calls · 1 refused · $0.013");
  });

  it("narrows down, adds up by tags and days in order of time, and gives JSON and CSV", async ({ expect }) => {
    const json = await run(["usage", "--by", "day,tag:project", "--team", "search", "--outcome", "answered", "--json"]);
    const report: { rows: { by: object; calls: number }[]; total: { calls: number } } = JSON.parse(json.stdout);
    const days = [NOON, NOON + 86_400_000].map((at) => new Date(at).toISOString().slice(0, 10));
    expect(report.rows.map(({ by, calls }) => ({ by, calls }))).toEqual([
      { by: { day: days[0], "tag:project": "atlas" }, calls: 3 },
      { by: { day: days[1], "tag:project": "atlas" }, calls: 1 },
    ]);
    expect(report.total.calls).toBe(4);
    const csv = await run(["usage", "--by", "key", "--csv"]);
    expect(csv.stdout).toMatch(/^key,calls,attempts,/);
    // A name that a table program would take for a formula.
    expect(csv.stdout).toContain("'=cmd()");
  });

  it("refuses a column and a time that there is not, and finds nothing without failing", async ({ expect }) => {
    expect(() => checkedDimensions(["model", "colour"])).toThrow(
      expect.objectContaining({ code: "invalid_request", detail: '"colour" is no column' }),
    );
    const nothing = await run(["usage", "--provider", "mistral"]);
    expect(nothing).toMatchObject({ code: 0, stdout: "", stderr: expect.stringMatching(/^no call was found since /) });
    const file = join(sandbox.home, "dragoman.db");
    const fresh = await sandbox.run(["usage", "--json"]);
    expect(JSON.parse(fresh.stdout)).toMatchObject({ rows: [] });
    expect(existsSync(file)).toBe(false);
  });
});

describe.concurrent("dragoman calls and explain", () => {
  it("lists calls newest first", async ({ expect }) => {
    const { stdout } = await run(["calls", "--last", "3"]);
    const lines = stdout.trimEnd().split("\n");
    expect(lines[0]).toMatch(/^TIME \(UTC\) +ID +OUTCOME +ASKED FOR +ANSWERED BY /);
    expect(lines.slice(1).map((line) => line.split(/ {2,}/).slice(1, 3))).toEqual([
      ["call-refused", "rate_limited"],
      ["call-fallen", "answered"],
      ["call-formula", "answered"],
    ]);
  });

  it("tells what was asked and answered where it is wanted and was kept", async ({ expect }) => {
    const [told, json, untold, none] = await Promise.all([
      run(["explain", "call-easy", "--content"]),
      run(["explain", "call-easy", "--content", "--json"]),
      run(["explain", "call-easy"]),
      run(["explain", "call-fallen", "--content"]),
    ]);
    expect(told.stdout).toMatch(/^What the user said\n {2}What is the capital of Austria\?\n\nWhat was answered\n {2}Well\.$/m);
    expect(JSON.parse(json.stdout)).toMatchObject({ id: "call-easy", content: { answer: "Well." } });
    expect(untold.stdout).not.toContain("Austria");
    expect(none).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("was not kept: `ledger: { content: true }` keeps it"),
    });
  });

  it("tells one call as a story, without the control characters of others", async ({ expect }) => {
    const { stdout, code } = await run(["explain", "call-fal"]);
    expect(code).toBe(0);
    for (const text of [
      "Call call-fallen was answered after 1.2 s, for $0.0045",
      "key k_1, team search, tags project=atlas",
      "the route smart, by order",
      "1. openai:gpt-4.1: stands at place 1",
      "✗  openai:tiny: not asked, for it lacks tools",
      "Complexity 0.10: simple, not acted upon; it asks for a fact (-1.4).",
      "1. openai:gpt-4.1 failed after 300 ms, 0 tokens in, 0 out, $0: overloaded (503): the engine is [31mfull",
      "2. anthropic:claude-sonnet-4-5 answered after 900 ms (first token 250 ms), 1,000 tokens in (400 from the prompt cache), 100 out, $0.0045",
      "the budget by-team is used to 80 %",
    ])
      expect(stdout).toContain(text);
    expect(stdout).not.toContain("\u001b");
    const last = await run(["explain", "last", "--json"]);
    expect(JSON.parse(last.stdout)).toMatchObject({ id: "call-refused", outcome: "refused" });
    const many = await run(["explain", "call-"]);
    expect(many).toMatchObject({
      code: EXIT.usage,
      stderr: expect.stringContaining("5 calls have an id that begins with call-"),
    });
  });
});

describe.concurrent("dragoman limits", () => {
  it("tells by the ledger what is used, and fails where a limit is used up", async ({ expect }) => {
    const { code, stdout, stderr } = await run(["limits"]);
    expect(code).toBe(EXIT.failed);
    expect(stdout).toMatch(/^calls +all calls +4 +█{10} 100 % +4 /m);
    expect(stdout).toMatch(/^by-team +team search +0\.0129 +░{10} 0 % +100 /m);
    expect(stderr).toContain("--url");
  });

  it("asks a running gateway with the key of the environment, and no other address", async ({ expect }) => {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(`${request.url} ${request.headers.authorization}`);
      const allowed = request.headers.authorization === "Bearer dgm_admin";
      response.statusCode = allowed ? 200 : 401;
      const standings = [{ rule: "at-once", subject: { key: "k_1" }, amount: 4, used: 1, reserved: 1, waiting: 2 }];
      response.end(JSON.stringify(allowed ? { standings } : { error: "no" }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const words = ["limits", "--url", `http://127.0.0.1:${port}`];
    const allowed = await run(words, { DRAGOMAN_KEY: "dgm_admin", NO_COLOR: "1" });
    const refused: unknown = await askAdmin(words[2] ?? "", "/admin/v1/limits", {}).catch((thrown: unknown) => thrown);
    server.close();
    expect(seen).toEqual(["/admin/v1/limits Bearer dgm_admin", "/admin/v1/limits undefined"]);
    expect(allowed.stdout).toMatch(/^at-once +key k_1 +1 +###\.{7} 25 % +4 +1 +2 +–$/m);
    expect(refused).toMatchObject({ code: "authentication", advice: expect.stringContaining("DRAGOMAN_KEY") });
  });
});

describe("options and figures", () => {
  it("reads spans, dates and tags, and refuses what is none", () => {
    const now = Date.UTC(2026, 2, 29, 12);
    expect(callFilter({ since: "7d" }, now)).toEqual({ from: now - 7 * 86_400_000 });
    expect(callFilter({ from: "2026-03-01", to: "2026-03-02T06:00" }, now)).toEqual({
      from: Date.UTC(2026, 2, 1),
      to: Date.UTC(2026, 2, 2, 6),
    });
    expect(callFilter({}, now, "1h")).toEqual({ from: now - 3_600_000 });
    expect(callFilter({ tag: ["a=b=c"], team: ["x"] }, now)).toEqual({ tags: { a: "b=c" }, of: { team: ["x"] } });
    for (const wrong of [
      { since: "soon" },
      { from: "yesterday" },
      { to: "2026-02-30x" },
      { tag: ["plain"] },
      { from: "2026-01-01", since: "1d" },
    ])
      expect(() => callFilter(wrong, now)).toThrow(expect.objectContaining({ code: "invalid_request" }));
  });

  it("draws nothing as a blank and little as a low bar, in letters where blocks cannot be shown", () => {
    expect(sparkline([0, 1, 50, 100])).toBe(" ▁▅█");
    expect(sparkline([0, 1, 50, 100], true)).toBe(" .+#");
    expect(sparkline([0, 0])).toBe("  ");
    expect(
      [{ NO_COLOR: "1" }, { TERM: "dumb" }, { LANG: "C" }, { LANG: "de_AT.UTF-8" }, {}].map((one) => wantsPlainText(one)),
    ).toEqual([true, true, true, false, false]);
  });
});
