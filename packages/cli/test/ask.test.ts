import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isJsonObject } from "@dragoman/llm";
import { type FakeVendor, startFakeVendor } from "@dragoman/llm/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import { composePrompt } from "../src/ask/compose-prompt.ts";
import { imageTypeOf, readImage } from "../src/ask/read-image.ts";
import { readSchema } from "../src/ask/read-schema.ts";
import { EXIT } from "../src/exit.ts";
import { createSandbox } from "./run-command.ts";

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

const sandbox = createSandbox();
let anthropic: FakeVendor;
let openai: FakeVendor;
let slow: FakeVendor;
/** Keys and addresses of the fakes. */
let environment: Record<string, string>;
const file = (name: string) => join(sandbox.folder, name);

beforeAll(async () => {
  [anthropic, openai, slow] = await Promise.all([
    startFakeVendor("anthropic"),
    startFakeVendor("openai"),
    startFakeVendor("anthropic", { chunkDelayMs: 50 }),
  ]);
  environment = {
    ANTHROPIC_API_KEY: "any-key",
    ANTHROPIC_BASE_URL: anthropic.baseUrl,
    OPENAI_API_KEY: "any-key",
    OPENAI_BASE_URL: openai.baseUrl,
  };
  await mkdir(sandbox.folder, { recursive: true });
  await Promise.all([
    writeFile(file("dot.png"), PNG),
    writeFile(file("picture.txt"), PNG),
    writeFile(file("notes.png"), "no image at all"),
    writeFile(file("good.json"), JSON.stringify(objectSchema({ city: { type: "string" }, count: { type: "integer" } }))),
    // The fake answers an example of the schema; no example can satisfy this one.
    writeFile(file("never.json"), JSON.stringify(objectSchema({ city: { type: "string", not: {} } }))),
    writeFile(file("empty.png"), ""),
    writeFile(file("paper.png"), "%PDF-1.7"),
    writeFile(file("list.json"), "[]"),
    writeFile(file("broken.json"), "{ not json"),
  ]);
}, 60_000);

afterAll(async () => {
  await Promise.all([anthropic.close(), openai.close(), slow.close()]);
  sandbox.remove();
});

function objectSchema(properties: object): object {
  return { type: "object", properties, required: Object.keys(properties), additionalProperties: false };
}

const ask = (words: readonly string[], input?: string | Buffer) =>
  sandbox.run(["ask", ...words], { environment, ...(input === undefined ? {} : { input }) });

const slowly = () => ({ environment: { ...environment, ANTHROPIC_BASE_URL: slow.baseUrl } });

/** The bodies that a fake got whose text holds the words. */
function bodiesWith(vendor: FakeVendor, words: string): readonly string[] {
  return vendor.requests.map(({ body }) => JSON.stringify(body) ?? "").filter((body) => body.includes(words));
}

describe.concurrent("dragoman ask", () => {
  it("prints the answer alone on standard output", async ({ expect }) => {
    const { code, stdout, stderr } = await ask(["-m", "anthropic:claude-sonnet-4-5", "alpha", "beta"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/“alpha beta”.*\n$/s);
    expect(stderr).toBe("");
  });

  it("adds the text of standard input after a blank line", async ({ expect }) => {
    await ask(["-m", "anthropic:claude-sonnet-4-5", "gamma question"], "gamma input\n");
    expect(bodiesWith(anthropic, "gamma question\\n\\ngamma input")).toHaveLength(1);
  });

  it("takes the text of standard input as the question", async ({ expect }) => {
    const { code, stdout } = await ask(["-m", "openai:gpt-4.1-mini"], "delta from the pipe");
    expect(code).toBe(0);
    expect(stdout).toContain("“delta from the pipe”");
  });

  it("refuses to ask nothing", async ({ expect }) => {
    const { code, stderr } = await ask([]);
    expect(code).toBe(EXIT.usage);
    expect(stderr).toContain("there is no question");
  });

  it("refuses input that is no text", ({ expect }) => {
    expect(() => composePrompt(["what is it?"], Buffer.from([0xff, 0xfe, 0x00, 0x81]))).toThrow("not text in UTF-8");
  });

  it("says with -v who answered, tokens, cost and time, and shows the thinking", async ({ expect }) => {
    const words = ["-v", "-m", "anthropic:claude-sonnet-4-5", "--effort", "low", "--max-tokens", "4000", "epsilon"];
    const { stdout, stderr } = await ask(words);
    expect(stderr).toContain("Let me think");
    expect(stdout).not.toContain("Let me think");
    expect(stderr).toMatch(/^anthropic:claude-sonnet-4-5 · \d+ in, \d+ out · \$0\.\d+ · [\d.]+ m?s/m);
    expect(stderr).not.toContain("\u001b[");
  });

  it("colours standard error on demand, unless NO_COLOR is set", async ({ expect }) => {
    const run = (more: Record<string, string>) =>
      sandbox.run(["ask", "-v", "-m", "openai:gpt-4.1-mini", "hi"], { environment: { ...environment, ...more } });
    const [coloured, plain] = await Promise.all([run({ FORCE_COLOR: "1" }), run({ NO_COLOR: "1" })]);
    expect(coloured.stderr).toContain("\u001b[2m");
    expect(plain.stderr).not.toContain("\u001b[");
    expect(plain.stderr).toContain("openai:gpt-4.1-mini");
  });

  it("sends system message, limit and temperature", async ({ expect }) => {
    await ask(["-m", "anthropic:claude-sonnet-4-5", "-s", "Be brief.", "--max-tokens", "77", "--temperature", "0.5", "zeta"]);
    const [body] = anthropic.requests.map((request) => request.body).filter((sent) => JSON.stringify(sent)?.includes('"zeta"'));
    expect(body).toMatchObject({ max_tokens: 77, temperature: 0.5 });
    expect(JSON.stringify(body)).toContain("Be brief.");
  });

  it("asks the vendor for one piece with --no-stream alone", async ({ expect }) => {
    await Promise.all([
      ask(["-m", "openai:gpt-4.1-mini", "--no-stream", "eta whole"]),
      ask(["-m", "openai:gpt-4.1-mini", "eta pieces"]),
    ]);
    expect(bodiesWith(openai, "eta whole").join()).not.toContain('"stream":true');
    expect(bodiesWith(openai, "eta pieces").join()).toContain('"stream":true');
  });

  it("prints the completion as JSON", async ({ expect }) => {
    const { code, stdout } = await ask(["--json", "-m", "anthropic:claude-sonnet-4-5", "theta"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      origin: { provider: "anthropic", model: "claude-sonnet-4-5" },
      finish: { reason: "stop" },
      message: { role: "assistant" },
      cost: { totalUsd: expect.any(Number) },
    });
  });

  it("prints events as JSON lines, the last one terminal", async ({ expect }) => {
    const { stdout } = await ask(["--json", "--stream", "-m", "openai:gpt-4.1-mini", "iota"]);
    const types = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).type);
    expect(types[0]).toBe("start");
    expect(types).toContain("text-delta");
    expect(types.at(-1)).toBe("finish");
  });

  it("answers from the simulator when nothing is set up, and says so", async ({ expect }) => {
    const { code, stdout, stderr } = await sandbox.run(["ask", "-v", "hello"]);
    expect(code).toBe(0);
    expect(stdout).toContain("simulator");
    expect(stderr).toContain("no model is behind it");
  });
});

describe.concurrent("dragoman ask with images", () => {
  it("tells the type of a file by its first bytes", async ({ expect }) => {
    const { code, stdout } = await ask(["-m", "anthropic:claude-sonnet-4-5", "-i", file("picture.txt"), "what is it?"]);
    expect(code).toBe(0);
    expect(stdout).toContain(`image/png of ${PNG.length} bytes`);
  });

  it("takes several, files and URLs, before the question", async ({ expect }) => {
    const words = ["-m", "anthropic:claude-sonnet-4-5", "-i", file("dot.png"), "-i", "https://example.com/cat.png", "kappa"];
    const { stdout } = await ask(words);
    expect(stdout).toContain("“kappa”");
    expect(stdout).toContain("https://example.com/cat.png");
  });

  it("refuses a file that is none before anything is sent", async ({ expect }) => {
    const { code, stderr } = await ask(["-i", file("notes.png"), "lambda"]);
    expect(code).toBe(EXIT.usage);
    expect(stderr).toContain("is no image: it begins with");
    expect(bodiesWith(openai, "lambda").concat(bodiesWith(anthropic, "lambda"))).toHaveLength(0);
  });

  it.for([
    ["missing.png", "cannot be read"],
    [".", "cannot be read"],
    ["empty.png", "the file is empty"],
    ["paper.png", "it is a PDF"],
  ] as const)("refuses %s", async ([name, said], { expect }) => {
    await expect(readImage(file(name))).rejects.toMatchObject({ code: "invalid_request", detail: expect.stringContaining(said) });
  });

  it.for([
    ["image/jpeg", [0xff, 0xd8, 0xff, 0xe0]],
    ["image/gif", [...Buffer.from("GIF89a")]],
    ["image/webp", [...Buffer.from("RIFF\u0001\u0002\u0003\u0004WEBPVP8 ")]],
    ["image/heic", [...Buffer.from("\0\0\0\u0018ftypheic")]],
    [undefined, [...Buffer.from("RIFF\u0001\u0002\u0003\u0004WAVE")]],
  ] as const)("knows %s by its first bytes", ([mediaType, bytes], { expect }) => {
    expect(imageTypeOf(Uint8Array.from(bytes))).toBe(mediaType);
  });
});

describe.concurrent("dragoman ask with a schema", () => {
  it("prints an answer that fits", async ({ expect }) => {
    const { code, stdout } = await ask(["-m", "openai:gpt-4.1-mini", "--schema", file("good.json"), "mu"]);
    expect(code).toBe(0);
    const answer: unknown = JSON.parse(stdout);
    expect(isJsonObject(answer) && typeof answer.city === "string" && Number.isInteger(answer.count)).toBe(true);
  });

  it("exits 1 with the violations of one that does not", async ({ expect }) => {
    const { code, stdout, stderr } = await ask(["-m", "openai:gpt-4.1-mini", "--schema", file("never.json"), "nu"]);
    expect(code).toBe(EXIT.failed);
    expect(stdout).toContain("city");
    expect(stderr).toContain("does not fit the schema");
    expect(stderr).toContain("- city");
  });

  it("exits 1 when the answer was cut off", async ({ expect }) => {
    const words = ["-m", "openai:gpt-4.1-mini-fault-length", "--schema", file("good.json"), "xi"];
    const { code, stderr } = await ask(words);
    expect(code).toBe(EXIT.failed);
    expect(stderr).toMatch(/not JSON|does not fit/);
  });

  it("refuses a broken schema before anything is sent", async ({ expect }) => {
    const { code, stderr } = await ask(["--schema", file("broken.json"), "omicron"]);
    expect(code).toBe(EXIT.usage);
    expect(stderr).toContain("is not JSON");
    expect(bodiesWith(openai, "omicron")).toHaveLength(0);
  });

  it.for([
    ["missing.json", "cannot be read"],
    ["list.json", "is not a JSON object"],
  ] as const)("refuses %s", async ([name, said], { expect }) => {
    await expect(readSchema(file(name))).rejects.toMatchObject({
      code: "invalid_request",
      detail: expect.stringContaining(said),
    });
  });
});

describe.concurrent("dragoman ask when it fails", () => {
  it("names the nearest model for one that the vendor does not know", async ({ expect }) => {
    const { code, stdout, stderr } = await ask(["-m", "anthropic:claude-sonet-4-5", "pi"]);
    expect(code).toBe(EXIT.failed);
    expect(stdout).toBe("");
    expect(stderr).toContain("nearest: anthropic:claude-sonnet-4-5");
  });

  it("names the nearest model for one of an unknown provider", async ({ expect }) => {
    const { code, stderr } = await ask(["-m", "antropic:claude-sonnet-4-5", "rho"]);
    expect(code).toBe(EXIT.usage);
    expect(stderr).toContain("anthropic:claude-sonnet-4-5");
  });

  it("says which key is missing", async ({ expect }) => {
    const { code, stderr } = await sandbox.run(["ask", "-m", "openai:gpt-4.1-mini", "sigma"]);
    expect(code).toBe(EXIT.failed);
    expect(stderr).toContain("set OPENAI_API_KEY in the environment or in .env");
  });

  it("says how to start an engine that does not answer", async ({ expect }) => {
    const { code, stderr } = await sandbox.run(["ask", "-m", "ollama:qwen3:4b", "tau"]);
    expect(code).toBe(EXIT.failed);
    expect(stderr).toContain("ollama serve");
  });

  it("never prints a key that is refused", async ({ expect }) => {
    const bad = { ...environment, ANTHROPIC_API_KEY: "bad-key" };
    const { code, stdout, stderr } = await sandbox.run(["ask", "-m", "anthropic:claude-sonnet-4-5", "upsilon"], {
      environment: bad,
    });
    expect(code).toBe(EXIT.failed);
    expect(stderr).toContain("authentication");
    expect(stdout + stderr).not.toContain("bad-key");
  });

  it("keeps what had arrived when the stream breaks", async ({ expect }) => {
    const { code, stdout, stderr } = await ask(["--stream", "-m", "anthropic:claude-fault-cut", "phi one two three"]);
    expect(code).toBe(EXIT.failed);
    expect(stdout).toMatch(/\S.*\n$/s);
    expect(stderr).toContain("stream_truncated");
  });

  it("exits 1 when the vendor cuts the answer by its policy", async ({ expect }) => {
    const { code, stderr } = await ask(["-m", "anthropic:claude-fault-refusal", "chi"]);
    expect(code).toBe(EXIT.failed);
    expect(stderr).toContain("did not complete the answer");
  });
});

describe("dragoman ask, stopped", () => {
  const words = ["ask", "--stream", "-m", "anthropic:claude-sonnet-4-5", "one two three four five six seven eight nine ten"];

  it("aborts the vendor's call on Ctrl+C and keeps what had arrived", async ({ expect }) => {
    const { child, result, printed } = sandbox.start(words, slowly());
    child.stdin.end();
    await printed("You");
    child.kill("SIGINT");
    await slow.waitForAbort();
    const { code, stdout, stderr } = await result;
    expect(code).toBe(EXIT.interrupted);
    expect(stdout).toMatch(/^You.*\n$/s);
    expect(stdout).not.toContain("done.");
    expect(stderr).toBe("");
  });

  it("prints the partial completion as JSON on Ctrl+C", async ({ expect }) => {
    const before = slow.requests.length;
    const { child, result } = sandbox.start(["ask", "--json", ...words.slice(2)], slowly());
    child.stdin.end();
    await expect.poll(() => slow.requests.length, { timeout: 15_000 }).toBeGreaterThan(before);
    child.kill("SIGINT");
    const { code, stdout } = await result;
    expect(code).toBe(EXIT.interrupted);
    // Nothing at all where not even the first part had come.
    if (stdout !== "") expect(JSON.parse(stdout)).toMatchObject({ message: { role: "assistant" } });
  });

  it("ends quietly when its reader goes away", async ({ expect }) => {
    const { child, result, printed } = sandbox.start(words, slowly());
    child.stdin.end();
    await printed("You");
    child.stdout.destroy();
    const { code, stderr } = await result;
    expect(code).toBe(EXIT.ok);
    expect(stderr).toBe("");
  });
});
