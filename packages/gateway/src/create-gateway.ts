/**
 * A gateway of its configuration: makes the parts, and one frame for each configuration that it is given. Calls go through
 * `calls/govern.ts`; this file only puts together and takes apart.
 */
import { hostname } from "node:os";
import type { EventLog } from "@dragoman/events";
import { DragomanError, type Registry, resolveSecret, type SecretReference, systemClock, toDragomanError } from "@dragoman/llm";
import { createTargetHealth } from "./attempts/create-target-health.ts";
import { openResponseStore } from "./cache/open-response-store.ts";
import type { ClosableResponseStore } from "./cache/sqlite-response-store.ts";
import { type Caller, LOCAL } from "./caller.ts";
import { createContentKeeper } from "./calls/content-keeper.ts";
import { createFrame, type FrameOptions } from "./calls/create-frame.ts";
import type { Frame, GatewayParts } from "./calls/gateway-parts.ts";
import { govern } from "./calls/govern.ts";
import type { GatewayConfiguration } from "./configuration.ts";
import type { Gateway } from "./gateway.ts";
import type { Ledger } from "./ledger/ledger.ts";
import { createEstimator } from "./limits/create-estimator.ts";
import { createMeter } from "./limits/create-meter.ts";
import { createRouterMemory } from "./routing/create-router.ts";
import { openStore } from "./store/open-store.ts";
import { combineObservers } from "./telemetry/combine-observers.ts";
import type { GatewayObserver } from "./telemetry/observer.ts";
import { createAudit } from "./tenancy/audit/audit.ts";
import { createTenancy } from "./tenancy/create-tenancy.ts";

export interface GatewayOptions {
  /** Providers where the configuration names none: made by a program, or found on this machine. Its owner closes it, and may add to it. */
  readonly registry?: Registry;
  /** Where packages and relative files are looked for. Default: the working directory. */
  readonly folder?: string;
  /** Default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly observers?: readonly GatewayObserver[];
  /** Default: as `store` of the configuration says. */
  readonly ledger?: Ledger;
  readonly log?: EventLog;
  /** Between 0 and 1. Default `Math.random`. */
  readonly random?: () => number;
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly time?: () => number;
  /** Waits before an attempt is repeated, or rejects with the signal's reason. Default: a timer. */
  readonly sleep?: (delayMs: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** Rejects with `configuration`; nothing is left open then. */
export async function createGateway(configuration: GatewayConfiguration, options: GatewayOptions = {}): Promise<Gateway> {
  const { time = Date.now } = options;
  const observer = combineObservers(options.observers ?? []);
  const node = nodeName(configuration);
  const store = await openStore(configuration.store, {
    ...options,
    content: configuration.ledger.content,
    notice: observer.noticed,
  });
  // Before limits begin with what the ledger knows.
  const interrupted = store.ledger.recover();
  const contents =
    configuration.ledger.content && store.keepContent !== undefined
      ? createContentKeeper(store.keepContent, observer)
      : undefined;
  const secretSources = options.environment === undefined ? {} : { environment: options.environment };
  const audit = createAudit(store.log, { clock: time });
  let frame: Frame;
  const parts: GatewayParts = {
    node,
    ledger: store.ledger,
    ...(contents === undefined ? {} : { keepContent: contents.keep }),
    meter: createMeter({
      rules: configuration.limits,
      restore: store.ledger.used,
      ...(store.allowances === undefined ? {} : { allowances: store.allowances }),
      onWarning: ({ type, message }) => observer.noticed({ level: "warn", event: `limit.${type}`, message }),
    }),
    estimator: createEstimator(),
    tenancy: await createTenancy({
      log: store.log,
      configuration,
      pepper: store.pepper,
      audit,
      secrets: (reference) => resolveSecret(reference as SecretReference, secretSources),
      clock: time,
      notice: observer.noticed,
    }),
    health: createTargetHealth({
      breaker: () => frame.configuration.failing.breaker,
      time,
      onChange: (target, state, reason) =>
        observer.noticed({
          level: state === "open" ? "warn" : "info",
          event: `target.${state}`,
          message: `${target}: ${reason}`,
        }),
    }),
    observer,
    clock: systemClock,
    time,
  };
  const memory = createRouterMemory();
  let responses = await openResponses(configuration);
  /** Of configurations that were replaced, for as long as calls are under way in them. */
  const replaced = new Map<Frame, Promise<unknown>>();
  frame = await createFrame(parts, configuration, withResponses(responses), memory);
  for (const record of interrupted) observer.callClosed(record);

  async function reconfigure(next: GatewayConfiguration): Promise<void> {
    if (!frame.running.accepting) throw stopping();
    const kept = isSameCache(next, frame.configuration);
    const opened = kept ? responses : await openResponses(next);
    const made = await createFrame(parts, next, withResponses(opened), memory);
    await parts.tenancy.configure(next);
    const before = frame;
    // It may have begun to stop meanwhile.
    if (!before.running.accepting) void made.running.drain(0);
    const unused = kept ? undefined : responses;
    frame = made;
    responses = opened;
    parts.meter.configure(next.limits);
    for (const provider of changedProviders(before.configuration, next)) parts.health.forget(provider);
    // Calls under way end as they began.
    const retiring = before
      .retire(RETIRE_MS)
      .then(() => unused?.close())
      .catch((thrown: unknown) => notice(toDragomanError(thrown)));
    replaced.set(before, retiring);
    void retiring.finally(() => replaced.delete(before));
  }

  function framesInUse(): readonly Frame[] {
    return [frame, ...replaced.keys()];
  }

  async function drain(limitMs: number): Promise<{ readonly cut: number }> {
    const ended = await Promise.all(framesInUse().map(({ running }) => running.drain(limitMs)));
    return { cut: ended.reduce((sum, { cut }) => sum + cut, 0) };
  }

  function openResponses({ cache, store: kept }: GatewayConfiguration): Promise<ClosableResponseStore | undefined> {
    return openResponseStore(cache, kept, {
      time,
      shared: store.openResponses,
      onError: (message) => observer.noticed({ level: "warn", event: "cache.store-failed", message }),
    });
  }

  function withResponses(opened: ClosableResponseStore | undefined): FrameOptions {
    return opened === undefined ? options : { ...options, responses: opened };
  }

  function notice(error: DragomanError): void {
    observer.noticed({ level: "warn", event: "provider.not-closed", message: error.message, error });
  }

  const current = (): Frame => frame;
  const local = govern(parts, current, { principal: LOCAL });
  return {
    ...local,
    as: (caller: Caller) => govern(parts, current, caller),
    get configuration() {
      return frame.configuration;
    },
    get router() {
      return frame.router;
    },
    get accepting() {
      return frame.running.accepting;
    },
    get running() {
      return framesInUse().reduce((sum, { running }) => sum + running.count, 0);
    },
    ledger: parts.ledger,
    meter: parts.meter,
    tenancy: parts.tenancy,
    audit,
    log: store.log,
    node,
    observer,
    health: () => parts.health.view(),
    reconfigure,
    drain,
    close: async () => {
      parts.meter.close();
      await Promise.all(framesInUse().map((one) => one.retire(0)));
      await Promise.all(replaced.values());
      await responses?.close();
      await parts.tenancy.close();
      await contents?.settled();
      await store.close();
    },
  };
}

function stopping(): DragomanError {
  return new DragomanError({ code: "provider_unavailable", detail: "the gateway is stopping and takes no other configuration" });
}

/** Another key or address may be well where the one before was not. */
function changedProviders(
  { providers: before }: GatewayConfiguration,
  { providers: next }: GatewayConfiguration,
): readonly string[] {
  return Object.keys(next).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(next[name]));
}

function isSameCache(next: GatewayConfiguration, before: GatewayConfiguration): boolean {
  const { enabled, store } = next.cache;
  return enabled === before.cache.enabled && JSON.stringify(store) === JSON.stringify(before.cache.store);
}

/** How long the providers of a configuration that was replaced stay open for its calls. */
const RETIRE_MS = 600_000;

function nodeName({ store }: GatewayConfiguration): string {
  return store.type === "postgres" ? store.node : hostname();
}
