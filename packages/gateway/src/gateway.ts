/** What `createGateway` makes: a provider that governs each call, and what stands around it. */
import type { EventLog } from "@dragoman/events";
import type { Provider } from "@dragoman/llm";
import type { TargetView } from "./attempts/target-health.ts";
import type { Caller } from "./caller.ts";
import type { GatewayConfiguration } from "./configuration.ts";
import type { Ledger } from "./ledger/ledger.ts";
import type { Meter } from "./limits/meter.ts";
import type { Router } from "./routing/router.ts";
import type { GatewayObserver } from "./telemetry/observer.ts";
import type { Audit } from "./tenancy/audit/audit.ts";
import type { Tenancy } from "./tenancy/tenancy.ts";

/** Called as it is, it acts for the process itself (`LOCAL`). */
export interface Gateway extends Provider {
  /** The same, on behalf of a caller: what its key may use, within its limits, on its account. */
  as(caller: Caller): Provider;
  readonly configuration: GatewayConfiguration;
  readonly ledger: Ledger;
  readonly meter: Meter;
  readonly tenancy: Tenancy;
  /** Who did what: every change of keys and teams, and every request that was refused for administration. */
  readonly audit: Audit;
  /** What keys, teams and the audit are kept in. */
  readonly log: EventLog;
  readonly router: Router;
  /** Its name among the nodes that share a ledger. */
  readonly node: string;
  /** All its observers as one: for what stands before it, as a server, to tell what becomes no call. Never throws. */
  readonly observer: Required<GatewayObserver>;
  /** False once it is stopping. */
  readonly accepting: boolean;
  /** Calls under way. */
  readonly running: number;
  /** How each target stands. */
  health(): readonly TargetView[];
  /** Another configuration, from the next call on; calls under way end as they began. Rejects with `configuration`, and then nothing has changed. */
  reconfigure(configuration: GatewayConfiguration): Promise<void>;
  /** Resolves when no call is under way, or after the limit; then further calls are refused with `provider_unavailable`. */
  drain(limitMs: number): Promise<{ readonly cut: number }>;
  close(): Promise<void>;
}
