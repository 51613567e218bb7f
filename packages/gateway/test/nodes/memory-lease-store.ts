/**
 * A model of the leases, without SQL: what `renew_leases` and the sweeps of PostgreSQL are to come to, told once more in the plainest way. Its
 * time is the test's.
 */
import type { LeaseAnswer, LeaseAsked, LeaseStore, Renewal, Renewed } from "../../src/nodes/leases/lease-store.ts";

interface Holder {
  epoch: number;
  turn: number;
  since: number;
  expiresAt: number;
  gone: boolean;
}

interface Lease {
  readonly counter: string;
  readonly node: string;
  epoch: number;
  units: number;
  used: number;
  leavesAt: number;
  orphan: boolean;
}

export interface LeaseModel {
  storeOf(node: string): LeaseStore;
  /** What was taken back from nodes that had not said it to be in use: by so much a limit may be exceeded, and by no more. */
  readonly takenBack: readonly number[];
  committed(): number;
  readonly leases: readonly Lease[];
}

export function createLeaseModel({ leaseMs, now }: { readonly leaseMs: number; readonly now: () => number }): LeaseModel {
  const nodes = new Map<string, Holder>();
  const names = new Map<string, string>();
  let leases: Lease[] = [];
  const takenBack: number[] = [];

  const living = (): number => [...nodes.values()].filter(({ gone, expiresAt }) => !gone && expiresAt > now()).length;
  const sum = (of: readonly Lease[], name: "units" | "used"): number => of.reduce((total, lease) => total + lease[name], 0);

  function renewOne(node: string, epoch: number, count: number, asked: LeaseAsked): LeaseAnswer {
    const { counter, amount, used, need, demand, wanted, leavesInMs, released } = asked;
    const others = leases.filter((lease) => lease.counter === counter && lease.node !== node);
    const own = leases.find((lease) => lease.counter === counter && lease.node === node)?.units ?? 0;
    const available = amount - sum(others, "units");
    const fair = need > available ? 0 : Math.min(wanted, need + Math.ceil((available - need) / (count + 1)));
    const units = released ? used : Math.max(used, Math.min(wanted, own), fair);
    leases = leases.filter((lease) => !(lease.counter === counter && lease.node === node));
    const reported = released ? used : Math.max(used, Math.min(demand, units));
    if (units > 0) leases.push({ counter, node, epoch, units, used: reported, leavesAt: now() + leavesInMs, orphan: released });
    return { units, elsewhere: sum(others, "used"), free: available - units };
  }

  function renew(node: string, { epoch, turn, nodes: count, countNodes, leases: asked, looks: seen }: Renewal): Renewed {
    const holder = nodes.get(node);
    if (holder === undefined || holder.epoch !== epoch || holder.gone || turn <= holder.turn) return { fenced: true };
    holder.turn = turn;
    holder.expiresAt = now() + leaseMs;
    const looks = seen.map((counter) =>
      sum(
        leases.filter((lease) => lease.counter === counter && lease.node !== node),
        "used",
      ),
    );
    for (const { counter, name } of asked) if (name !== undefined && !names.has(counter)) names.set(counter, name);
    const answers = asked.map((one) => renewOne(node, epoch, count, one));
    return { fenced: false, leases: answers, nodes: countNodes ? living() : undefined, looks };
  }

  function sweep(): number {
    let swept = 0;
    for (const holder of nodes.values()) {
      if (holder.gone || holder.expiresAt >= now()) continue;
      holder.gone = true;
      holder.epoch += 1;
    }
    for (const lease of leases) {
      const holder = nodes.get(lease.node);
      if (holder === undefined || lease.orphan || lease.epoch >= holder.epoch) continue;
      if (!holder.gone && holder.since >= now() - leaseMs) continue;
      takenBack.push(lease.units - lease.used);
      lease.units = lease.used;
      lease.orphan = true;
      swept += 1;
    }
    leases = leases.filter(({ orphan, leavesAt }) => !orphan || leavesAt >= now());
    return swept;
  }

  function storeOf(node: string): LeaseStore {
    return {
      async register(takeOver) {
        const known = nodes.get(node);
        if (known !== undefined && !takeOver && !known.gone && known.expiresAt >= now()) return undefined;
        const epoch = (known?.epoch ?? 0) + 1;
        nodes.set(node, { epoch, turn: 0, since: now(), expiresAt: now() + leaseMs, gone: false });
        return { epoch, nodes: living() };
      },
      renew: async (renewal) => renew(node, renewal),
      left: async (after, countMax) =>
        leases
          .filter((lease) => lease.node === node && lease.counter > after)
          .toSorted((one, other) => (one.counter < other.counter ? -1 : 1))
          .slice(0, countMax)
          .map(({ counter, used }) => ({ counter, name: names.get(counter), used })),
      sweep: async () => sweep(),
      async leave(epoch) {
        const holder = nodes.get(node);
        if (holder?.epoch === epoch) holder.expiresAt = Number.NEGATIVE_INFINITY;
      },
    };
  }

  return {
    storeOf,
    takenBack,
    committed: () => sum(leases, "units"),
    get leases() {
      return leases;
    },
  };
}
