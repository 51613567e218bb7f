/**
 * How much a node spares of a shared limit, beyond what is in use: enough that calls find room without asking, little enough that others
 * do, and that little is lost count of when the node dies.
 */

/** Of the amount, what all nodes together spare at most. What is lost count of when nodes die is a part of it. */
const SPARED_SHARE = 8;
/** A slice is for so many calls at least, where the limit allows it: the store may be away when they come. */
const CALLS_LEAST = 32;

/** The most that one node spares. A unit at least. It is the bound by which a killed node may let a limit be exceeded. */
export function sliceMax(amount: number, nodes: number): number {
  return Math.max(1, Math.ceil(amount / (SPARED_SHARE * Math.max(1, nodes))));
}

/** Far beyond any amount that can be spared. */
const UNITS_MAX = Number.MAX_SAFE_INTEGER / 4;

/** Adapts to demand: grows when it does not last from one round to the next, shrinks when most of it is left over. */
export interface Slice {
  readonly units: number;
  /** It has run low, or a call of this size found no room. */
  ranLow(callUnits: number): void;
  /** A round is over, in which so much of it was used. `callUnits`: of a large call of late. */
  roundEnded(usedUnits: number, callUnits: number): void;
  /** Nobody has called for long. */
  rest(): void;
}

export function createSlice(): Slice {
  let units = 0;
  let timesLow = 0;
  return {
    get units() {
      return units;
    },
    ranLow(callUnits) {
      timesLow += 1;
      if (units === 0) units = callUnits * CALLS_LEAST;
      else if (timesLow > 1) units = Math.min(units * 2, UNITS_MAX);
    },
    roundEnded(usedUnits, callUnits) {
      timesLow = 0;
      if (usedUnits < units / 4) units = Math.min(units, Math.max(Math.ceil(units / 2), usedUnits * 2, callUnits * CALLS_LEAST));
    },
    rest() {
      timesLow = 0;
      units = 0;
    },
  };
}
