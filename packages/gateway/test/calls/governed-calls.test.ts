import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fold, textOf, toDragomanError } from "@dragoman/llm";
import { describe, expect, it, onTestFinished } from "vitest";
import { openSqliteLedger } from "../../src/ledger/sqlite-ledger.ts";
import { asking, startGatewayFixture } from "./gateway-fixture.ts";

const OPENAI = "openai:gpt-4.1-mini";
const ANTHROPIC = "anthropic:claude-sonnet-4-5";

describe("a governed call", () => {
  it("is answered by its route, and stands in the ledger with what it used and cost", async () => {
    const { gateway } = await startGatewayFixture({ models: { smart: { targets: [OPENAI], fallback: [ANTHROPIC] } } });
    const completion = await gateway.complete(asking("smart"));
    const [record] = (await gateway.ledger.calls({})).calls;
    expect(completion.origin).toMatchObject({ provider: "openai" });
    expect(record).toMatchObject({
      outcome: "answered",
      asked: "smart",
      route: "smart",
      provider: "openai",
      usage: { inputTokens: completion.usage.inputTokens, outputTokens: completion.usage.outputTokens },
      costUsd: completion.cost?.totalUsd,
      attempts: [{ number: 1, outcome: "answered", provider: "openai" }],
    });
  });

  it("costs as a stream what it costs in one piece", async () => {
    const { gateway } = await startGatewayFixture({ models: { smart: { targets: [OPENAI] } } });
    await gateway.complete(asking("smart"));
    await fold(gateway.stream(asking("smart")));
    const { calls } = await gateway.ledger.calls({});
    const [streamed, whole] = calls;
    expect(streamed?.operation).toBe("stream");
    expect(streamed?.costUsd).toBeGreaterThan(0);
    expect(streamed?.costUsd).toBe(whole?.costUsd);
    expect(streamed?.usage).toEqual(whole?.usage);
  });

  it("goes to the fallback when the first target fails, and the failed attempt stands beside the answer", async () => {
    const { gateway } = await startGatewayFixture({
      models: { smart: { targets: ["openai:fault-overloaded"], fallback: [ANTHROPIC] } },
      failing: { attemptsPerTarget: 1 },
    });
    const completion = await gateway.complete(asking("smart"));
    const [record] = (await gateway.ledger.calls({})).calls;
    expect(completion.origin).toMatchObject({ provider: "anthropic" });
    expect(record?.attempts).toMatchObject([
      { number: 1, outcome: "failed", provider: "openai", costUsd: 0 },
      { number: 2, outcome: "answered", provider: "anthropic" },
    ]);
  });

  it("is refused over a limit before anything is sent, and says when to come back", async () => {
    const { gateway, openai } = await startGatewayFixture({
      models: { smart: { targets: [OPENAI] } },
      limits: [{ name: "slow", metric: "requests", amount: 1, window: { type: "rolling", ms: 60_000 } }],
    });
    await gateway.complete(asking("smart"));
    const sent = openai.requests.length;
    const error = toDragomanError(await gateway.complete(asking("smart")).catch((thrown: unknown) => thrown));
    expect(error).toMatchObject({ code: "rate_limited", detail: expect.stringContaining("slow") });
    expect(error.retryAfterMs).toBeGreaterThan(0);
    expect(openai.requests.length).toBe(sent);
    const { calls } = await gateway.ledger.calls({ outcome: ["refused"] });
    expect(calls).toMatchObject([{ code: "rate_limited", costUsd: 0 }]);
  });

  it("is counted by what had arrived when its caller leaves a stream", async () => {
    const { gateway } = await startGatewayFixture({ models: { smart: { targets: [OPENAI] } } }, { vendor: { chunkDelayMs: 5 } });
    for await (const event of gateway.stream(asking("smart", "tell me a long story"))) if (event.type === "text-delta") break;
    const [record] = (await gateway.ledger.calls({})).calls;
    expect(record).toMatchObject({ outcome: "aborted", estimated: true, attempts: [{ outcome: "aborted" }] });
    expect(record?.costUsd).toBeGreaterThan(0);
  });

  it("gives the answer of before to an equal call where the cache is on, within one tenant only", async () => {
    const { gateway, openai } = await startGatewayFixture({
      models: { smart: { targets: [OPENAI] } },
      cache: { enabled: true },
    });
    const one = gateway.as({ principal: { key: "k_one", team: "search", restrictions: {} } });
    const two = gateway.as({ principal: { key: "k_two", team: "search", restrictions: {} } });
    const stranger = gateway.as({ principal: { key: "k_three", restrictions: {} } });
    await one.complete(asking("smart"));
    const hit = await two.complete(asking("smart"));
    expect(hit).toMatchObject({ cached: { savedUsd: expect.any(Number) }, cost: { totalUsd: 0 } });
    expect(openai.requests.length).toBe(1);
    const miss = await stranger.complete(asking("smart"));
    expect(miss.cached).toBeUndefined();
    const { calls } = await gateway.ledger.calls({ of: { key: ["k_two"] } });
    expect(calls).toMatchObject([{ cached: { savedUsd: hit.cached?.savedUsd }, costUsd: 0, attempts: [] }]);
  });

  it("ends as it began when the configuration changes meanwhile", async () => {
    const { gateway } = await startGatewayFixture({ models: { smart: { targets: [OPENAI] } } }, { vendor: { chunkDelayMs: 5 } });
    const events = gateway.stream(asking("smart"))[Symbol.asyncIterator]();
    await events.next();
    await gateway.reconfigure({ ...gateway.configuration, models: {}, directModels: false });
    let last = await events.next();
    for (let next = last; next.done !== true; next = await events.next()) last = next;
    expect(last.value).toMatchObject({ type: "finish" });
    await expect(gateway.complete(asking("smart"))).rejects.toMatchObject({ code: "unknown_model" });
  });
});

describe("contents", () => {
  it("are kept with their calls where that is wanted, streams like answers in one piece", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "dragoman-content-")), "dragoman.db");
    onTestFinished(() => rmSync(dirname(file), { recursive: true, force: true }));
    const { gateway } = await startGatewayFixture({
      store: { type: "sqlite", file },
      models: { smart: { targets: [OPENAI] } },
      ledger: { content: true },
    });
    const completion = await gateway.complete(asking("smart", "keep this"));
    await fold(gateway.stream(asking("smart", "keep this")));
    const { calls } = await gateway.ledger.calls({});
    await gateway.close();
    const ledger = await openSqliteLedger({ file, content: true });
    onTestFinished(() => ledger.end());
    const contents = await Promise.all(calls.map(({ id }) => ledger.content(id)));
    expect(contents.map((content) => content?.answer)).toEqual([textOf(completion.message), textOf(completion.message)]);
    expect(JSON.stringify(contents[0]?.request)).toContain("keep this");
  });
});
