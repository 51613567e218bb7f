/** Keys, teams and the audit log in the store's file: beside a server that is a real process, else through the command line in this one. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DragomanError } from "@dragoman/llm";
import { afterAll, beforeAll, describe, it, vi } from "vitest";
import { parseExpiry } from "../src/commands/keys-expiry.ts";
import { EXIT } from "../src/exit.ts";
import { createProgram } from "../src/program.ts";
import { createSandbox } from "./run-command.ts";

/** Two processes, beside those of other files. */
const TIMEOUT_MS = 60_000;
const KEY = /^dgm_[a-z2-7]{16}_[A-Za-z0-9_-]{43}\n$/;

const sandbox = createSandbox();
beforeAll(() => {
  vi.stubEnv("DRAGOMAN_HOME", sandbox.home);
  vi.stubEnv("DRAGOMAN_CONFIG", "");
});
afterAll(() => {
  vi.unstubAllEnvs();
  sandbox.remove();
});

interface Told {
  /** What `reportFailure` is given; undefined where it worked. */
  readonly failed: DragomanError | undefined;
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Through the command line as it is declared, in this process. */
async function run(...words: string[]): Promise<Told> {
  const told = { stdout: "", stderr: "" };
  const keep = (output: keyof typeof told) => (text: unknown) => {
    told[output] += `${String(text).replace(/\n$/, "")}\n`;
    return true;
  };
  const spies = [
    vi.spyOn(console, "log").mockImplementation(keep("stdout")),
    vi.spyOn(console, "error").mockImplementation(keep("stderr")),
    vi.spyOn(process.stdout, "write").mockImplementation(keep("stdout")),
  ];
  let failed: DragomanError | undefined;
  try {
    await createProgram({ environmentFile: { path: "", state: "absent" } }).parseAsync(words, { from: "user" });
  } catch (error) {
    if (!DragomanError.is(error)) throw error;
    failed = error;
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  const status = Number(process.exitCode ?? 0);
  process.exitCode = 0;
  return { ...told, failed, status };
}

const json = async (...words: string[]) => JSON.parse((await run(...words, "--json")).stdout);

describe("dragoman keys", () => {
  it("makes nothing where it is only asked", async ({ expect }) => {
    const listed = await run("keys", "list");
    expect(listed).toMatchObject({ failed: undefined, stdout: "" });
    expect(listed.stderr).toContain("dragoman keys create");
  });

  it("prints a key once and alone, and never again", async ({ expect }) => {
    const created = await run("keys", "create", "ci", "--models", "gpt-*,fast", "--models", "claude", "--expires", "30d");
    expect(created.stdout).toMatch(KEY);
    expect(created.stderr).not.toContain(created.stdout.trim());
    const listed = await run("keys", "list", "--json");
    expect(listed.stdout).not.toContain(created.stdout.trim().slice(21));
    const [key] = JSON.parse(listed.stdout);
    expect(key).toMatchObject({ name: "ci", state: "active", restrictions: { models: ["gpt-*", "fast", "claude"] } });
    const rotated = await run("keys", "rotate", "ci", "--overlap", "1h");
    expect(rotated.stdout).toMatch(KEY);
    expect(rotated.stdout.slice(0, 20)).toBe(created.stdout.slice(0, 20));
    const restricted = await json("keys", "restrict", "ci", "--lift", "expires", "--paths", "/v1/*");
    expect(restricted.restrictions).toEqual({ models: ["gpt-*", "fast", "claude"], paths: ["/v1/*"] });
    expect((await json("keys", "revoke", key.id)).state).toBe("revoked");
    expect(await json("keys", "list")).toEqual([]);
    expect(await json("keys", "list", "--all")).toHaveLength(1);
    expect((await run("keys", "revoke", "nobody")).failed?.code).toBe("not_found");
  });

  it("makes keys that a running server takes at once", { timeout: TIMEOUT_MS }, async ({ expect }) => {
    const server = sandbox.start(["serve", "--port", "0", "--json"], { environment: { DRAGOMAN_SIMULATOR: "1" } });
    const { url, key: adminKey } = JSON.parse(await server.printed("\n"));
    const created = await sandbox.run(["keys", "create", "while serving"]);
    expect(created.stdout).toMatch(KEY);
    const ask = (path: string, key: string) => fetch(`${url}${path}`, { headers: { authorization: `Bearer ${key}` } });
    const listed = await ask("/admin/v1/keys", adminKey);
    expect(await listed.text()).toContain("while serving");
    expect((await ask("/v1/models", created.stdout.trim())).status).toBe(200);
    expect((await ask("/admin/v1/keys", created.stdout.trim())).status).toBe(403);
    await run("keys", "revoke", "while serving");
    await ask("/admin/v1/keys", adminKey);
    expect((await ask("/v1/models", created.stdout.trim())).status).toBe(401);
    server.child.kill("SIGTERM");
    expect((await server.result).code).toBe(0);
  });

  it("says where keys are when the store is not here", async ({ expect }) => {
    const file = join(sandbox.folder, "memory.yaml");
    await writeFile(file, "store: memory\n");
    const refused = await run("keys", "create", "ci", "--config", file);
    expect([refused.failed?.code, refused.stdout]).toEqual(["unsupported", ""]);
    expect(refused.failed?.advice).toContain("admin API");
  });
});

describe("dragoman teams", () => {
  it("creates, lists and removes them", async ({ expect }) => {
    expect(await json("teams", "create", "research", "--models", "fast")).toMatchObject({ name: "research", models: ["fast"] });
    await run("keys", "create", "in team", "--team", "research");
    expect(await json("teams", "list")).toEqual([{ name: "research", models: ["fast"], source: "created", keys: 1 }]);
    expect((await run("teams", "remove", "research")).failed?.detail).toContain("in team");
    await run("keys", "revoke", "in team");
    expect((await run("teams", "remove", "research")).failed).toBeUndefined();
  });
});

describe("dragoman audit", () => {
  it("tells what was done, and where somebody has changed it since", async ({ expect }) => {
    const head = (await run("audit", "head")).stdout.trim();
    expect(head).toMatch(/^\d+:[0-9a-f]{64}$/);
    const [latest] = await json("audit", "list", "--last", "1");
    expect(latest).toMatchObject({ action: "team.removed", actor: expect.stringMatching(/^cli:/), subject: "team:research" });
    const exported = await run("audit", "export");
    expect(exported.stdout.trim().split("\n")).toHaveLength(latest.number);
    expect(await json("audit", "verify", "--anchor", head)).toMatchObject({ intact: true, records: latest.number });
    const database = new DatabaseSync(join(sandbox.home, "dragoman.db.events"));
    database.exec("update event_log set data = replace(data, 'key.revoked', 'key.created') where stream = 'audit'");
    database.close();
    const verified = await run("audit", "verify");
    expect(verified.status).toBe(EXIT.failed);
    expect(verified.stderr).toMatch(/^changed at record \d+/);
  });
});

describe("when a key ends", () => {
  const NOW = Date.UTC(2026, 0, 1);

  it.for([
    ["30d", NOW + 30 * 86_400_000],
    ["90m", NOW + 90 * 60_000],
    ["2w", NOW + 14 * 86_400_000],
    ["2027-01-31", Date.UTC(2027, 0, 31)],
    ["2027-01-31T12:00:00+02:00", Date.UTC(2027, 0, 31, 10)],
  ] as const)("is read from %s", ([text, expected], { expect }) => {
    expect(parseExpiry(text, NOW)).toBe(expected);
  });

  it.for(["", "30", "-1d", "0d", "2025-12-31", "2027-13-01", "tomorrow"])("is not read from %j", (text, { expect }) => {
    expect(() => parseExpiry(text, NOW)).toThrow("invalid_request");
  });
});
