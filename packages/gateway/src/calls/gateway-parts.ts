/** What every governed call works with. Made once by `createGateway`; calls and configurations come and go. */
import type { Clock, CompletionCall, Provider, Registry } from "@dragoman/llm";
import type { TargetHealth } from "../attempts/target-health.ts";
import type { GatewayConfiguration } from "../configuration.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Estimator } from "../limits/estimate.ts";
import type { Meter } from "../limits/meter.ts";
import type { Router } from "../routing/router.ts";
import type { GatewayObserver } from "../telemetry/observer.ts";
import type { Tenancy } from "../tenancy/tenancy.ts";

export interface GatewayParts {
  readonly node: string;
  readonly ledger: Ledger;
  /** Keeps what was asked and answered. Absent: that is not wanted. */
  readonly keepContent?: (id: string, call: CompletionCall, answer: string) => void;
  readonly meter: Meter;
  readonly estimator: Estimator;
  readonly tenancy: Tenancy;
  readonly health: TargetHealth;
  readonly observer: Required<GatewayObserver>;
  /** Milliseconds that never go back. */
  readonly clock: Pick<Clock, "now">;
  /** Milliseconds since 1970. */
  readonly time: () => number;
}

/** What one configuration comes to. A call keeps the one that it began with. */
export interface Frame {
  readonly configuration: GatewayConfiguration;
  readonly registry: Registry;
  readonly router: Router;
  /** What answers a call: the targets of its plan, behind the response cache where there is one. */
  readonly answering: Pick<Provider, "complete" | "stream">;
  /** The calls that are under way in it. */
  readonly running: RunningCalls;
  /** Closes its own providers once no call is under way in it, or the limit is over. */
  retire(limitMs: number): Promise<{ readonly cut: number }>;
}

export interface RunningCalls {
  readonly count: number;
  readonly accepting: boolean;
  /** Throws `provider_unavailable` once the gateway takes no more calls. */
  enter(signal: AbortSignal | undefined): RunningCall;
  /** Takes no more, and resolves when none is under way or the limit is over. A limit of 0 ends every wait that is on. */
  drain(limitMs: number): Promise<{ readonly cut: number }>;
  /** Aborts what is under way, and waits a moment until it is settled. */
  cut(): Promise<void>;
}

export interface RunningCall {
  /** Aborted when the caller's is, or when the call is cut. */
  readonly signal: AbortSignal;
  leave(): void;
}
