/** Who may answer a call, for policies that choose among several: `fallback` and `route`. */
import { type Capabilities, type CapabilityFacts, withCapabilities } from "../capabilities.ts";
import type { CompletionCall, Provider } from "../provider.ts";
import type { Timeouts } from "../request.ts";

/** A provider, and which of its models is asked. */
export interface Target {
  readonly provider: Provider;
  /** Default: the model that the call names. */
  readonly model?: string;
  /** Laid over those of the call: how long this target may take. */
  readonly timeouts?: Timeouts;
  /**
   * What the owner knows better than the provider, as in `{ jsonSchema: true }` for a model wrapped in `structuredOutput`.
   */
  readonly capabilities?: CapabilityFacts;
  /** True: `fallback` asks it only once another target's context window has overflowed. Default false. */
  readonly forOverflow?: boolean;
  /** What stands and falls together: targets of one account are passed over once its key is dead. Default: the provider. */
  readonly account?: object;
}

export function toTarget(target: Provider | Target): Target {
  return "provider" in target ? target : { provider: target };
}

export function targetModel(target: Target, asked: string): string {
  return target.model ?? asked;
}

export function targetCapabilities(target: Target, asked: string): Capabilities {
  const known = target.provider.capabilities(targetModel(target, asked));
  return target.capabilities === undefined ? known : withCapabilities(known, target.capabilities, "configuration");
}

/** As `provider:model`, for reports. */
export function targetName(target: Target, asked: string): string {
  return `${target.provider.id}:${targetModel(target, asked)}`;
}

/** The call as it goes to this target. */
export function callTo(target: Target, call: CompletionCall): CompletionCall {
  const model = targetModel(target, call.model);
  if (target.timeouts === undefined) return { ...call, model };
  return { ...call, model, timeouts: { ...call.timeouts, ...target.timeouts } };
}

/** Closes each provider once, also when another fails to close; then throws what failed. */
export async function closeAll(targets: readonly Target[]): Promise<void> {
  const providers = new Set(targets.map(({ provider }) => provider));
  const closing = [...providers].map(async (provider) => provider.close?.());
  const failures = (await Promise.allSettled(closing)).flatMap((one) =>
    one.status === "rejected" ? [one.reason as unknown] : [],
  );
  if (failures.length > 0) throw failures.length === 1 ? failures[0] : new AggregateError(failures, "providers failed to close");
}
