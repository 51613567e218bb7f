import { type Completion, fold, type Provider, type StreamEvent, textOf } from "@dragoman/llm";
import { describe, expect, it } from "vitest";
import type { Caller } from "../../src/caller.ts";
import { asking, startGatewayFixture } from "../calls/gateway-fixture.ts";
import { readPrometheusText, sumOf } from "../telemetry/prometheus-text.ts";
import { serveGatewayFixture } from "../telemetry/served-gateway.ts";

const OPENAI = "openai:gpt-4.1-mini";
const CACHED = { models: { smart: OPENAI }, cache: { enabled: true } } as const;

function caller(key: string, team?: string): Caller {
  return { principal: { key, restrictions: {}, ...(team === undefined ? {} : { team }) } };
}

/** Whether an answer of before was given. */
async function isHit(provider: Provider, call: Parameters<Provider["complete"]>[0]): Promise<boolean> {
  return (await provider.complete(call)).cached !== undefined;
}

describe("answers are shared within", () => {
  it("one team, by default, and never beyond it", async () => {
    const { gateway } = await startGatewayFixture(CACHED);
    const anna = gateway.as(caller("k_anna", "search"));
    const ben = gateway.as(caller("k_ben", "search"));
    const stranger = gateway.as(caller("k_carl", "ads"));
    const alone = gateway.as(caller("k_dora"));
    const other = gateway.as(caller("k_emil"));
    expect(await isHit(anna, asking("smart"))).toBe(false);
    expect(await isHit(ben, asking("smart"))).toBe(true);
    expect(await isHit(stranger, asking("smart"))).toBe(false);
    expect(await isHit(alone, asking("smart"))).toBe(false);
    expect(await isHit(other, asking("smart"))).toBe(false);
  });

  it("one team, and not within a key of the same name", async () => {
    const { gateway } = await startGatewayFixture(CACHED);
    expect(await isHit(gateway.as(caller("k_one", "search")), asking("smart"))).toBe(false);
    expect(await isHit(gateway.as(caller("search")), asking("smart"))).toBe(false);
    expect(await isHit(gateway.as(caller("team:search")), asking("smart"))).toBe(false);
  });

  it("one key, where it says so", async () => {
    const { gateway } = await startGatewayFixture({ ...CACHED, cache: { enabled: true, scope: "key" } });
    const anna = gateway.as(caller("k_anna", "search"));
    expect(await isHit(anna, asking("smart"))).toBe(false);
    expect(await isHit(gateway.as(caller("k_ben", "search")), asking("smart"))).toBe(false);
    expect(await isHit(anna, asking("smart"))).toBe(true);
  });

  it("one session of one team, where it says so, and with nobody where there is no session", async () => {
    const { gateway } = await startGatewayFixture({ ...CACHED, cache: { enabled: true, scope: "session" } });
    const anna = gateway.as(caller("k_anna", "search"));
    const inSession = (session: string) => ({ ...asking("smart"), metadata: { session } });
    expect(await isHit(anna, inSession("s-1"))).toBe(false);
    expect(await isHit(anna, inSession("s-2"))).toBe(false);
    expect(await isHit(gateway.as(caller("k_carl", "ads")), inSession("s-1"))).toBe(false);
    expect(await isHit(anna, inSession("s-1"))).toBe(true);
    expect(await isHit(anna, asking("smart"))).toBe(false);
    expect(await isHit(anna, asking("smart"))).toBe(false);
  });
});

describe("an answer of before", () => {
  it("costs nothing, is charged to no limit of tokens, and says what it saved", async () => {
    const { gateway } = await startGatewayFixture({
      ...CACHED,
      limits: [{ name: "tokens", metric: "tokens", amount: 100_000, window: { type: "rolling", ms: 60_000 } }],
    });
    const first = await gateway.complete(asking("smart"));
    const used = gateway.meter.standings()[0]?.used;
    const again = await gateway.complete(asking("smart"));
    expect(again.cost).toMatchObject({ totalUsd: 0 });
    expect(again.cached?.savedUsd).toBe(first.cost?.totalUsd);
    expect(gateway.meter.standings()[0]).toMatchObject({ used, reserved: 0 });
  });

  it("is streamed as it is given in one piece, and the other way round", async () => {
    const { gateway, openai } = await startGatewayFixture(CACHED);
    const whole = await gateway.complete(asking("smart", "one"));
    const streamed = await fold(gateway.stream(asking("smart", "one")));
    expect(textOf(streamed.message)).toBe(textOf(whole.message));
    expect(streamed).toMatchObject({ cached: { ageMs: expect.any(Number) }, finish: { reason: "stop" }, usage: whole.usage });
    await fold(gateway.stream(asking("smart", "two")));
    expect(await isHit(gateway, asking("smart", "two"))).toBe(true);
    expect(openai.requests.length).toBe(2);
  });

  it("is not given where anything of the question differs", async () => {
    const { gateway } = await startGatewayFixture({ models: { smart: OPENAI, other: OPENAI }, cache: { enabled: true } });
    await gateway.complete(asking("smart"));
    for (const call of [asking("smart", "hello!"), asking("smart", "hello", { temperature: 0.5 }), asking("other")])
      expect(await isHit(gateway, call)).toBe(false);
  });

  it("is not given after its time, nor after its route has changed", async () => {
    let now = 1_700_000_000_000;
    const { gateway } = await startGatewayFixture(
      { ...CACHED, cache: { enabled: true, timeToLiveMs: 60_000 } },
      { time: () => now },
    );
    await gateway.complete(asking("smart"));
    now += 59_999;
    expect(await isHit(gateway, asking("smart"))).toBe(true);
    now += 1;
    expect(await isHit(gateway, asking("smart"))).toBe(false);
    const { configuration } = gateway;
    const smart = configuration.models.smart;
    if (smart === undefined) throw new Error("the route is gone");
    const targets = smart.targets.map((target) => ({ ...target, model: "anthropic:claude-sonnet-4-5" }));
    await gateway.reconfigure({ ...configuration, models: { smart: { ...smart, targets } } });
    const completion = await gateway.complete(asking("smart"));
    expect(completion).toMatchObject({ origin: { provider: "anthropic" } });
    expect(completion.cached).toBeUndefined();
  });

  it("is not given by a route that has none, nor kept where a call failed", async () => {
    const { gateway, openai } = await startGatewayFixture({
      models: { fresh: { targets: [OPENAI], cache: false }, hopeless: "openai:fault-500" },
      cache: { enabled: true },
      failing: { attemptsPerTarget: 1 },
    });
    await gateway.complete(asking("fresh"));
    expect(await isHit(gateway, asking("fresh"))).toBe(false);
    const before = openai.requests.length;
    for (let count = 0; count < 2; count += 1) await gateway.complete(asking("hopeless")).catch(() => {});
    expect(openai.requests.length).toBe(before + 2);
  });

  // Known fault: tags and agents choose targets, and are not part of what is equal. To be a plain `it` once it is mended.
  it("is not given where its tags would lead to another target", async () => {
    const targets = [{ model: "anthropic:claude-sonnet-4-5", when: { tags: { region: "eu" } } }, OPENAI];
    const { gateway } = await startGatewayFixture({ models: { smart: { targets } }, cache: { enabled: true } });
    await gateway.complete(asking("smart"));
    const { origin } = await gateway.complete({ ...asking("smart"), metadata: { tags: { region: "eu" } } });
    expect(origin).toMatchObject({ provider: "anthropic" });
  });

  it("is not given to one who may not use the model", async () => {
    const { gateway } = await startGatewayFixture(CACHED);
    await gateway.as(caller("k_anna", "search")).complete(asking("smart"));
    const barred: Caller = { principal: { key: "k_ben", team: "search", restrictions: { models: ["fast"] } } };
    await expect(gateway.as(barred).complete(asking("smart"))).rejects.toMatchObject({ code: "permission_denied" });
  });
});

describe("equal calls at the same time", () => {
  it("are one call to the vendor, paid once, by whoever began", async () => {
    const { gateway, openai } = await startGatewayFixture(CACHED, { vendor: { chunkDelayMs: 1 } });
    const answers = await Promise.all(Array.from({ length: 20 }, () => gateway.complete(asking("smart"))));
    expect(openai.requests.length).toBe(1);
    expect(new Set(answers.map(({ message }) => textOf(message))).size).toBe(1);
    expect(answers.filter(({ cached }) => cached === undefined).length).toBe(1);
    const [sums] = await gateway.ledger.usage({ by: [] });
    expect(sums).toMatchObject({ calls: 20, attempts: 1, cached: 19 });
    expect(sums?.costUsd).toBeCloseTo(answers.find(isPaid)?.cost?.totalUsd ?? -1, 9);
  });

  it("are one stream to the vendor, which goes on when whoever began leaves", async () => {
    const { gateway, openai } = await startGatewayFixture(CACHED, { vendor: { chunkDelayMs: 1 } });
    const first = gateway.stream(asking("smart"))[Symbol.asyncIterator]();
    await first.next();
    const second = gateway.stream(asking("smart"))[Symbol.asyncIterator]();
    const joined = await second.next();
    await first.return?.();
    const completion = await fold(all(joined.value, second));
    expect(completion.finish.reason).toBe("stop");
    expect(openai.requests.length).toBe(1);
    expect(gateway.running).toBe(0);
  });

  it("of two teams are two calls", async () => {
    const { gateway, openai } = await startGatewayFixture(CACHED);
    await Promise.all(["search", "ads"].map((team) => gateway.as(caller("k", team)).complete(asking("smart"))));
    expect(openai.requests.length).toBe(2);
  });
});

describe("over HTTP", () => {
  it("x-dragoman-cache: no asks anew, and keeps nothing of it", async () => {
    const { chat, openai, metrics } = await serveGatewayFixture(CACHED);
    const ids: unknown[] = [];
    for (const headers of [{}, {}, { "x-dragoman-cache": "no" }, {}])
      ids.push(((await (await chat("smart", {}, headers)).json()) as { id: unknown }).id);
    expect(openai.requests.length).toBe(2);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
    expect(ids[3]).toBe(ids[0]);
    expect(sumOf(readPrometheusText((await metrics.render()).text), "dragoman_cache_saved_usd_total")).toBeGreaterThan(0);
  });

  it("any other word there is refused rather than guessed at", async () => {
    const { chat, openai } = await serveGatewayFixture(CACHED);
    const response = await chat("smart", {}, { "x-dragoman-cache": "maybe" });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("x-dragoman-cache");
    expect(openai.requests.length).toBe(0);
  });

  it("a streamed answer of before is whole, and costs nothing", async () => {
    const { chat, openai } = await serveGatewayFixture(CACHED);
    const texts: string[] = [];
    for (let count = 0; count < 2; count += 1) {
      const text = await (await chat("smart", { stream: true })).text();
      expect(text.trimEnd().endsWith("data: [DONE]")).toBe(true);
      texts.push(deltas(text));
    }
    expect(texts[0]).not.toBe("");
    expect(texts[1]).toBe(texts[0]);
    expect(openai.requests.length).toBe(1);
  });
});

describe("a store that is not there", () => {
  it("costs the calls their cache, and nothing else", async () => {
    const { gateway, openai } = await startGatewayFixture({
      ...CACHED,
      cache: { enabled: true, store: { keyv: "redis://127.0.0.1:1" } },
    });
    for (let count = 0; count < 3; count += 1) expect(await isHit(gateway, asking("smart"))).toBe(false);
    expect(openai.requests.length).toBe(3);
  });
});

async function* all(first: StreamEvent, rest: AsyncIterator<StreamEvent>): AsyncGenerator<StreamEvent> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

function isPaid({ cached }: Completion): boolean {
  return cached === undefined;
}

/** The text of a stream of chat chunks. */
function deltas(text: string): string {
  return text
    .split("\n")
    .filter((line) => line.startsWith("data: {"))
    .map(
      (line) =>
        (JSON.parse(line.slice(6)) as { choices: readonly { delta: { content?: string } }[] }).choices[0]?.delta.content ?? "",
    )
    .join("");
}
