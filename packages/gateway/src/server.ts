/**
 * `@dragoman/gateway/server`: a gateway and the server before it, for a program that has its configuration already. The package's main
 * entry has all of this as well, and what reads, checks and writes configurations beside it, which takes more memory than all the rest.
 */
export { STANDARD_CONFIGURATION } from "./config/standard-configuration.ts";
export { createGateway, type GatewayOptions } from "./create-gateway.ts";
export type { Gateway } from "./gateway.ts";
export { createServer, DEFAULT_PORT, type DragomanServer, type ServerOptions, type ServerSettings } from "./http/server.ts";
export { createLog, type LogOptions } from "./telemetry/log.ts";
export { createMetrics, type Metrics, type MetricsOptions } from "./telemetry/metrics.ts";
export type { FailedRequest, GatewayObserver, Notice } from "./telemetry/observer.ts";
export { createTraces } from "./telemetry/traces.ts";
