/** `@dragoman/gateway`: every public name, listed by hand. */
export {
  DISCOVERY_VARIABLES,
  type Discovery,
  type DiscoveryOptions,
  discoverProviders,
  type Finding,
  KNOWN_PROVIDERS,
} from "./discover.ts";
export { createIngress, type Ingress, type IngressRoute, type Operation } from "./http/ingress.ts";
export { createServer, DEFAULT_PORT, type DragomanServer, type ServerOptions } from "./http/server.ts";
