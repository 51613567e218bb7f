/** `dragoman serve -c FILE` as a process: what it takes of a changed file, what it refuses, and who is named for it. */
import { rename, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { isJsonObject, type JsonObject } from "@dragoman/llm";
import { afterAll, beforeAll, describe, it, vi } from "vitest";
import { EXIT } from "../src/exit.ts";
import { createSandbox, type Started } from "./run-command.ts";

const sandbox = createSandbox();
const file = join(sandbox.folder, "dragoman.yaml");
let started: Started;
let url = "";
let key = "";
let logged = "";

const configuration = (callsMax: number, more = "") =>
  `server: { port: 0, connections_max: 3, calls_per_key_max: ${callsMax}${more} }\nstore: memory\nproviders: { ollama: {} }\n`;

/** At once, as an editor does: nobody sees half of it. */
async function write(text: string): Promise<void> {
  await writeFile(`${file}.beside`, text);
  await rename(`${file}.beside`, file);
}

beforeAll(async () => {
  await write(configuration(10));
  started = sandbox.start(["serve", "-c", file, "--json"]);
  started.child.stderr.on("data", (text: string) => {
    logged += text;
  });
  const said: unknown = JSON.parse(await started.printed("\n"));
  if (!isJsonObject(said)) throw new TypeError("no announcement");
  url = String(said.url);
  key = String(said.key);
}, 60_000);

afterAll(async () => {
  started.child.kill("SIGTERM");
  await started.result;
  sandbox.remove();
});

async function admin(method: string, path: string): Promise<{ readonly status: number; readonly body: JsonObject }> {
  const headers = { authorization: `Bearer ${key}`, connection: "close" };
  const answer = await fetch(`${url}${path}`, { method, headers });
  const body: unknown = await answer.json();
  return { status: answer.status, body: isJsonObject(body) ? body : {} };
}

async function reloads(): Promise<readonly JsonObject[]> {
  const { body } = await admin("GET", "/admin/v1/audit");
  const records = Array.isArray(body.records) ? body.records.filter(isJsonObject) : [];
  return records.filter(({ action }) => action === "configuration.reloaded");
}

const soon = { interval: 20, timeout: 10_000 };

describe("a served file", () => {
  it("that changes is in force, and the audit log names the system and what changed", async ({ expect }) => {
    await write(configuration(20));
    await vi.waitFor(async () => expect(await reloads()).toHaveLength(1), soon);
    expect((await reloads())[0]).toMatchObject({
      actor: "system:file",
      subject: file,
      outcome: "done",
      before: { "server.calls_per_key_max": 10 },
      after: { "server.calls_per_key_max": 20 },
    });
    expect(logged).toContain("is in force: server.calls_per_key_max: 10 -> 20");
  });

  it("that is wrong is refused to the signal and to an administrator, and both are kept", async ({ expect }) => {
    await write(configuration(30, ", prot: 1"));
    started.child.kill("SIGHUP");
    const outcomes = async () => (await reloads()).map(({ actor, outcome }) => `${actor} ${outcome}`);
    await vi.waitFor(async () => expect(await outcomes()).toContain("system:signal failed"), soon);
    const refused = await admin("POST", "/admin/v1/configuration/reload");
    expect(refused.status).toBeGreaterThanOrEqual(400);
    expect(await outcomes()).toContainEqual(expect.stringMatching(/^key:k_\w+ failed$/));
    expect(logged).toMatch(/"event":"configuration.refused".*server\.prot/);
    await write(configuration(40));
    const { status } = await admin("POST", "/admin/v1/configuration/reload");
    expect(status).toBe(200);
    // Whether the watcher or the administrator was the first to see it.
    expect((await reloads())[0]).toMatchObject({ outcome: "done" });
    expect(logged).toContain("is in force: server.calls_per_key_max: 20 -> 40");
  });

  it("says how many connections there may be", async ({ expect }) => {
    const { hostname, port } = new URL(url);
    const sockets = Array.from({ length: 5 }, () => connect(Number(port), hostname));
    let closed = 0;
    for (const socket of sockets) socket.on("error", () => undefined).once("close", () => closed++);
    // A connection of before may still be there.
    await vi.waitFor(() => expect(closed).toBeGreaterThanOrEqual(2), soon);
    for (const socket of sockets) socket.destroy();
    await vi.waitFor(() => expect(closed).toBe(5), soon);
    await vi.waitFor(async () => expect((await admin("GET", "/admin/v1/keys")).status).toBe(200), soon);
  });

  it("ends in order", async ({ expect }) => {
    started.child.kill("SIGTERM");
    expect((await started.result).code).toBe(EXIT.ok);
  });
});
