/** Measures each way once a round. Each round begins with another, since who runs after a heavy one finds the machine otherwise. */
export async function inTurn<Way, Block>(
  ways: readonly Way[],
  rounds: number,
  measure: (way: Way) => Promise<Block>,
): Promise<ReadonlyMap<Way, readonly Block[]>> {
  const found = new Map<Way, Block[]>(ways.map((way) => [way, []]));
  for (let round = 0; round < rounds; round++) {
    const first = round % ways.length;
    for (const way of [...ways.slice(first), ...ways.slice(0, first)]) found.get(way)?.push(await measure(way));
  }
  return found;
}
