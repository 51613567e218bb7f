import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type FakeVendor, startFakeVendor } from "@dragoman/llm/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT } from "../src/exit.ts";
import { eventText, jobText, progressText } from "../src/tune/job-text.ts";
import { createSandbox } from "./run-command.ts";

const sandbox = createSandbox();
let openai: FakeVendor;
let environment: Record<string, string>;

beforeAll(async () => {
  openai = await startFakeVendor("openai");
  environment = { OPENAI_API_KEY: "any-key", OPENAI_BASE_URL: openai.baseUrl };
}, 60_000);
afterAll(async () => {
  await openai.close();
  sandbox.remove();
});

const tune = (...words: readonly string[]) => sandbox.run(["tune", ...words], { environment });

const line = (question: string) =>
  JSON.stringify({
    messages: [
      { role: "user", content: question },
      { role: "assistant", content: "Yes." },
    ],
  });

async function trainingFile(name: string, ...more: readonly string[]): Promise<string> {
  const file = join(sandbox.folder, name);
  await writeFile(file, [...Array.from({ length: 10 }, (_, index) => line(`Question ${index}?`)), ...more].join("\n"));
  return file;
}

describe.concurrent("dragoman tune", () => {
  it("uploads a file, starts with it, follows it to its end, and lists it", async ({ expect }) => {
    const uploaded = await tune("upload", "openai", await trainingFile("good.jsonl"), "--json");
    expect(uploaded).toMatchObject({ code: 0, stderr: "" });
    const { fileId, examples } = JSON.parse(uploaded.stdout);
    expect(examples).toBe(10);

    const started = await tune("start", "openai:gpt-4.1-mini", fileId, "--suffix", "mine", "--epochs", "2", "--json");
    expect(started).toMatchObject({ code: 0, stderr: "" });
    const job = JSON.parse(started.stdout);
    expect(job).toMatchObject({ provider: "openai", status: "queued", model: "gpt-4.1-mini" });

    const watched = await tune("watch", `openai:${job.id}`, "--every", "0.001");
    expect(watched).toMatchObject({ code: 0, stderr: "" });
    expect(watched.stdout).toMatch(/Step 1\/4: training loss=2\.00\n.*Step 2\/4/s);
    expect(watched.stdout.trimEnd().split("\n").at(-1)).toContain(
      "succeeded, from gpt-4.1-mini; call it as openai:ft:gpt-4.1-mini:fake:mine",
    );

    const listed = await tune("list", "openai");
    const own = listed.stdout.split("\n").find((row) => row.startsWith(`openai:${job.id}`));
    expect(own?.split("\t").slice(0, 3)).toEqual([`openai:${job.id}`, "succeeded", "gpt-4.1-mini"]);
    const events = await tune("events", `openai:${job.id}`);
    expect(
      events.stdout
        .split("\n")
        .find((row) => row.includes("Step 4/4"))
        ?.split("\t")
        .slice(1, 4),
    ).toEqual(["info", "4", "0.5"]);
  });

  it("trains on a file in one go, and tells a failure by its exit status", async ({ expect }) => {
    const words = [
      "start",
      "openai:gpt-4.1-mini",
      await trainingFile("bad.jsonl", line("fault-fails?")),
      "--watch",
      "--every",
      "0.001",
    ];
    const plain = await tune(...words);
    expect(plain.code).toBe(EXIT.failed);
    expect(plain.stdout).toMatch(/failed, from gpt-4\.1-mini; Training data was found to be harmful\.\n$/);
    const json = await tune(...words, "--json");
    const rows = json.stdout
      .trimEnd()
      .split("\n")
      .map((row) => JSON.parse(row));
    expect(rows.at(-1).job).toMatchObject({ status: "failed" });
    expect(rows.flatMap(({ events }) => events).length).toBeGreaterThan(1);
  });

  it("cancels", async ({ expect }) => {
    const started = await tune("start", "openai:gpt-4.1-mini", await trainingFile("long.jsonl"), "--json");
    const cancelled = await tune("cancel", `openai:${JSON.parse(started.stdout).id}`);
    expect(cancelled).toMatchObject({ code: 0, stdout: expect.stringContaining("cancelled, from gpt-4.1-mini") });
  });

  it("names every wrong line before anything is sent", async ({ expect }) => {
    const file = await trainingFile("wrong.jsonl", '{"messages":[{"role":"user","content":"?"}]}', "nonsense");
    for (const words of [
      ["upload", "openai", file],
      ["start", "openai:gpt-4.1-mini", file],
    ]) {
      const { code, stdout, stderr } = await tune(...words);
      expect({ code, stdout }).toEqual({ code: EXIT.usage, stdout: "" });
      expect(stderr).toContain("wrong.jsonl: line 11: messages[0]: it ends with user");
      expect(stderr).toContain("line 12: it is not JSON");
    }
    expect(JSON.stringify(openai.requests)).not.toContain("wrong.jsonl");
  });

  it.for([
    [["list", "ollama"], "not_reachable|not reachable|provider_unavailable"],
    [["list", "nobody"], 'there is no provider "nobody"'],
    [["watch", "openai"], "openai names no job"],
    [["start", "openai", "file-1"], "openai names no model"],
    [["upload", "openai", "nowhere.jsonl"], "nowhere.jsonl: there is no such file"],
    [["list", "together"], "TOGETHER_API_KEY"],
  ] as const)("says what is wrong with %j", async ([words, message], { expect }) => {
    const { code, stdout, stderr } = await tune(...words);
    expect(code).not.toBe(EXIT.ok);
    expect(stdout).toBe("");
    expect(stderr).toMatch(new RegExp(message));
  });
});

describe("a job in words", () => {
  const job = { id: "j", provider: "p", model: "m", status: "running", warnings: [] } as const;

  it("tells what is known", () => {
    expect(jobText(job)).toBe("p:j running, from m");
    expect(progressText(job, undefined)).toBe("running");
    expect(progressText({ ...job, step: 2, stepsTotal: 9 }, undefined)).toBe("running, step 2 of 9");
    const event = { at: 1_767_225_600, level: "warning", message: "slow", step: 3, trainingLoss: 0.123456 } as const;
    expect(progressText(job, event)).toBe("running, step 3, loss 0.123");
    expect(eventText(event)).toBe("2026-01-01T00:00:00Z warning: slow");
  });
});
