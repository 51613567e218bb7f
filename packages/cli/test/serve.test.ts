import { spawn, spawnSync } from "node:child_process";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isJsonObject } from "@dragoman/llm";
import { type FakeVendor, startFakeVendor } from "@dragoman/llm/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import { EXIT } from "../src/exit.ts";
import { curlCommand } from "../src/serve/announce.ts";
import { createSandbox, type Started } from "./run-command.ts";

const sandbox = createSandbox();
let ollama: FakeVendor;
let slow: FakeVendor;

beforeAll(async () => {
  [ollama, slow] = await Promise.all([startFakeVendor("ollama"), startFakeVendor("ollama", { chunkDelayMs: 100 })]);
}, 60_000);

afterAll(async () => {
  await Promise.all([ollama.close(), slow.close()]);
  sandbox.remove();
});

interface Announcement {
  readonly url: string;
  readonly model: string;
  readonly simulated: boolean;
}

async function announced({ printed }: Started): Promise<Announcement> {
  const line: unknown = JSON.parse(await printed("\n"));
  if (!isJsonObject(line) || typeof line.url !== "string" || typeof line.model !== "string")
    throw new TypeError("no announcement");
  return { url: line.url, model: line.model, simulated: line.simulated === true };
}

function chat(url: string, body: object): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, { method: "POST", body: JSON.stringify(body) });
}

const hasCurl = spawnSync("curl", ["--version"]).error === undefined;

describe.concurrent("dragoman serve", () => {
  it("announces itself as JSON, serves, and ends in order on Ctrl+C", async ({ expect }) => {
    const started = sandbox.start(["serve", "--port", "0", "--json"]);
    const { url, model, simulated } = await announced(started);
    expect({ model, simulated }).toEqual({ model: "sim:echo", simulated: true });
    const answer = await chat(url, { model, messages: [{ role: "user", content: "hello" }] });
    expect(await answer.json()).toMatchObject({ object: "chat.completion" });
    started.child.kill("SIGINT");
    const { code, stderr } = await started.result;
    expect({ code, stderr }).toEqual({ code: EXIT.ok, stderr: "" });
  });

  it.skipIf(!hasCurl)("prints a curl line that works as it is printed, for a model of an engine", async ({ expect }) => {
    const { child, result, printed } = sandbox.start(["serve", "--port", "0"], {
      environment: { OLLAMA_BASE_URL: ollama.baseUrl },
    });
    const banner = await printed("Stop: Ctrl+C.");
    expect(banner).toMatch(/✓ ollama/);
    expect(banner).toContain("openai (OPENAI_API_KEY)");
    const [, command = ""] = /Try it:\n([\s\S]*?)\n\n/.exec(banner) ?? [];
    expect(command).toContain('"ollama:qwen3:4b"');
    const answer = await outputOf("sh", ["-c", command]);
    expect(JSON.parse(answer)).toMatchObject({ choices: [{ message: { role: "assistant" } }] });
    child.kill("SIGTERM");
    expect((await result).code).toBe(EXIT.ok);
  });

  it("names the port that is in use, and the way out", async ({ expect }) => {
    const other = await listening(createServer());
    const { port } = other.address() as AddressInfo;
    const { code, stdout, stderr } = await sandbox.run(["serve"], { environment: { DRAGOMAN_PORT: String(port) } });
    other.close();
    expect(code).toBe(EXIT.usage);
    expect(stdout).toBe("");
    expect(stderr).toContain(`port ${port} is in use`);
    expect(stderr).toContain("--port 0");
  });

  it("tells of a request that failed in one line", async ({ expect }) => {
    const started = sandbox.start(["serve", "--port", "0", "--json"]);
    const { url } = await announced(started);
    const answer = await chat(url, { model: "no-such-model", messages: [{ role: "user", content: "hello" }] });
    expect(answer.status).toBe(404);
    const line = await started.printed("unknown_model", "stderr");
    expect(line).toMatch(/^\d\d:\d\d:\d\d POST \/v1\/chat\/completions: .*\n$/);
    started.child.kill("SIGINT");
    await started.result;
  });

  it("stops at once at the second signal", async ({ expect }) => {
    const started = sandbox.start(["serve", "--port", "0", "--json"], { environment: { OLLAMA_BASE_URL: slow.baseUrl } });
    const { url } = await announced(started);
    const body = { model: "ollama:qwen3:4b", stream: true, messages: [{ role: "user", content: "one two three four five six" }] };
    const answer = await chat(url, body);
    // Two signals of one kind may be delivered as one.
    started.child.kill("SIGINT");
    started.child.kill("SIGTERM");
    expect((await started.result).code).toBe(EXIT.interrupted);
    await expect(answer.text()).rejects.toThrow();
  });

  it("does not wait for a slow engine, and takes it in when it answers", async ({ expect }) => {
    const engine = await startSleepyOllama();
    const { child, result, printed } = sandbox.start(["serve", "--port", "0"], { environment: { OLLAMA_BASE_URL: engine.url } });
    const banner = await printed("Stop: Ctrl+C.");
    expect(banner).toContain("a simulator, not a model");
    expect(banner).toMatch(/· not running +ollama,/);
    engine.wake();
    expect(await printed("\n", "stderr")).toContain("ollama answers now");
    child.kill("SIGINT");
    expect((await result).code).toBe(EXIT.ok);
    engine.close();
  });
});

describe("the line to try", () => {
  it("is broken up for a narrow terminal where a shell allows it", ({ expect }) => {
    const lines = curlCommand("http://127.0.0.1:4242", "sim:echo", 60).split("\n");
    expect(lines).toHaveLength(3);
    for (const line of lines.slice(0, -1)) expect(line.endsWith(" \\")).toBe(true);
    expect(curlCommand("http://127.0.0.1:4242", "sim:echo", 300)).not.toContain("\n");
  });

  it("survives a quote in a model's name", ({ expect }) => {
    const command = curlCommand("http://127.0.0.1:1", "ollama:o'brien", 300).replace("curl", "printf '%s\\n'");
    const { stdout } = spawnSync("sh", ["-c", command], { encoding: "utf8" });
    expect(stdout).toContain('{"model":"ollama:o\'brien"');
  });
});

/** An Ollama that takes connections and says nothing until it is woken. */
async function startSleepyOllama(): Promise<{ readonly url: string; wake(): void; close(): void }> {
  let awake = false;
  const sleeping: ServerResponse[] = [];
  const answer = (response: ServerResponse): void => void response.end(JSON.stringify({ models: [] }));
  const server = await listening(
    createServer((_request, response) => {
      if (awake) answer(response);
      else sleeping.push(response);
    }),
  );
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    wake() {
      awake = true;
      for (const response of sleeping) answer(response);
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function listening(server: Server): Promise<Server> {
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

function outputOf(program: string, words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words);
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
    });
    child.once("error", reject);
    child.once("close", () => resolve(text));
  });
}
