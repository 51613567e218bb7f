/** The latest figures of a kind, and how large most of them are. Exact over what it holds; cheap in time and in memory. */
export interface RecentFigures {
  /** How many are held. */
  readonly count: number;
  add(figure: number): void;
  /** The largest but for one figure in twenty: the 95th percentile. 0 while nothing is held. */
  percentile95(): number;
  max(): number;
}

/** Figures held: enough for a percentile that is not the largest, few enough to follow a change of habit. */
const FIGURES = 64;

export function createRecentFigures(): RecentFigures {
  const figures = new Uint32Array(FIGURES);
  let added = 0;
  let latest: number | undefined;

  const held = (): Uint32Array => (added < FIGURES ? figures.subarray(0, added) : figures);

  return {
    get count() {
      return Math.min(added, FIGURES);
    },
    add(figure) {
      const place = added % FIGURES;
      if (added < FIGURES || !staysSame(latest, figures[place], figure)) latest = undefined;
      figures[place] = figure;
      // The place is what counts; a sum without end would lose it.
      added = added + 1 === 2 * FIGURES ? FIGURES : added + 1;
    },
    percentile95() {
      latest ??= nearestRank(held());
      return latest;
    },
    max: () => held().reduce((largest, figure) => Math.max(largest, figure), 0),
  };
}

/** A figure that takes the place of one on the same side of the percentile does not move it. */
function staysSame(percentile: number | undefined, before = Number.NaN, after: number): boolean {
  if (percentile === undefined) return false;
  return before === after || (before < percentile && after < percentile) || (before > percentile && after > percentile);
}

function nearestRank(figures: Uint32Array): number {
  const sorted = figures.toSorted();
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0;
}
