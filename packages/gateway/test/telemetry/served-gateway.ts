/** The gateway fixture behind HTTP, with its figures, as `dragoman serve` puts it together. */
import { onTestFinished } from "vitest";
import { createServer } from "../../src/http/server.ts";
import { createMetrics, type Metrics, type MetricsOptions } from "../../src/telemetry/metrics.ts";
import type { GatewayObserver } from "../../src/telemetry/observer.ts";
import { type GatewayFixture, startGatewayFixture } from "../calls/gateway-fixture.ts";

export interface ServedGateway extends GatewayFixture {
  readonly url: string;
  readonly metrics: Metrics;
  /** A chat completion over HTTP. */
  chat(model: string, body?: object, headers?: Readonly<Record<string, string>>): Promise<Response>;
}

export interface ServedOptions extends NonNullable<Parameters<typeof startGatewayFixture>[1]> {
  readonly observers?: readonly GatewayObserver[];
  readonly modelsMax?: MetricsOptions["modelsMax"];
}

export async function serveGatewayFixture(
  configuration: Parameters<typeof startGatewayFixture>[0] = {},
  { observers = [], modelsMax, ...options }: ServedOptions = {},
): Promise<ServedGateway> {
  const metrics = createMetrics({
    targets: () => fixture.gateway.health(),
    standings: () => fixture.gateway.meter.standings(),
    running: () => fixture.gateway.running,
    ...(modelsMax === undefined ? {} : { modelsMax }),
  });
  const fixture: GatewayFixture = await startGatewayFixture(configuration, {
    sleep: async () => {},
    ...options,
    observers: [metrics.observer, ...observers],
  });
  const server = createServer({ gateway: fixture.gateway, metrics });
  const url = await server.listen({ port: 0 });
  onTestFinished(() => server.close());
  return {
    ...fixture,
    url,
    metrics,
    chat: (model, body = {}, headers = {}) =>
      fetch(`${url}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify({ model, messages: [{ role: "user", content: "hello" }], ...body }),
      }),
  };
}
