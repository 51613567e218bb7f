/** Some nodes that share one limit over any store of leases, to be killed, cut off and started again; and a record of what was really used. */
import { DragomanError } from "@dragoman/llm";
import type { LimitRule } from "../../src/configuration.ts";
import type { UsedAmount } from "../../src/ledger/ledger.ts";
import { createMeter } from "../../src/limits/create-meter.ts";
import type { Reservation } from "../../src/limits/meter.ts";
import { createLeasedAllowances, type LeasedAllowances } from "../../src/nodes/leases/create-leased-allowances.ts";
import type { LeaseStore, Renewed } from "../../src/nodes/leases/lease-store.ts";
import type { ManualMeterClock } from "../limits/manual-meter-clock.ts";
import { amounts } from "../limits/metering.ts";

/** How the way to the store is. `deaf`: what is asked is done, and the answer is lost. `late`: it is done after all, when nobody waits for it any more. */
export type Way = "open" | "cut" | "deaf" | "late";

export interface FleetOptions {
  readonly rule: LimitRule;
  readonly leaseMs: number;
  readonly clock: ManualMeterClock;
  readonly storeOf: (node: string) => LeaseStore;
  readonly lateMs?: number;
}

/** What was really used, by which node and when, in requests. */
interface Use {
  readonly node: string;
  readonly at: number;
  units: number;
}

interface FleetNode {
  readonly name: string;
  way: Way;
  allowances: LeasedAllowances;
  meter: ReturnType<typeof createMeter>;
  held: { readonly reservation: Reservation; readonly use: Use }[];
}

export function createFleet({ rule, leaseMs, clock, storeOf, lateMs = 500 }: FleetOptions) {
  const uses: Use[] = [];
  const nodes = new Map<string, FleetNode>();
  const notices: string[] = [];

  /** `file`: of whose uses its ledger knows. */
  function start(name: string, file = name): FleetNode {
    const node = { name, way: "open" as Way, held: [] } as unknown as FleetNode;
    const store = storeOf(name);
    node.allowances = createLeasedAllowances({
      store: overWay(store, () => node.way),
      leaseMs,
      clock,
      random: () => 0,
      notice: ({ event }) => notices.push(`${name} ${event}`),
    });
    node.meter = createMeter({ rules: [rule], clock, allowances: node.allowances.source, restore: usedOf(file) });
    nodes.set(name, node);
    return node;
  }

  /** What the node's own file would say. */
  function usedOf(name: string) {
    return (_metric: unknown, _of: unknown, since: number): UsedAmount => {
      const own = uses.filter((use) => use.node === name && use.at >= since && use.units > 0);
      const perAmount = rule.metric === "usd" ? UNITS_PER_USD : 1;
      return {
        amount: own.reduce((sum, { units }) => sum + units, 0) / perAmount,
        slices: own.map(({ at, units }) => ({ at, amount: units / perAmount })),
      };
    };
  }

  function overWay(store: LeaseStore, way: () => Way): LeaseStore {
    async function go<Result>(ask: () => Promise<Result>): Promise<Result> {
      if (way() === "open") return ask();
      if (way() === "deaf") await ask();
      if (way() === "late") clock.after(lateMs, () => void ask().catch(() => {}));
      throw new Error("the way to the store is cut");
    }
    return {
      register: (takeOver) => go(() => store.register(takeOver)),
      renew: (renewal) => go<Renewed>(() => store.renew(renewal)),
      left: (...asked) => go(() => store.left(...asked)),
      sweep: () => go(() => store.sweep()),
      leave: (epoch) => go(() => store.leave(epoch)),
    };
  }

  function letIn(node: FleetNode, reservation: Reservation, units: number): void {
    const use: Use = { node: node.name, at: clock.wall(), units };
    // One that was killed while it waited uses nothing.
    if (nodes.get(node.name) !== node) return;
    uses.push(use);
    node.held.push({ reservation, use });
  }

  return {
    nodes,
    notices,
    start,
    /** Asks for room for a call of so many units; resolves with whether it got it. */
    async call(name: string, units: number): Promise<boolean> {
      const node = nodes.get(name);
      if (node === undefined) return false;
      try {
        const asked = node.meter.reserve({}, "call", sized(rule, units));
        letIn(node, asked instanceof Promise ? await asked : asked, units);
        return true;
      } catch (thrown) {
        if (!DragomanError.is(thrown)) throw thrown;
        return false;
      }
    },
    /** Takes all that a node may give out without asking anybody. */
    exhaust(name: string): void {
      const node = nodes.get(name);
      for (let units = 64; node !== undefined && units >= 1; ) {
        try {
          const asked = node.meter.reserve({}, "call", sized(rule, units));
          if (!(asked instanceof Promise)) {
            letIn(node, asked, units);
            continue;
          }
          const size = units;
          void asked.then(
            (reservation) => letIn(node, reservation, size),
            () => {},
          );
        } catch (thrown) {
          if (!DragomanError.is(thrown)) throw thrown;
        }
        units /= 4;
      }
    },
    /** The oldest call of a node ends, having used a share of what was set aside for it. */
    settle(name: string, share: number): void {
      const node = nodes.get(name);
      const first = node?.held.shift();
      if (first === undefined) return;
      first.use.units = rule.metric === "concurrency" ? 0 : Math.floor(first.use.units * share);
      first.reservation.settle(sized(rule, first.use.units));
    },
    kill(name: string): void {
      const node = nodes.get(name);
      if (node === undefined) return;
      nodes.delete(name);
      node.way = "cut";
      node.meter.close();
      void node.allowances.close();
      // Its calls are over with it; their room was used as far as anybody knows.
      if (rule.metric === "concurrency") for (const { use } of node.held) use.units = 0;
    },
    async leave(name: string): Promise<void> {
      const node = nodes.get(name);
      if (node === undefined) return;
      nodes.delete(name);
      node.meter.close();
      await node.allowances.close();
    },
    /** What was used within the window that ends now. */
    inWindow(): number {
      const since = rule.window.type === "rolling" ? clock.wall() - rule.window.ms : Number.NEGATIVE_INFINITY;
      return uses.reduce((sum, { at, units }) => (at > since ? sum + units : sum), 0);
    },
  };
}

const UNITS_PER_USD = 1e9;

/** A unit is a token, or a billionth of a dollar. */
function sized({ metric }: LimitRule, units: number) {
  return metric === "usd" ? amounts({ usd: units / UNITS_PER_USD }) : amounts({ inputTokens: units });
}
