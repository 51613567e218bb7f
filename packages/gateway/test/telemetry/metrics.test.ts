import { describe, expect, it } from "vitest";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { asking } from "../calls/gateway-fixture.ts";
import { CONFIGURATION, makeCalls, OPENAI } from "./calls-of-every-kind.ts";
import { declaredNames, readPrometheusText, sumOf } from "./prometheus-text.ts";
import { type ServedGateway, serveGatewayFixture } from "./served-gateway.ts";

async function samplesOf({ metrics }: ServedGateway) {
  return readPrometheusText((await metrics.render()).text);
}

describe("the figures at /metrics", () => {
  it("come to what the ledger comes to", async () => {
    const served = await serveGatewayFixture(CONFIGURATION);
    await makeCalls(served);
    const samples = await samplesOf(served);
    const { ledger } = served.gateway;

    const byOutcome = await ledger.usage({ by: ["outcome", "team"] });
    expect(new Set(byOutcome.map(({ by }) => by.outcome))).toEqual(new Set(["answered", "refused", "failed", "aborted"]));
    for (const { by, calls } of byOutcome) {
      const labels = { outcome: by.outcome ?? "", team: by.team ?? "" };
      expect(sumOf(samples, "dragoman_calls_total", labels), JSON.stringify(labels)).toBe(calls);
    }

    const [total] = await ledger.usage({ by: [] });
    expect(sumOf(samples, "dragoman_tokens_total", { kind: "input" })).toBe(total?.inputTokens);
    expect(sumOf(samples, "dragoman_tokens_total", { kind: "output" })).toBe(total?.outputTokens);
    expect(total?.costUsd).toBeGreaterThan(0);
    expect(sumOf(samples, "dragoman_cost_usd_total")).toBeCloseTo(total?.costUsd ?? -1, 9);
    expect(sumOf(samples, "dragoman_cache_saved_usd_total")).toBeCloseTo(total?.savedUsd ?? -1, 9);
    expect(total?.savedUsd).toBeGreaterThan(0);
    expect(sumOf(samples, "dragoman_attempts_total")).toBe(total?.attempts);

    for (const { by, costUsd } of await ledger.usage({ by: ["provider", "model"] })) {
      const labels = { provider: by.provider ?? "", model: by.model ?? "" };
      expect(sumOf(samples, "dragoman_cost_usd_total", labels), JSON.stringify(labels)).toBeCloseTo(costUsd, 9);
    }
  });

  it("say how long calls took, how many are under way, and how full a limit is", async () => {
    const served = await serveGatewayFixture(CONFIGURATION);
    await makeCalls(served);
    const samples = await samplesOf(served);
    // A refused call took no time worth counting.
    expect(sumOf(samples, "gen_ai_client_operation_duration_seconds_count")).toBe(7);
    expect(sumOf(samples, "gen_ai_server_time_to_first_token_seconds_count")).toBe(2);
    expect(sumOf(samples, "dragoman_calls_running")).toBe(0);
    expect(sumOf(samples, "dragoman_limit_used_share", { rule: "scarce" })).toBe(1);
  });

  it("show a target that is left alone, and one that is not", async () => {
    const served = await serveGatewayFixture({ ...CONFIGURATION, failing: { attemptsPerTarget: 1, breaker: { failures: 1 } } });
    await makeCalls(served);
    const samples = await samplesOf(served);
    expect(sumOf(samples, "dragoman_target_open", { target: "openai:fault-500" })).toBe(1);
    expect(sumOf(samples, "dragoman_target_open", { target: OPENAI })).toBe(0);
    expect(samples.some(({ name, labels }) => name === "dragoman_target_open" && labels.target === OPENAI)).toBe(true);
  });

  it("have no label that a client fills as it likes", async () => {
    const served = await serveGatewayFixture({ models: { smart: OPENAI } });
    const metadata = { session: "session-of-anna", user: "user-anna", tags: { ticket: "tag-4711" } };
    await served.gateway
      .as({ principal: { key: "k_anna", restrictions: {} }, agent: "agent-of-anna" })
      .complete({ ...asking("smart", "a secret prompt"), metadata });
    await served.gateway.complete(asking("no-such-route-anna")).catch(() => {});
    const { text } = await served.metrics.render();
    expect(text).toContain('route="smart"');
    expect(text).not.toMatch(/anna|4711|secret/);
  });

  it("count the models beyond the first so many as one", async () => {
    const served = await serveGatewayFixture({ directModels: true }, { modelsMax: 3 });
    for (let number = 0; number < 8; number += 1)
      await served.gateway.complete(asking(`openai:made-up-${number}`)).catch(() => {});
    const samples = await samplesOf(served);
    const models = new Set(samples.map(({ labels }) => labels.model).filter((model) => model !== undefined && model !== ""));
    expect(models).toEqual(new Set(["made-up-0", "made-up-1", "made-up-2", "other"]));
    expect(sumOf(samples, "dragoman_attempts_total")).toBe(8);
    expect(samples.filter(({ name }) => name === "dragoman_target_open").length).toBeLessThanOrEqual(3);
  });

  it("are those of calls that ended before the library behind them was there", async () => {
    const metrics = createMetrics({ targets: () => [], standings: () => [], running: () => 0 });
    const served = await serveGatewayFixture({ models: { smart: OPENAI } }, { observers: [metrics.observer] });
    await served.gateway.complete(asking("smart"));
    expect(sumOf(readPrometheusText((await metrics.render()).text), "dragoman_calls_total")).toBe(1);
  });

  it("are for administrators, in Prometheus' own type", async () => {
    const { gateway, url } = await serveGatewayFixture({ models: { smart: OPENAI } });
    const { key } = await gateway.tenancy.createKey({ name: "prometheus", restrictions: { admin: true } }, "test");
    const refused = await fetch(`${url}/metrics`);
    expect(refused.status).toBe(401);
    await refused.text();
    const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${key}` } });
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain; version=/);
    expect(declaredNames(await answer.text())).toContain("dragoman_calls_total");
  });
});
