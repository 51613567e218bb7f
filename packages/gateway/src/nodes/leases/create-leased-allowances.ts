/**
 * Limits that several nodes share. Each node leases a slice of every counter that it uses and spends it on its own, so no call waits for
 * PostgreSQL while there is room; in the background the slices are renewed, what was spent is told and what is spare is given back, all
 * counters of a node in one statement.
 *
 * There is a round every third of a lease. In between, the node asks when a slice runs low or a call finds no room. At most one statement is
 * under way; what comes meanwhile goes with the next. docs/scaling.md has the arithmetic, the bound, and what happens when things fail.
 */
import { DragomanError, toDragomanError } from "@dragoman/llm";
import type { Allowance, AllowanceOf, AllowanceSource, FindLeft } from "../../limits/allowance.ts";
import { type MeterClock, systemMeterClock } from "../../limits/meter-clock.ts";
import type { Notice } from "../../telemetry/observer.ts";
import { counterName } from "./counter-name.ts";
import type { LeaseAsked, LeaseStore, Renewed } from "./lease-store.ts";
import { LeasedAllowance, type LeaseRound } from "./leased-allowance.ts";
import { leavesIn } from "./leaves-in.ts";
import { createLeftCounters } from "./left-counters.ts";

export interface LeasedAllowancesOptions {
  readonly store: LeaseStore;
  /** How long the node is taken to live without a word of it. Milliseconds. */
  readonly leaseMs: number;
  readonly clock?: MeterClock;
  /** Between 0 and 1. Default `Math.random`. */
  readonly random?: () => number;
  readonly notice?: (notice: Notice) => void;
}

export interface LeasedAllowances {
  readonly source: AllowanceSource;
  /** How it stands with the store: for figures. */
  readonly standing: LeaseStanding;
  /** Gives back what is not in use, and the node's lease; waits no longer than two seconds for that. */
  close(): Promise<void>;
}

export interface LeaseStanding {
  readonly nodes: number;
  /** Counters of which something is held. */
  readonly counters: number;
  /** The store does not answer. */
  readonly isCutOff: boolean;
  /** Statements since the beginning. */
  readonly statements: number;
}

/** A round every so many parts of a lease: two may fail before it ends. */
const ROUNDS_A_LEASE = 3;
/** Counters that go with one statement. */
const BATCH_MAX = 500;
/** Counters at rest of which one round brings what others use: of one node, and of all together, so that many nodes do not ask more of the server than some. */
const LOOKS_MAX = 500;
const LOOKS_OF_ALL_MAX = 20_000;
/** Between two statements outside of rounds, so that a node never sends more than a hundred a second. Milliseconds. */
const GAP_MS = 10;
const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 1_000;
const CLOSE_MS = 2_000;
/** Of a cluster, how many nodes look for dead ones in each round, in the mean. */
const SWEEPERS = 3;

export function createLeasedAllowances(options: LeasedAllowancesOptions): LeasedAllowances {
  const { store, leaseMs, clock = systemMeterClock, random = Math.random, notice = () => {} } = options;
  const roundMs = leaseMs / ROUNDS_A_LEASE;
  const leases = new Map<string, LeasedAllowance>();
  const asking = new Set<LeasedAllowance>();
  const left = createLeftCounters(store);
  let isLeftDue = false;
  /** Of counters that were left, and that no call has asked for since. */
  const takenUp = new Set<LeasedAllowance>();
  let looking = leases.values();
  let epoch: number | undefined;
  let hasStarted = false;
  let turn = 0;
  let isFirst = true;
  let isClosed = false;
  let isCutOff = false;
  let isBeatDue = true;
  let nodes = 1;
  let statements = 0;
  /** Since when every statement was answered. */
  let inContactSince = Number.POSITIVE_INFINITY;
  let lastSentAt = Number.NEGATIVE_INFINITY;
  let retryMs = RETRY_FIRST_MS;
  let underWay: Promise<void> | undefined;
  let next: { readonly at: number; readonly cancel: () => void } | undefined;
  let cancelRound: (() => void) | undefined;

  const round: LeaseRound = {
    now: clock.now,
    get nodes() {
      return nodes;
    },
    get isCutOff() {
      return isCutOff;
    },
    ask(lease) {
      asking.add(lease);
      if (!isCutOff) schedule(Math.max(0, lastSentAt + GAP_MS - clock.now()));
    },
    forget(lease) {
      if (lease.isEmpty) drop(lease);
      else if (!isClosed) round.ask(lease, false);
      else asking.add(lease);
    },
  };

  function source(of: AllowanceOf): Allowance {
    start();
    const name = counterName(of);
    const lease = new LeasedAllowance(of, round, name, leavesIn(of.window, clock));
    // One that was just forgotten, or is of an earlier process, has nothing more to say: this one speaks for the same counter.
    const earlier = leases.get(name.counter);
    leases.set(name.counter, lease);
    if (earlier !== undefined) {
      asking.delete(earlier);
      takenUp.delete(earlier);
      round.ask(lease, false);
    }
    return lease;
  }

  /** A round later, for what was open in the ledger is settled only after this. */
  function takeUp(find: FindLeft): void {
    left.find = find;
    cancelRound ??= clock.after(roundMs, findLeftSoon);
  }

  function findLeftSoon(): void {
    if (left.isDone) return;
    isLeftDue = true;
    if (!isCutOff) schedule(0);
  }

  /** Some of what an earlier process of this name has left is told as the ledger has it, whether or not a call asks for it. */
  async function findLeft(): Promise<void> {
    statements += 1;
    const some = await left.next();
    onAnswered();
    isLeftDue = !left.isDone;
    for (const { of, counter } of some) {
      start();
      const known = leases.get(counter);
      const lease = known ?? new LeasedAllowance(of, round, { counter, name: undefined }, leavesIn(of.window, clock));
      if (known === undefined) takenUp.add(lease);
      leases.set(counter, lease);
      asking.add(lease);
    }
  }

  // When

  /** With the first counter: a command that only reads takes no node's name. */
  function start(): void {
    if (hasStarted || isClosed) return;
    hasStarted = true;
    cancelRound?.();
    schedule(0);
    scheduleRound();
  }

  function scheduleRound(): void {
    // Nodes that started together are not to ask together for good.
    cancelRound = clock.after(roundMs * (0.9 + 0.2 * random()), () => {
      isBeatDue = true;
      for (const lease of leases.values()) lease.endRound();
      for (const lease of takenUp) if (lease.isEmpty) drop(lease);
      if (left.find !== undefined) findLeftSoon();
      if (!isCutOff) schedule(0);
      scheduleRound();
    });
  }

  function drop(lease: LeasedAllowance): void {
    asking.delete(lease);
    takenUp.delete(lease);
    if (leases.get(lease.counter) === lease) leases.delete(lease.counter);
  }

  function schedule(delayMs: number): void {
    if (isClosed || underWay !== undefined) return;
    const at = clock.now() + delayMs;
    if (next !== undefined && next.at <= at) return;
    next?.cancel();
    next = { at, cancel: clock.after(delayMs, begin) };
  }

  function begin(): void {
    next = undefined;
    if (isClosed) return;
    underWay = send().then(
      () => {
        underWay = undefined;
        if (isLeftDue || asking.size > 0 || (hasStarted && isBeatDue)) schedule(GAP_MS);
      },
      (thrown: unknown) => {
        underWay = undefined;
        onFailure(thrown);
      },
    );
  }

  // What

  async function send(): Promise<void> {
    if (isLeftDue) await findLeft();
    // Where nothing is left and nothing is counted, no name is taken.
    if (!hasStarted) return;
    if (epoch === undefined) await register();
    if (epoch === undefined) return;
    const batch = takeBatch();
    const beats = isBeatDue;
    const looks = beats ? takeLooks(batch) : [];
    isBeatDue = false;
    lastSentAt = clock.now();
    const said = batch.map((lease) => lease.say());
    let renewed: Renewed;
    try {
      renewed = await renew(epoch, beats, said, looks);
    } catch (thrown) {
      isBeatDue ||= beats;
      for (const lease of batch) asking.add(lease);
      throw thrown;
    }
    onAnswered();
    if (renewed.fenced) return onFenced();
    nodes = Math.max(1, renewed.nodes ?? nodes);
    hear(batch, said, renewed);
    for (const [index, lease] of looks.entries()) lease.see(renewed.looks[index] ?? 0);
    if (beats) await sweepNowAndThen();
  }

  function renew(
    current: number,
    countNodes: boolean,
    said: readonly LeaseAsked[],
    looks: readonly LeasedAllowance[],
  ): Promise<Renewed> {
    statements += 1;
    turn += 1;
    return store.renew({ epoch: current, turn, nodes, countNodes, leases: said, looks: looks.map(({ counter }) => counter) });
  }

  function takeBatch(): readonly LeasedAllowance[] {
    const batch: LeasedAllowance[] = [];
    for (const lease of asking) {
      asking.delete(lease);
      batch.push(lease);
      if (batch.length === BATCH_MAX) break;
    }
    // One order in all nodes, and no counter twice.
    return batch.sort((one, other) => (one.counter < other.counter ? -1 : 1));
  }

  /** Counters that have nothing to say, in turn: what others use of them is asked nevertheless. */
  function takeLooks(batch: readonly LeasedAllowance[]): readonly LeasedAllowance[] {
    const said = new Set(batch);
    const looks = new Set<LeasedAllowance>();
    for (let looked = Math.min(leases.size, LOOKS_MAX, Math.ceil(LOOKS_OF_ALL_MAX / nodes)); looked > 0; looked -= 1) {
      const { value: lease = restarted() } = looking.next();
      if (lease !== undefined && !said.has(lease)) looks.add(lease);
    }
    return [...looks];
  }

  function restarted(): LeasedAllowance | undefined {
    looking = leases.values();
    return looking.next().value;
  }

  function hear(
    batch: readonly LeasedAllowance[],
    said: readonly LeaseAsked[],
    answer: Extract<Renewed, { fenced: false }>,
  ): void {
    for (const [index, lease] of batch.entries()) {
      const [asked, answered] = [said[index], answer.leases[index]];
      if (asked === undefined || answered === undefined) continue;
      lease.hear(asked, answered);
      if (asked.released) drop(lease);
    }
  }

  async function register(): Promise<void> {
    statements += 1;
    const registered = await store.register(isFirst);
    onAnswered();
    if (registered === undefined) throw nameTaken();
    isFirst = false;
    epoch = registered.epoch;
    nodes = registered.nodes;
  }

  /** Only a node that has heard of the store for a whole lease knows that others could have been heard of as well. */
  async function sweepNowAndThen(): Promise<void> {
    if (clock.now() - inContactSince < leaseMs || random() * nodes >= SWEEPERS) return;
    statements += 1;
    await store.sweep();
  }

  // What goes wrong

  function onAnswered(): void {
    retryMs = RETRY_FIRST_MS;
    if (inContactSince === Number.POSITIVE_INFINITY) inContactSince = clock.now();
    if (!isCutOff) return;
    isCutOff = false;
    notice({ level: "info", event: "limits.shared-again", message: "the shared limits can be reached again" });
  }

  function onFailure(thrown: unknown): void {
    inContactSince = Number.POSITIVE_INFINITY;
    if (!isCutOff) {
      isCutOff = true;
      const error = toDragomanError(thrown);
      const message = "the shared limits cannot be reached: calls go on with what this node has leased";
      notice({ level: "warn", event: "limits.cut-off", message: `${message}: ${error.detail}`, error });
      for (const lease of asking) lease.fail();
    }
    schedule(retryMs);
    retryMs = Math.min(retryMs * 2, RETRY_MAX_MS);
  }

  function onFenced(): void {
    epoch = undefined;
    for (const lease of leases.values()) {
      lease.lose();
      asking.add(lease);
    }
    const message = "this node was not heard of for longer than its lease, and what it held was given to others: it leases anew";
    notice({ level: "warn", event: "limits.lease-lost", message });
  }

  function nameTaken(): DragomanError {
    const detail = "another process renews the lease of a node of this name";
    return new DragomanError({ code: "configuration", field: "store.node", detail, advice: "give each node a name of its own" });
  }

  // The end

  async function close(): Promise<void> {
    if (isClosed) return;
    isClosed = true;
    next?.cancel();
    cancelRound?.();
    let cancel = (): void => {};
    const late = new Promise<void>((resolve) => {
      cancel = clock.after(CLOSE_MS, resolve);
    });
    await Promise.race([giveBack().catch(() => {}), late]);
    cancel();
  }

  async function giveBack(): Promise<void> {
    await underWay;
    if (isCutOff) return;
    while (left.find !== undefined && !left.isDone) await findLeft();
    if (epoch === undefined && leases.size === 0) return;
    if (epoch === undefined) await register();
    if (epoch === undefined) return;
    for (const lease of leases.values()) {
      lease.release();
      asking.add(lease);
    }
    while (asking.size > 0) {
      const said = takeBatch().map((lease) => lease.say());
      const renewed = await renew(epoch, false, said, []);
      if (renewed.fenced) return;
    }
    statements += 1;
    await store.leave(epoch);
  }

  return {
    source: Object.assign(source, { takeUp }),
    get standing() {
      return { nodes, counters: leases.size, isCutOff, statements };
    },
    close,
  };
}
