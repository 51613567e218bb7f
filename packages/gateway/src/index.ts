/** `@dragoman/gateway`: every public name, listed by hand. */

export type { TargetHealth, TargetView } from "./attempts/target-health.ts";
export { type Caller, LOCAL, type Principal, tenantOf } from "./caller.ts";
// Configuration
export * from "./config/index.ts";
export type * from "./configuration.ts";
export { createGateway, type GatewayOptions } from "./create-gateway.ts";
export {
  DISCOVERY_VARIABLES,
  type Discovery,
  type DiscoveryOptions,
  discoverProviders,
  type Finding,
  KNOWN_PROVIDERS,
} from "./discover.ts";
export type { Gateway } from "./gateway.ts";
// The HTTP server
export { createIngress, type Ingress, type IngressRoute, type Operation } from "./http/ingress.ts";
export { createServer, DEFAULT_PORT, type DragomanServer, type ServerOptions, type ServerSettings } from "./http/server.ts";
// The ledger
export * from "./ledger/index.ts";
// Limits and budgets
export { createMeter, type MeterOptions } from "./limits/create-meter.ts";
export type * from "./limits/meter.ts";
export type * from "./routing/router.ts";
// Seen from outside
export { createLog, type LogOptions } from "./telemetry/log.ts";
export { createMetrics, type Metrics, type MetricsOptions } from "./telemetry/metrics.ts";
export type { FailedRequest, GatewayObserver, Notice } from "./telemetry/observer.ts";
export { createTraces } from "./telemetry/traces.ts";
export * from "./tenancy/index.ts";
