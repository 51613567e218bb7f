/** PostgreSQL takes no NUL in a text, nor half a character. Names of sessions and users are the callers': what it does not take becomes �, also in what is looked for. */
export function storable<Value>(value: Value): Value | string {
  return typeof value === "string" ? value.toWellFormed().replaceAll("\0", "\ufffd") : value;
}

export function storableTags(tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const _name in tags)
    return Object.fromEntries(Object.entries(tags).map(([name, value]) => [storable(name), storable(value)]));
  return tags;
}
