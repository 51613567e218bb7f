/**
 * A line in which parties take turns: the first of each party, then the second of each, however many one party has sent.
 * Who comes later is never put before somebody who has had as many turns, so everybody gets through.
 */
export interface Place<Item> {
  readonly item: Item;
  /** What it waits for. */
  readonly units: number;
  readonly party: string;
  /** Which turn of its party this is; the line goes by it. */
  readonly round: number;
}

export interface FairLine<Item> {
  readonly length: number;
  /** In the order in which they are served. */
  readonly places: readonly Place<Item>[];
  join(party: string, item: Item, units: number): void;
  /** Its turn was taken. */
  serve(place: Place<Item>): void;
  /** It waits no longer. False: it was not there. */
  leave(item: Item): boolean;
}

export function createFairLine<Item>(): FairLine<Item> {
  const places: Place<Item>[] = [];
  /** The last round that each party waits for, and how often it waits. */
  const parties = new Map<string, { round: number; waiting: number }>();
  let current = 0;

  function remove(index: number): void {
    const [place] = places.splice(index, 1);
    const party = place === undefined ? undefined : parties.get(place.party);
    if (place === undefined || party === undefined) return;
    party.waiting -= 1;
    if (party.waiting === 0) parties.delete(place.party);
  }

  return {
    get length() {
      return places.length;
    },
    places,
    join(party, item, units) {
      const known = parties.get(party);
      const round = Math.max(current, known?.round ?? 0) + 1;
      parties.set(party, { round, waiting: (known?.waiting ?? 0) + 1 });
      places.splice(placeAfter(places, round), 0, { item, units, party, round });
    },
    serve(place) {
      current = Math.max(current, place.round);
      remove(places.indexOf(place));
    },
    leave(item) {
      const index = places.findIndex((place) => place.item === item);
      if (index >= 0) remove(index);
      return index >= 0;
    },
  };
}

/** Behind all of the same round. */
function placeAfter(places: readonly { readonly round: number }[], round: number): number {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places[middle]?.round ?? 0) <= round) low = middle + 1;
    else high = middle;
  }
  return low;
}
