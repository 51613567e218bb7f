/**
 * What holds where nobody says otherwise. The forms take their defaults from here, so that each is said once; and a gateway without a
 * configuration of its own takes the whole, without loading what reads and checks one.
 */
import type { GatewayConfiguration } from "../configuration.ts";

export const STANDARD_CONFIGURATION: GatewayConfiguration = {
  server: {
    host: "127.0.0.1",
    port: 4242,
    requireKey: undefined,
    allowedOrigins: [],
    trustedProxies: [],
    bodyBytesMax: 32 * 1024 * 1024,
    requestTimeoutMs: 120_000,
    connectionsMax: 10_000,
    unreadMsMax: 120_000,
    callsPerKeyMax: 200,
    drainMs: 30_000,
  },
  store: { type: "memory" },
  providers: {},
  models: {},
  agents: {},
  teams: {},
  keys: {},
  limits: [],
  cache: { enabled: false, store: "memory", timeToLiveMs: 300_000, scope: "team" },
  failing: {
    attemptsPerTarget: 2,
    attemptsMax: 6,
    waitMaxMs: 2_000,
    commit: "first-token",
    // Each with its reason in docs/failing-well.md.
    timeouts: { connectMs: 5_000, firstByteMs: 300_000, firstTokenMs: 120_000, idleMs: 120_000 },
    breaker: { failures: 5, share: 0.5, windowMs: 60_000, openMs: 10_000, openMsMax: 300_000 },
  },
  ledger: { retentionDays: 400, content: false },
  telemetry: { logLevel: "info", logFormat: undefined, metrics: true, traces: undefined },
  preferred: {},
  directModels: true,
};
