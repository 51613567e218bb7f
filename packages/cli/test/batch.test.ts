/** The real command as a child process: batches at fake vendors, and run from here. */
import { readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { type FakeVendor, startFakeVendor } from "@dragoman/llm/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import { type Progress, progressLine } from "../src/batch/progress-line.ts";
import { createProgressNotes } from "../src/batch/progress-notes.ts";
import { readItems } from "../src/batch/read-items.ts";
import { displayWidth } from "../src/display-width.ts";
import { EXIT } from "../src/exit.ts";
import { createSandbox, type Sandbox } from "./run-command.ts";

/** Several processes one after the other, beside those of other files. */
const TIMEOUT_MS = 60_000;

const sandbox = createSandbox();
let anthropic: FakeVendor;
let openai: FakeVendor;
let deepseek: FakeVendor;
let environment: Record<string, string>;
const file = (name: string) => join(sandbox.folder, name);

const QUESTIONS = [
  { id: "prompt", prompt: "Say alpha.", system: "Be brief." },
  { id: "messages", messages: [{ role: "user", content: "Say beta." }], temperature: 0.5, maxOutputTokens: 100 },
  { prompt: "Say gamma." },
];

const lines = (values: readonly unknown[]) => values.map((value) => `${JSON.stringify(value)}\n`).join("");
const parsed = (text: string): Record<string, never>[] =>
  text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));

beforeAll(async () => {
  [anthropic, openai, deepseek] = await Promise.all([
    startFakeVendor("anthropic"),
    startFakeVendor("openai"),
    startFakeVendor("deepseek"),
  ]);
  environment = {
    ANTHROPIC_API_KEY: "any-key",
    ANTHROPIC_BASE_URL: anthropic.baseUrl,
    OPENAI_API_KEY: "any-key",
    OPENAI_BASE_URL: openai.baseUrl,
    DEEPSEEK_API_KEY: "any-key",
    DEEPSEEK_BASE_URL: deepseek.baseUrl,
  };
  await Promise.all([
    writeFile(file("questions.jsonl"), lines(QUESTIONS)),
    writeFile(
      file("expiring.jsonl"),
      lines([
        { id: "fault-expired-1", prompt: "late" },
        { id: "fine", prompt: "early" },
      ]),
    ),
    writeFile(
      file("wrong.jsonl"),
      '{"id":"a","prompt":"not a question"}\nnot json\n{"id":"a","prompt":"y"}\n\n{"prompt":"z","temprature":1}\n',
    ),
  ]);
}, 60_000);

afterAll(async () => {
  await Promise.all([anthropic.close(), openai.close(), deepseek.close()]);
  sandbox.remove();
});

type Run = (...words: readonly string[]) => ReturnType<Sandbox["run"]>;

/** Each test with a home of its own, where jobs are remembered. */
function atHome(name: string, more: Readonly<Record<string, string>> = {}): Run {
  return (...words) =>
    sandbox.run(["batch", ...words], { environment: { ...environment, ...more, DRAGOMAN_HOME: file(`home-${name}`) } });
}

describe.concurrent("dragoman batch at a vendor", { timeout: TIMEOUT_MS }, () => {
  it("submits, watches the last, lists it and collects its results with their price", async ({ expect }) => {
    const run = atHome("whole");
    const submitted = await run("submit", file("questions.jsonl"), "-m", "anthropic:claude-sonnet-4-5");
    expect(submitted.code, submitted.stderr).toBe(EXIT.ok);
    expect(submitted.stdout).toMatch(/^msgbatch_\w+\n$/);
    expect(submitted.stderr).toContain("3 items submitted to anthropic, at 50 % of the price of calls");

    const watched = await run("watch", "--every", "0.001");
    expect([watched.code, watched.stdout]).toEqual([EXIT.ok, ""]);
    expect(watched.stderr).toMatch(/is completed: 3 answered, 0 failed. Next: dragoman batch collect anthropic:msgbatch_/);

    const listed = await run("list");
    expect(listed.stdout).toMatch(/^BATCH .*\n\S*anthropic:msgbatch_\w+ +completed +3 of 3 +anthropic:claude-sonnet-4-5 +\d{4}-/);
    expect(JSON.parse((await run("list", "anthropic", "--json")).stdout)).toContainEqual(
      expect.objectContaining({ id: submitted.stdout.trim(), provider: "anthropic" }),
    );

    const collected = await run("collect");
    expect(collected.code, collected.stderr).toBe(EXIT.ok);
    const results = parsed(collected.stdout);
    expect(results.map(({ id }) => id)).toEqual(["prompt", "messages", "line-3"]);
    expect(collected.stdout).toContain("Say gamma.");
    expect(collected.stderr).toMatch(/3 answered · \d+ in, \d+ out · \$0\.\d+, 50 % below the \$0\.\d+ of calls/);

    const out = file("collected.jsonl");
    const into = await run("collect", submitted.stdout.trim(), "--out", out, "--json");
    expect(JSON.parse(into.stdout)).toMatchObject({ file: out, answered: 3, failed: 0, cost: { totalUsd: expect.any(Number) } });
    expect(await readFile(out, "utf8")).toBe(collected.stdout);
  });

  it("prints the job and each change of it as JSON, says with its status that items expired, and has the others", async ({
    expect,
  }) => {
    const run = atHome("expired");
    const submitted = await run("submit", file("expiring.jsonl"), "-m", "openai:gpt-4.1-mini", "--json");
    const job = JSON.parse(submitted.stdout);
    expect(job).toMatchObject({ provider: "openai", status: "queued", count: 2 });
    const early = await run("collect");
    expect([early.code, early.stdout]).toEqual([EXIT.failed, ""]);
    expect(early.stderr).toMatch(/is running; nothing to collect yet. Next: dragoman batch watch batch_/);
    const watched = await run("watch", `openai:${job.id}`, "--every", "0.001", "--json");
    expect(parsed(watched.stdout).map(({ status }) => status)).toEqual(["expired"]);
    expect([watched.code, watched.stderr]).toEqual([EXIT.failed, expect.stringContaining("is expired: 1 answered, 1 failed")]);
    const { code, stdout, stderr } = await run("collect");
    expect([code, stderr]).toEqual([EXIT.failed, expect.stringContaining("1 answered · 1 failed (1 timeout)")]);
    expect(parsed(stdout)).toMatchObject([
      { id: "fine", completion: {} },
      { id: "fault-expired-1", error: { code: "timeout" } },
    ]);
  });

  it("cancels one, also one that was not submitted from here", async ({ expect }) => {
    const { stdout } = await atHome("one")("submit", file("questions.jsonl"), "-m", "anthropic:claude-sonnet-4-5");
    const elsewhere = atHome("another");
    const unknown = await elsewhere("cancel", stdout.trim());
    expect([unknown.code, unknown.stderr]).toEqual([EXIT.usage, expect.stringContaining("name a batch as provider:id")]);
    const cancelled = await elsewhere("cancel", `anthropic:${stdout.trim()}`);
    expect([cancelled.code, cancelled.stdout]).toEqual([EXIT.ok, `anthropic:${stdout.trim()} is cancelling\n`]);
  });

  it("stops watching at Ctrl+C and leaves the batch running", async ({ expect }) => {
    const home = { DRAGOMAN_HOME: file("home-interrupt") };
    const options = { environment: { ...environment, ...home } };
    await sandbox.run(["batch", "submit", file("questions.jsonl"), "-m", "anthropic:claude-sonnet-4-5"], options);
    const { child, result, printed } = sandbox.start(["batch", "watch", "--every", "600"], options);
    await printed("running", "stderr");
    child.kill("SIGINT");
    const { code, stderr } = await result;
    expect([code, stderr]).toEqual([EXIT.interrupted, expect.stringContaining("no longer watched; anthropic:msgbatch_")]);
  });

  it("says what is missing: a batch, batches, a key", async ({ expect }) => {
    const run = atHome("missing");
    const said = (words: string) => ({ code: EXIT.usage, stdout: "", stderr: expect.stringContaining(words) });
    const [none, without, noKey] = await Promise.all([run("watch"), run("list", "deepseek"), run("list", "mistral")]);
    expect(none).toMatchObject(said("no batch was submitted from here"));
    expect(without).toMatchObject(said("deepseek has no batches"));
    expect(noKey).toMatchObject({ code: EXIT.failed, stderr: expect.stringContaining("MISTRAL_API_KEY") });
  });

  it("refuses a wrong file with the numbers of its lines, and sends nothing", async ({ expect }) => {
    const { code, stderr } = await atHome("wrong")("submit", file("wrong.jsonl"), "-m", "anthropic:claude-sonnet-4-5");
    expect(code).toBe(EXIT.usage);
    expect(stderr).toContain("line 2: it is not JSON");
    expect(stderr).toContain("line 3: the id a stands in line 1 already");
    expect(stderr).toContain('line 5: "temprature" is no field of a line; nearest: temperature');
    expect(anthropic.requests.filter(({ body }) => JSON.stringify(body ?? "").includes("not a question"))).toEqual([]);
  });
});

describe.concurrent("dragoman batch from here", { timeout: TIMEOUT_MS }, () => {
  it("asks where the vendor has no batches, and says so", async ({ expect }) => {
    const { code, stdout, stderr } = await atHome("local")("submit", file("questions.jsonl"), "-m", "deepseek:deepseek-chat");
    expect(code, stderr).toBe(EXIT.ok);
    expect(
      parsed(stdout)
        .map(({ id }) => String(id))
        .sort(),
    ).toEqual(["line-3", "messages", "prompt"]);
    expect(stderr).toContain("deepseek has no batches: the items are asked from here, 4 at a time, at the price of calls");
    expect(stderr).toContain("without --out a run that is stopped cannot go on");
    expect(stderr).toMatch(/3 answered · \d+ in, \d+ out/);
  });

  it("goes on where it was stopped, from the file of its results", async ({ expect }) => {
    const out = file("local-results.jsonl");
    const words = [
      "submit",
      file("questions.jsonl"),
      "-m",
      "openai:gpt-4.1-mini",
      "--local",
      "--out",
      out,
      "--concurrency",
      "1",
      "--json",
    ];
    const first = await atHome("resumed")(...words);
    expect(first.code, first.stderr).toBe(EXIT.ok);
    expect(JSON.parse(first.stdout)).toMatchObject({ file: out, answered: 3, failed: 0 });
    const whole = await readFile(out, "utf8");
    await truncate(out, Buffer.byteLength(whole) - 10);
    const asked = () => openai.requests.filter(({ body }) => JSON.stringify(body ?? "").includes("Say gamma.")).length;
    const before = asked();
    const second = await atHome("resumed")(...words);
    expect(JSON.parse(second.stdout)).toMatchObject({ answered: 3 });
    expect(asked() - before).toBe(1);
    expect(parsed(await readFile(out, "utf8"))).toHaveLength(3);
  });

  it("is killed without losing what was answered", async ({ expect }) => {
    // each answer takes its time, so that there is one to be killed in
    const slow = await startFakeVendor("deepseek", { slowMs: 100 });
    await writeFile(file("many.jsonl"), lines(Array.from({ length: 6 }, (_, index) => ({ prompt: `Say ${index}.` }))));
    const out = file("killed.jsonl");
    const options = { environment: { ...environment, DEEPSEEK_BASE_URL: slow.baseUrl } };
    const words = [
      "batch",
      "submit",
      file("many.jsonl"),
      "-m",
      "deepseek:fault-slow-first-token",
      "--out",
      out,
      "--concurrency",
      "1",
    ];
    const { child, result } = sandbox.start(words, options);
    const asked = () => slow.requests.filter(({ method }) => method === "POST").length;
    while (asked() < 3) await new Promise((resolve) => setImmediate(resolve));
    child.kill("SIGKILL");
    await result;
    // two were answered and kept before the third was asked
    const kept = (await readFile(out, "utf8")).split("\n").filter((line) => line.endsWith("}")).length;
    expect(kept).toBeGreaterThanOrEqual(2);
    const before = asked();
    const again = await sandbox.run(words, options);
    expect(again.code, again.stderr).toBe(EXIT.ok);
    expect(asked() - before).toBe(6 - kept);
    expect(parsed(await readFile(out, "utf8"))).toHaveLength(6);
    await slow.close();
  });

  it("ends with a key that is refused, once", async ({ expect }) => {
    const { code, stderr } = await atHome("refused", { DEEPSEEK_API_KEY: "bad-key" })(
      "submit",
      file("questions.jsonl"),
      "-m",
      "deepseek:deepseek-chat",
    );
    expect([code, stderr]).toEqual([EXIT.failed, expect.stringContaining("deepseek authentication (401)")]);
  });
});

describe("the lines of a batch", () => {
  async function read(...values: readonly unknown[]) {
    const name = file(`lines-${Math.random()}.jsonl`);
    await writeFile(name, values.map((value) => (typeof value === "string" ? value : JSON.stringify(value))).join("\n"));
    return readItems(name, "m");
  }

  it("are requests of the one model, with a number for an id where they have none", async ({ expect }) => {
    const source = { type: "data", data: "AAAA" };
    const parts = [{ type: "image", mediaType: "image/png", source }];
    const items = await read({ prompt: "one", topP: 0.5 }, "", {
      id: "b",
      messages: [{ role: "user", parts }],
      output: { type: "json" },
    });
    expect(items).toEqual([
      { id: "line-1", request: { model: "m", messages: [{ role: "user", parts: [{ type: "text", text: "one" }] }], topP: 0.5 } },
      { id: "b", request: { model: "m", messages: [{ role: "user", parts }], output: { type: "json" } } },
    ]);
  });

  it.for([
    [[1], "line 1: it is not a JSON object"],
    [{ id: "a b", prompt: "x" }, "the id must have"],
    [{ prompt: "x", model: "y" }, "a batch is of one model"],
    [{}, "it needs either prompt or messages"],
    [{ prompt: "x", messages: [] }, "it needs either prompt or messages"],
    [{ prompt: " " }, "prompt must be a string with words in it"],
    [{ messages: [] }, "messages must be an array with something in it"],
    [{ messages: [{ role: "robot", content: "x" }] }, "messages[0].role must be one of system, user, assistant, tool"],
    [{ messages: [{ role: "user", content: ["x"] }] }, "messages[0].content must be a string"],
    [{ messages: [{ role: "user", parts: [{ type: "tool-call" }] }] }, "messages[0].parts[0].type must be one of text, image"],
    [{ messages: [{ role: "user", parts: [{ type: "text" }] }] }, "messages[0].parts[0].text must be a string"],
    [{ prompt: "x", temperature: "hot" }, "temperature must be a number"],
    [{ prompt: "x", stopSequences: "END" }, "stopSequences must be an array"],
  ] as const)("are refused: %j", async ([line, words], { expect }) => {
    await expect(read(line)).rejects.toMatchObject({ code: "invalid_request", detail: expect.stringContaining(words) });
  });

  it("are told of ten at a time", async ({ expect }) => {
    const error = await read(...Array.from({ length: 14 }, () => "x")).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ detail: expect.stringMatching(/line 10: .*\n {2}- and 4 more\n$/s) });
    await expect(read("")).rejects.toMatchObject({ detail: expect.stringContaining("it has no lines") });
    await expect(readItems(file("nowhere.jsonl"), "m")).rejects.toMatchObject({
      detail: expect.stringContaining("there is no such file"),
    });
  });
});

describe("the line of progress", () => {
  const progress: Progress = { word: "running", total: 40, succeeded: 9, failed: 1 };

  it("has a bar where there is room, and never more columns than there are", ({ expect }) => {
    expect(progressLine(progress, 80)).toBe("[#######-----------------------] running · 10 of 40, 1 failed");
    for (let columns = 40; columns < 120; columns++)
      expect(displayWidth(progressLine(progress, columns))).toBeLessThanOrEqual(columns);
    expect(progressLine(progress, 30)).toBe("running · 10 of 40, 1 failed");
  });

  it("says only what is known", ({ expect }) => {
    expect(progressLine({ word: "queued" }, 80)).toBe("queued");
    expect(progressLine({ word: "running", total: 2 }, 20)).toBe("running · 0 of 2");
    expect(progressLine({ word: "done", total: 2, succeeded: 2 }, 30)).toBe("[#############] done · 2 of 2");
  });
});

describe("progress as it is told", () => {
  /** What a terminal of so many columns, or a pipe, is written. */
  function written(stream: Pick<NodeJS.WriteStream, "isTTY" | "columns">): readonly string[] {
    const texts: string[] = [];
    const fake = Object.assign(new PassThrough(), stream, { getColorDepth: () => 8, write: (text: string) => texts.push(text) });
    const notes = createProgressNotes(fake as unknown as NodeJS.WriteStream);
    notes.show({ word: "queued" });
    notes.show({ word: "running", total: 10, succeeded: 1 });
    notes.show({ word: "running", total: 10, succeeded: 2 });
    notes.note("done\u001b[2J");
    return texts;
  }

  it("is one line that is written over on a terminal, as narrow as that is", ({ expect }) => {
    for (const columns of [20, 60, 200]) {
      const texts = written({ isTTY: true, columns });
      expect(texts.at(-1)).toBe("done[2J\n");
      const shown = texts.slice(0, -1);
      expect(shown.filter((text) => text.includes("\n"))).toEqual([]);
      expect(shown.every((text) => displayWidth(text.replace("\r\u001b[2K", "")) < columns)).toBe(true);
      expect(shown.some((text) => text.includes("2 of 10"))).toBe(true);
      expect(shown.some((text) => text.includes("[#"))).toBe(columns >= 60);
    }
  });

  it("is a line for each change of what it is doing elsewhere, without bars and codes", ({ expect }) => {
    expect(written({ isTTY: false, columns: 0 })).toEqual(["queued\n", "running · 1 of 10\n", "done[2J\n"]);
  });
});
