import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startFakeVendor } from "@dragoman/llm/testing";
import { afterAll, describe, expect, it } from "vitest";
import { cellsOf } from "../src/commands/prices.ts";
import { EXIT } from "../src/exit.ts";
import { parseOwnPrices } from "../src/own-prices.ts";
import { changeLines, comparePrices } from "../src/price-changes.ts";
import { createSandbox } from "./run-command.ts";

const sandbox = createSandbox();
afterAll(() => sandbox.remove());

const prices = (words: readonly string[], environment: Record<string, string> = {}) =>
  sandbox.run(["prices", ...words], { environment });

const ownFile = join(sandbox.folder, "own.json");

describe("dragoman prices show", () => {
  it("prints tab-separated rates into a pipe, without a key and without the network", async () => {
    const { code, stdout, stderr } = await prices(["show", "anthropic:claude-sonnet-4-5"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [base, tier] = stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split("\t"));
    expect(base?.slice(0, 9)).toEqual(["anthropic:claude-sonnet-4-5", "", "", "", "3", "15", "0.3", "3.75", "6"]);
    expect(tier?.slice(0, 6)).toEqual(["anthropic:claude-sonnet-4-5", "200000", "", "", "6", "22.5"]);
    expect(base?.at(-1)).toMatch(/^genai-prices /);
  });

  it("prints CSV with a line for each span of hours", async () => {
    const { stdout } = await prices(["deepseek:deepseek-v4-pro", "--csv"]);
    const [titles, ...lines] = stdout
      .trimEnd()
      .split("\r\n")
      .map((line) => line.split(","));
    expect(titles?.slice(0, 5)).toEqual(["model", "inputTokensAbove", "fromUtc", "toUtc", "inputPerMillionUsd"]);
    expect(lines.map((line) => line.slice(2, 4))).toEqual([
      ["", ""],
      ["01:00", "04:00"],
      ["06:00", "10:00"],
    ]);
  });

  it("prints JSON, with own prices over the catalogue's", async () => {
    await mkdir(sandbox.home, { recursive: true });
    await writeFile(join(sandbox.home, "prices.json"), JSON.stringify({ openai: { "gpt-5.1": { inputPerMillionUsd: 77 } } }));
    const { stdout } = await prices(["openai:gpt-5.1", "--json"]);
    const rows: readonly { readonly reference: string; readonly pricing: object }[] = JSON.parse(stdout);
    expect(rows.find(({ reference }) => reference === "openai:gpt-5.1")?.pricing).toMatchObject({
      inputPerMillionUsd: 77,
      catalogue: "own",
    });
    const shown = await sandbox.run(["models", "gpt-5.1"], { environment: {} });
    expect(shown.code).toBe(EXIT.failed);
    await rm(join(sandbox.home, "prices.json"));
  });

  it("asks the vendors that are set up for their own prices, when told to", async () => {
    const fake = await startFakeVendor("together");
    try {
      const environment = { TOGETHER_API_KEY: "any-key", TOGETHER_BASE_URL: fake.baseUrl };
      const listed = await prices(["show", "together:", "--listing", "--json"], environment);
      const rows: readonly { readonly pricing: { readonly catalogue: string } }[] = JSON.parse(listed.stdout);
      const sources = new Set(rows.map(({ pricing }) => pricing.catalogue));
      expect([...sources].sort()).toEqual([expect.stringMatching(/^genai-prices/), "vendor"]);
    } finally {
      await fake.close();
    }
  });

  it("names the nearest where nothing is found, and refuses two formats at once", async () => {
    const nothing = await prices(["antropic:claude-sonnet-4-5"]);
    expect(nothing).toMatchObject({ code: EXIT.failed, stdout: "" });
    expect(nothing.stderr).toContain("nearest: anthropic:claude-sonnet-4-5");
    expect((await prices(["--json", "--csv"])).code).toBe(EXIT.usage);
  });

  it("shows people what is unknown as a dash", () => {
    const pricing = { catalogue: "own", inputPerMillionUsd: 0.25, webSearchesPerThousandUsd: 10, batchFactor: 0.5 };
    const tiers = [{ inputTokensAbove: 200_000, inputPerMillionUsd: 2.5, outputPerMillionUsd: 15 }];
    const hours = [{ fromUtc: "01:00", toUtc: "04:00", inputPerMillionUsd: 1 }];
    expect(cellsOf({ provider: "p", model: "m", pricing: { ...pricing, tiers, hours } })).toEqual([
      "p:m",
      "$0.25",
      "–",
      "–",
      "–",
      "–",
      "over 200k $2.5/$15, 01:00–04:00 UTC $1/–",
      "×0.5",
      "web $10",
      "own",
    ]);
  });
});

describe("dragoman prices update and diff", () => {
  it("takes own prices over from a file, and tells them from the bundled ones", async () => {
    await writeFile(ownFile, JSON.stringify({ zai: { "GLM-5.3": { inputPerMillionUsd: 1, outputPerMillionUsd: 2 } } }));
    const updated = await prices(["update", "--from", ownFile]);
    expect(updated).toMatchObject({ code: 0, stderr: "" });
    expect(updated.stdout).toContain("new   zai:GLM-5.3");
    expect(JSON.parse(await readFile(join(sandbox.home, "prices.json"), "utf8"))).toHaveProperty("zai");
    const { stdout } = await prices(["diff"]);
    expect(stdout).toMatch(/^bundled -> yours: 1 difference\n {2}price zai:GLM-5\.3: in \$[\d.]+ -> \$1; out \$[\d.]+ -> \$2/);
    await rm(join(sandbox.home, "prices.json"));
  });

  it("names every mistake of a file by its path, and writes nothing", async () => {
    await writeFile(ownFile, JSON.stringify({ zai: { "GLM-5.3": { inputPerMilionUsd: 1 } } }));
    const { code, stderr } = await prices(["update", "--from", ownFile]);
    expect(code).toBe(EXIT.usage);
    expect(stderr).toContain('zai["GLM-5.3"].inputPerMilionUsd: there is no such field; did you mean inputPerMillionUsd?');
    await expect(readFile(join(sandbox.home, "prices.json"))).rejects.toThrow("ENOENT");
  });

  it("writes the same catalogue as models refresh, which differs in nothing from the bundled one", async () => {
    expect((await prices(["update"])).stdout).toMatch(/^anthropic: \d+ models, genai-prices/);
    const { stdout } = await prices(["diff", "--json"]);
    expect(JSON.parse(stdout)).toEqual({ before: "bundled", after: "yours", added: [], gone: [], repriced: [] });
    const generated = join(sandbox.home, "catalogue", "zai.generated.json");
    const files = await prices(["diff", generated, join(import.meta.dirname, "../../llm/src/catalogue/zai.generated.ts")]);
    expect(files.stdout).toContain(": no difference");
    await rm(join(sandbox.home, "catalogue"), { recursive: true });
  });

  it("refuses one file alone, and a file that is no price list", async () => {
    expect((await prices(["diff", ownFile])).code).toBe(EXIT.usage);
    expect((await prices(["diff", ownFile, join(sandbox.folder, "none.json")])).code).toBe(EXIT.usage);
  });
});

describe("own prices", () => {
  const mistakesOf = (value: unknown): string => {
    try {
      parseOwnPrices(JSON.stringify(value), "p.json");
      return "";
    } catch (error) {
      return String(error);
    }
  };

  it.each([
    ["a list", [], "must be an object: provider -> model -> rates"],
    ["an unknown provider", { anthropc: {} }, "anthropc: there is no such provider; did you mean anthropic?"],
    [
      "a price as text",
      { openai: { "gpt-5.1": { inputPerMillionUsd: "1" } } },
      'openai["gpt-5.1"].inputPerMillionUsd must be a number',
    ],
    ["a negative price", { openai: { m: { batchFactor: -1 } } }, "openai.m.batchFactor must be a number, 0 or more"],
    ["a tier without its border", { openai: { m: { tiers: [{}] } } }, "openai.m.tiers[0].inputTokensAbove must be a number"],
    [
      "tiers in disorder",
      { openai: { m: { tiers: [{ inputTokensAbove: 2 }, { inputTokensAbove: 1 }] } } },
      "openai.m.tiers must ascend by inputTokensAbove",
    ],
    [
      "a time that is none",
      { openai: { m: { hours: [{ fromUtc: "1:00", toUtc: "24:00" }] } } },
      "openai.m.hours[0].fromUtc must be a time",
    ],
  ])("refuse %s", (_what, value, message) => {
    expect(mistakesOf(value)).toContain(message);
  });

  it("take everything that a price may have", () => {
    const rates = {
      inputPerMillionUsd: 0,
      outputPerMillionUsd: 2,
      toolCallsPerThousandUsd: 5,
      batchFactor: 0.5,
      tiers: [{ inputTokensAbove: 1, inputPerMillionUsd: 2 }],
      hours: [{ fromUtc: "23:00", toUtc: "01:00", inputPerMillionUsd: 2 }],
    };
    expect(mistakesOf({ openai: { m: rates } })).toBe("");
  });
});

it("a change of a price names only what has changed", () => {
  const before = new Map([["m", { inputPerMillionUsd: 1, outputPerMillionUsd: 2, batchFactor: 0.5 }]]);
  const after = new Map([["m", { inputPerMillionUsd: 1, outputPerMillionUsd: 3, tiers: [{ inputTokensAbove: 1 }] }]]);
  expect(changeLines(comparePrices(before, after))).toEqual([
    "price m: out $2 -> $3; batch 0.5 -> unknown; tiers of long inputs",
  ]);
  expect(changeLines(comparePrices(before, before))).toEqual([]);
});
