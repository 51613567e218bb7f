/** A gateway in a process of its own that makes calls, to be killed in the middle of them. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { until } from "../nodes/gateway-nodes.ts";
import { HOLDER } from "./keys.ts";
import type { WireGatewayOptions } from "./wire-gateway.ts";
import type { WireCall } from "./wire-plan.ts";

export interface MoneyOrder extends Pick<WireGatewayOptions, "store" | "urls" | "rules"> {
  /** Of the names of its calls. */
  readonly letter: string;
  readonly seed: number;
  readonly count: number;
}

export type FromMoneyProcess =
  | { readonly ready: true }
  | { readonly begun: string }
  | { readonly ended: string; readonly answered: boolean }
  | { readonly leaseLost: true }
  | { readonly done: true };

/** What a node notices whose leases were taken from it, as it was not heard of for too long. */
export const LEASE_LOST = "limits.lease-lost";

/** The call that is under way for as long as the process lives, and its name. */
export const HELD: WireCall = {
  key: HOLDER,
  trouble: "none",
  fallsBack: false,
  way: "stream",
  words: 8,
  leaves: undefined,
  atOnce: 1,
};
export const heldCall = (letter: string): string => `call-${letter}99999`;

export interface MoneyProcess {
  /** Calls of which it has told: that they were about to begin, that they ended, that they had an answer. */
  readonly begun: ReadonlySet<string>;
  readonly ended: ReadonlySet<string>;
  readonly answered: ReadonlySet<string>;
  readonly leasesLost: number;
  /** Has it make its calls. */
  go(): void;
  /** Resolves when so many have ended. Rejects when it dies before, or after half a minute. */
  untilEnded(count: number): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

/** Resolves when it is ready. */
export async function startMoneyProcess(
  order: MoneyOrder,
  environment: Readonly<Record<string, string>> = {},
): Promise<MoneyProcess> {
  const child = fork(join(import.meta.dirname, "processes", "money-node.ts"), [JSON.stringify(order)], {
    env: { ...process.env, ...environment },
    execArgv: [],
  });
  const begun = new Set<string>();
  const ended = new Set<string>();
  const answered = new Set<string>();
  let leasesLost = 0;
  child.on("message", (told: FromMoneyProcess) => {
    if ("leaseLost" in told) leasesLost += 1;
    if ("begun" in told) begun.add(told.begun);
    if (!("ended" in told)) return;
    ended.add(told.ended);
    if (told.answered) answered.add(told.ended);
  });
  const early = once(child, "exit").then(() => Promise.reject(new Error("the process ended before it was ready")));
  await Promise.race([once(child, "message"), early]);
  early.catch(() => {});
  return {
    begun,
    ended,
    answered,
    get leasesLost() {
      return leasesLost;
    },
    go: () => void child.send("go"),
    untilEnded(count) {
      const hasEnded = (): boolean => {
        if (child.exitCode !== null || child.signalCode !== null) throw new Error("the process ended in the midst of it");
        return ended.size >= count;
      };
      return until(hasEnded, `${count} calls have ended`, 30_000);
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
  };
}
