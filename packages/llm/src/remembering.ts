/** A pure function of a text whose answers are kept at hand. Callers choose the texts, so at so many all are forgotten. */
export function remembering<Value>(make: (key: string) => Value, entriesMax: number): (key: string) => Value {
  const known = new Map<string, Value>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = make(key);
    if (known.size >= entriesMax) known.clear();
    known.set(key, made);
    return made;
  };
}
