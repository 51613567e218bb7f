const LENGTH = 9;

/**
 * Ids of nine letters and digits, as Mistral's models demand: the last nine of what there is. The same id always gives the
 * same, two ids never do.
 */
export function createCallIds(): (id: string) => string {
  const byId = new Map<string, string>();
  const taken = new Set<string>();

  return (id) => {
    const known = byId.get(id);
    if (known !== undefined) return known;
    const short = id
      .replace(/[^a-zA-Z0-9]/g, "")
      .slice(-LENGTH)
      .padStart(LENGTH, "0");
    let free = short;
    for (let count = 1; taken.has(free); count++) {
      const suffix = String(count);
      free = short.slice(0, LENGTH - suffix.length) + suffix;
    }
    byId.set(id, free);
    taken.add(free);
    return free;
  };
}
