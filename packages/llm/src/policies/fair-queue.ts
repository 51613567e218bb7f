/**
 * A queue in which those who wait take turns: first the longest-waiting item of one party, then of the next, however many
 * items a party has. Within a party first come, first served.
 */
export interface FairQueue<Item> {
  readonly length: number;
  push(party: string, item: Item): void;
  /** The item whose turn it is. */
  peek(): Item | undefined;
  /** Takes that item out; the next party has its turn. */
  shift(): Item | undefined;
  /** True when it was there. */
  remove(party: string, item: Item): boolean;
  items(): readonly Item[];
}

export function createFairQueue<Item>(): FairQueue<Item> {
  // A map keeps the order in which parties were put in: the first is the one whose turn it is.
  const parties = new Map<string, Item[]>();
  let length = 0;

  function turn(): readonly [string, Item[]] | undefined {
    return parties.entries().next().value;
  }

  return {
    get length() {
      return length;
    },
    push(party, item) {
      const items = parties.get(party);
      if (items === undefined) parties.set(party, [item]);
      else items.push(item);
      length += 1;
    },
    peek: () => turn()?.[1][0],
    shift() {
      const next = turn();
      if (next === undefined) return undefined;
      const [party, items] = next;
      const item = items.shift();
      parties.delete(party);
      if (items.length > 0) parties.set(party, items);
      length -= 1;
      return item;
    },
    remove(party, item) {
      const items = parties.get(party);
      const index = items?.indexOf(item) ?? -1;
      if (items === undefined || index < 0) return false;
      items.splice(index, 1);
      if (items.length === 0) parties.delete(party);
      length -= 1;
      return true;
    },
    items: () => [...parties.values()].flat(),
  };
}
