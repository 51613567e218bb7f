/** Lenient looks into JSON of any shape: what is not there, or is something else, is absent. Readers never throw. */

export type RawObject = Readonly<Record<string, unknown>>;

const EMPTY: RawObject = Object.freeze({});

export function isRawObject(value: unknown): value is RawObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object, or an empty one. */
export function objectIn(value: unknown): RawObject {
  return isRawObject(value) ? value : EMPTY;
}

/** The list, or an empty one. */
export function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The objects of a list; anything else in it is passed over. */
export function objectsIn(value: unknown): readonly RawObject[] {
  return listIn(value).filter(isRawObject);
}

export function stringIn(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The string, unless it is empty. */
export function wordIn(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function numberIn(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** The values that are strings with something in them. */
export function wordsIn(values: readonly unknown[]): readonly string[] {
  return values.map(wordIn).filter((word) => word !== undefined);
}

/** The first of several spellings that is there and not null. */
export function either(object: RawObject, ...names: readonly string[]): unknown {
  for (const name of names) {
    const value = object[name];
    if (value !== undefined && value !== null) return value;
  }
  return undefined;
}

/** The value of a JSON text, or undefined. */
export function parsedOrAbsent(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** One spelling of a JSON value: keys sorted, so that equal values have equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value)) ?? "undefined";
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRawObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

/** A value as one short line, for reports. */
export function shortened(value: unknown, lengthMax = 160): string {
  const text = typeof value === "string" ? JSON.stringify(value) : (JSON.stringify(value) ?? "nothing");
  return text.length > lengthMax ? `${text.slice(0, lengthMax)}… (${text.length} characters)` : text;
}
