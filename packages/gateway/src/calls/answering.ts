/** What answers a governed call: the targets of its plan in turn, as the library's `fallback` takes them. */
import { type CompletionCall, fallback, type Provider, type StreamEvent, type Target, type Timeouts } from "@dragoman/llm";
import type { FailingConfiguration } from "../configuration.ts";
import type { PlannedTarget } from "../routing/router.ts";
import { governedOf } from "./call-context.ts";
import type { GovernedCall } from "./governed-call.ts";

/** Id of the gateway where a provider has one. */
export const GATEWAY_ID = "dragoman";

export interface AnsweringOptions {
  readonly failing: FailingConfiguration;
  /** What the configuration says of a provider's own deadlines. */
  readonly providerTimeouts: (provider: string) => Timeouts | undefined;
  readonly targetProvider: (target: PlannedTarget, attemptsPerTarget: number | undefined) => Provider;
}

/** The targets of a plan, made ready to be asked in turn. */
interface KnownChain {
  readonly providers: readonly Provider[];
  readonly chain: Provider;
}

/** Direct models are named by clients, so their number is theirs to choose. */
const CHAINS_MAX = 1_000;

/** All that a chain is made of, but for the providers themselves. */
function nameOf({ plan: { route = "", targets, commit, attemptsPerTarget }, caller }: GovernedCall): string {
  let name = `${route}\n${JSON.stringify(commit)}\n${attemptsPerTarget}\n${caller.dialect === undefined}`;
  for (const target of targets) name += `\n${target.role} ${target.name}`;
  return name;
}

function isOf({ providers }: KnownChain, targets: readonly PlannedTarget[]): boolean {
  return targets.every(({ provider }, index) => providers[index] === provider);
}

/** `complete` and `stream` of a provider whose every call is governed. */
export function createAnswering({
  failing,
  providerTimeouts,
  targetProvider,
}: AnsweringOptions): Pick<Provider, "complete" | "stream"> {
  const known = new Map<string, KnownChain>();

  /** Most calls of a route have the plan of the one before, and no deadlines of their own. */
  function chainOf(governed: GovernedCall, call: CompletionCall): Provider {
    const { targets } = governed.plan;
    if (call.timeouts !== undefined) return newChain(governed, call);
    const name = nameOf(governed);
    const earlier = known.get(name);
    if (earlier !== undefined && isOf(earlier, targets)) return earlier.chain;
    const chain = newChain(governed, call);
    if (known.size >= CHAINS_MAX) known.clear();
    known.set(name, { providers: targets.map(({ provider }) => provider), chain });
    return chain;
  }

  function newChain(governed: GovernedCall, call: CompletionCall): Provider {
    const { plan, caller } = governed;
    const targets = plan.targets.map((target): Target => {
      const { provider, model, timeouts, role } = target;
      return {
        provider: targetProvider(target, plan.attemptsPerTarget),
        model,
        account: provider,
        // The caller's own before the route's before the provider's before the gateway's.
        timeouts: { ...failing.timeouts, ...providerTimeouts(provider.id), ...timeouts, ...call.timeouts },
        ...(role === "overflow" ? { forOverflow: true } : {}),
      };
    });
    return fallback(targets, {
      id: GATEWAY_ID,
      commit: plan.commit ?? failing.commit,
      // A client on the wire cannot take back what it has; a program is told by `restart`.
      afterCommit: caller.dialect === undefined ? "restart" : "fail",
    });
  }

  return {
    complete: (call) => chainOf(governedOf(call), call).complete(call),
    stream: (call): AsyncIterable<StreamEvent> => chainOf(governedOf(call), call).stream(call),
  };
}
