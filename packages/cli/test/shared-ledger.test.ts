/** The commands over the ledger where several nodes share a PostgreSQL: a real one, real gateways, real commands. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { startPostgres } from "@dragoman/events/testing";
import { createGateway, type Gateway } from "@dragoman/gateway";
import { completeConfiguration } from "@dragoman/gateway/config";
import { userMessage } from "@dragoman/llm";
import { type FakeVendor, startFakeVendor } from "@dragoman/llm/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EXIT } from "../src/exit.ts";
import { createSandbox, type Sandbox } from "./run-command.ts";

const { server, reason } = await startPostgres();
const url = server?.connectionString ?? "";

describe.skipIf(server === undefined)(`the ledger of several nodes${reason ? ` (${reason})` : ""}`, () => {
  let sandbox: Sandbox;
  let configuration = "";
  let one: Gateway | undefined;
  let vendor: FakeVendor | undefined;

  beforeAll(async () => {
    sandbox = createSandbox();
    vendor = await startFakeVendor("openai");
    one = await start("one", vendor.baseUrl);
    const other = await start("other", vendor.baseUrl);
    await ask(one, "call-one", "What is the capital of Austria?");
    await ask(other, "call-other", "What is the capital of Hungary?");
    // Away: what it has done is known all the same.
    await other.close();
    configuration = join(sandbox.folder, "one.yaml");
    writeFileSync(configuration, CONFIGURATION);
  }, 120_000);

  afterAll(async () => {
    await one?.close();
    await vendor?.close();
    await server?.stop();
    sandbox.remove();
  });

  const run = (words: readonly string[], address = url) =>
    sandbox.run(words, { environment: { DRAGOMAN_CONFIG: configuration, DATABASE_URL: address, NO_COLOR: "1" } });

  function start(node: string, baseUrl: string): Promise<Gateway> {
    const served = completeConfiguration({
      store: { type: "postgres", url: "env:DATABASE_URL", file: join(sandbox.folder, `${node}.db`), node, leaseMs: 1_000 },
      providers: { openai: { baseUrl, key: "env:VENDOR_KEY", options: { wire: "chat" } } },
      models: { smart: { targets: ["openai:gpt-4.1-mini"] } },
      ledger: { content: true },
    });
    const environment = {
      DATABASE_URL: url,
      VENDOR_KEY: "sk-vendor-key-0123456789",
      DRAGOMAN_PEPPER: "a pepper of the tests, the same on all nodes",
    };
    return createGateway(served, { environment });
  }

  async function ask(gateway: Gateway, requestId: string, text: string): Promise<void> {
    const caller = { principal: { key: "k_1", restrictions: {} }, requestId };
    await gateway.as(caller).complete({ model: "smart", messages: [userMessage(text)] });
    // Its own calls are copied before it answers.
    await gateway.ledger.usage({ by: [] });
  }

  it("is read of all nodes, one of which is away", async () => {
    const [usage, explained, limits] = await Promise.all([
      run(["usage", "--by", "node", "--json"]),
      run(["explain", "call-other"]),
      run(["limits", "--json"]),
    ]);
    expect(usage).toMatchObject({ code: 0, stderr: "" });
    const rows: readonly { by: { node: string }; calls: number }[] = JSON.parse(usage.stdout).rows;
    expect(Object.fromEntries(rows.map(({ by, calls }) => [by.node, calls]))).toEqual({ one: 1, other: 1 });
    expect(explained.stdout).toMatch(/^Call call-other was answered.*\n.* on other$/m);
    expect(JSON.parse(limits.stdout)).toMatchObject([{ rule: "calls", used: 2 }]);
  });

  it("is priced anew for all nodes, or not at all", async () => {
    const prices = join(sandbox.folder, "prices.json");
    writeFileSync(
      prices,
      JSON.stringify({ openai: { "gpt-4.1-mini": { inputPerMillionUsd: 4_000, outputPerMillionUsd: 16_000 } } }),
    );
    const words = ["ledger", "recompute", "--prices", prices, "--json"];
    const half = await run([...words, "--apply", "--local"]);
    expect(half).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining("--local and --apply") });
    const applied = JSON.parse((await run([...words, "--apply"])).stdout);
    expect(applied).toMatchObject({ calls: 2, changed: 2 });
    const [again, own] = await Promise.all([run(words), run(["usage", "--local", "--json"])]);
    expect(JSON.parse(again.stdout)).toMatchObject({ calls: 2, changed: 0, afterUsd: expect.closeTo(applied.afterUsd, 6) });
    // Both calls used as many tokens.
    expect(JSON.parse(own.stdout).total).toMatchObject({ calls: 1, costUsd: expect.closeTo(applied.afterUsd / 2, 6) });
  });

  it("has what calls of every node asked", async () => {
    await one?.close();
    const { stdout } = await run(["route", "eval", "--simple", "openai:gpt-4.1-nano", "--json"]);
    const { rows, unread } = JSON.parse(stdout);
    expect(unread).toBe(0);
    const examples = rows.flatMap((row: { examples: readonly string[] }) => row.examples);
    expect(examples.toSorted()).toEqual(["What is the capital of Austria?", "What is the capital of Hungary?"]);
  });

  it("says what to do while PostgreSQL is away, and never tells the password", async () => {
    const password = "of-nobody-0123";
    const changed = (change: (address: URL) => void) => {
      const address = new URL(url);
      address.password = password;
      change(address);
      return address.href;
    };
    const away = changed((address) => {
      address.port = "1";
    });
    const [cut, local, wrong] = await Promise.all([
      run(["usage"], away),
      run(["usage", "--local", "--json"], away),
      run(
        ["calls"],
        changed(() => {}),
      ),
    ]);
    expect(cut).toMatchObject({ code: EXIT.failed, stdout: "", stderr: expect.stringContaining("--local") });
    expect(JSON.parse(local.stdout).total.calls).toBe(1);
    expect(wrong).toMatchObject({ code: EXIT.usage, stderr: expect.stringContaining("password authentication failed") });
    for (const { stderr } of [cut, wrong]) expect(stderr).not.toContain(password);
  });
});

const CONFIGURATION = `store: { url: "env:DATABASE_URL", file: ./one.db, node: one }
providers:
  openai: { key: env:VENDOR_KEY }
models:
  smart: { targets: ["openai:gpt-4.1-mini"] }
limits:
  - { name: calls, requests: 100, per: 30d }
`;
