/**
 * The quickest first, by what was measured lately. Streams are compared by their first token and whole answers by their end: a target
 * that was asked for streams must not look quicker than one that was asked for whole answers.
 *
 * To be measured a target has to be asked. While none is known, each call draws among all. Then those that are new get one call in five
 * between them until each was measured three times, and those that nobody has asked for minutes one in fifty.
 */
import type { Ranked, RankingContext } from "./strategies.ts";
import type { TargetFigures } from "./target-statistics.ts";
import type { ListedTarget } from "./target-table.ts";

/** Measurements from which a target counts as known. */
const MEASURED_MIN = 3;
/** Of the calls, as long as a target is new. */
const NEW_SHARE = 0.2;
/** Of the calls, while a figure is old. */
const OLD_SHARE = 0.02;
/** A figure is old once what was seen is worth less than this many calls of now: about four minutes after the last of several. */
const FRESH_WEIGHT = 0.5;

interface Measured {
  readonly target: ListedTarget;
  readonly figures: TargetFigures;
}

type TimeKind = "firstTokenMs" | "answerMs";

export function byLatency(targets: readonly ListedTarget[], { statistics, random, now }: RankingContext): readonly Ranked[] {
  const all = targets.map((target): Measured => ({ target, figures: statistics.figures(target.name, now) }));
  const tried = drawnToBeMeasured(all, random);
  const kind = sharedKind(all);
  return all.map((one): Ranked => {
    const { target, figures } = one;
    const timeMs = kind === undefined ? (figures.firstTokenMs ?? figures.answerMs) : figures[kind];
    const rank = one === tried ? Number.POSITIVE_INFINITY : timeMs === undefined ? Number.NEGATIVE_INFINITY : -timeMs;
    const reason = timeMs === undefined ? "was not measured lately" : timeText(timeMs, kind);
    return {
      target,
      rank,
      ...(timeMs === undefined ? {} : { score: -Math.round(timeMs) }),
      reasons: one === tried ? [reason, "is asked to be measured"] : [reason],
    };
  });
}

function drawnToBeMeasured(all: readonly Measured[], random: () => number): Measured | undefined {
  const lowest = all.reduce((least, { target }) => Math.min(least, target.order), Number.POSITIVE_INFINITY);
  const group = all.filter(({ target }) => target.order === lowest);
  if (group.length < 2) return undefined;
  const fresh = group.filter(({ figures }) => figures.measured < MEASURED_MIN);
  if (fresh.length === group.length) return drawn(fresh, 1, random);
  if (fresh.length > 0) return drawn(fresh, NEW_SHARE, random);
  const old = group.filter(({ figures }) => figures.weight < FRESH_WEIGHT);
  return old.length === 0 ? undefined : drawn(old, OLD_SHARE, random);
}

/** One of them on so large a share of the calls, each as often as the others. */
function drawn(among: readonly Measured[], share: number, random: () => number): Measured | undefined {
  return among[Math.floor((random() / share) * among.length)];
}

/** What all that are known can be compared by. */
function sharedKind(all: readonly Measured[]): TimeKind | undefined {
  const known = all.filter(({ figures }) => figures.measured > 0);
  return (["firstTokenMs", "answerMs"] as const).find((kind) => known.every(({ figures }) => figures[kind] !== undefined));
}

function timeText(timeMs: number, kind: TimeKind | undefined): string {
  const what = kind === "firstTokenMs" ? "speaks after" : kind === "answerMs" ? "answers after" : "takes";
  return `${what} ${Math.round(timeMs)} ms lately`;
}
