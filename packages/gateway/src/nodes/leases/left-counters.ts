/**
 * What an earlier process of this node has left in the store. What it had last told of a counter is older than the node's own file, which
 * has every call that it let in: so each counter is told anew, as the ledger has it, also those that no call asks for again.
 *
 * A node that has lost its file must not say that nothing was used. So while the file knows nothing of any of these counters, what was told
 * to be in use stays.
 */
import type { AllowanceOf, FindLeft } from "../../limits/allowance.ts";
import { parseCounterName } from "./counter-name.ts";
import type { LeaseStore, LeftLease } from "./lease-store.ts";

export interface LeftCounters {
  /** Who knows what is in use. Undefined until that is told: nothing can be found. */
  find: FindLeft | undefined;
  /** There is no more to be looked for. */
  readonly isDone: boolean;
  /** Asks the store for some more, and resolves with those that are to be told. */
  next(): Promise<readonly LeftCounter[]>;
}

export interface LeftCounter {
  readonly counter: string;
  readonly of: AllowanceOf;
}

/** Counters of one statement: each is a question to the ledger, for which calls wait. */
const PAGE = 25;
/** In all. What is left beyond stays as it was told. */
const LEFT_MAX = 10_000;

export function createLeftCounters(store: Pick<LeaseStore, "left">): LeftCounters {
  let after = "";
  let looked = 0;
  let isDone = false;
  /** The ledger knows of use of one of them: it is the file of the process that left them. */
  let isOwnFile = false;
  let doubtful: LeftCounter[] = [];
  let find: FindLeft | undefined;

  function sort(row: LeftLease, certain: LeftCounter[]): void {
    const of = find === undefined ? undefined : allowanceOf(row, find);
    if (of === undefined) return;
    const inUse = of.inUseUnits();
    isOwnFile ||= inUse > 0;
    // Of calls at once none is left of a process that is gone.
    const isCertain = inUse > 0 || row.used === 0 || of.window.type === "now";
    (isCertain ? certain : doubtful).push({ counter: row.counter, of });
  }

  async function next(): Promise<readonly LeftCounter[]> {
    const rows = await store.left(after, PAGE);
    const certain: LeftCounter[] = [];
    for (const row of rows) sort(row, certain);
    after = rows.at(-1)?.counter ?? after;
    looked += rows.length;
    isDone = rows.length < PAGE || looked >= LEFT_MAX;
    if (isOwnFile) certain.push(...doubtful.splice(0));
    if (isDone) doubtful = [];
    return certain;
  }

  return {
    get find() {
      return find;
    },
    set find(given) {
      find = given;
    },
    get isDone() {
      return isDone;
    },
    next,
  };
}

function allowanceOf({ name }: LeftLease, find: FindLeft): AllowanceOf | undefined {
  const whose = name === undefined ? undefined : parseCounterName(name);
  const found = whose === undefined ? undefined : find(whose);
  if (whose === undefined || found === undefined) return undefined;
  // Nothing is taken of it: there is no amount to keep within.
  return { ...whose, ...found, amountUnits: () => Number.MAX_SAFE_INTEGER, changed: () => {} };
}
