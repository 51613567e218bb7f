/** What every governed call works with. Made once by `createGateway`; calls and configurations come and go. */
import type { Clock, DragomanError, Provider, Registry } from "@dragoman/llm";
import type { TargetHealth } from "../attempts/target-health.ts";
import type { GatewayConfiguration } from "../configuration.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Estimator } from "../limits/estimate.ts";
import type { Meter } from "../limits/meter.ts";
import type { PlannedTarget, Router } from "../routing/router.ts";
import type { GatewayObserver } from "../telemetry/observer.ts";
import type { Tenancy } from "../tenancy/tenancy.ts";

export interface GatewayParts {
  readonly node: string;
  readonly ledger: Ledger;
  readonly meter: Meter;
  readonly estimator: Estimator;
  readonly tenancy: Tenancy;
  readonly health: TargetHealth;
  readonly observer: Required<GatewayObserver>;
  /** Milliseconds that never go back. */
  readonly clock: Pick<Clock, "now">;
  /** Milliseconds since 1970. */
  readonly time: () => number;
  /** The calls that are under way. */
  readonly running: RunningCalls;
}

/** What one configuration comes to. A call keeps the one that it began with. */
export interface Frame {
  readonly configuration: GatewayConfiguration;
  readonly registry: Registry;
  readonly router: Router;
  /** The target, with its breaker, its limits and its record around it. */
  targetProvider(target: PlannedTarget): Provider;
  /** What answers a call: the targets of its plan, behind the response cache where there is one. */
  readonly answering: Provider;
}

export interface RunningCalls {
  readonly count: number;
  /** Throws `provider_unavailable` once the gateway takes no more calls. */
  enter(): void;
  leave(): void;
}

/** Errors of our own making: another attempt at the same target would meet them again. */
export interface OwnErrors {
  add(error: DragomanError): DragomanError;
  has(error: DragomanError): boolean;
}
