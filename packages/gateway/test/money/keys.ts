/** Who calls. */
const TEAMS = { ann: "red", ben: "red", cid: "blue", dan: undefined, eve: undefined } as const;
export type KeyName = keyof typeof TEAMS;

/** Those who make the calls of schedules. */
export const KEYS = ["ann", "ben", "cid", "dan"] as const;
/** Who has a call under way for as long as a process lives, and makes no other. */
export const HOLDER = "eve";

export function teamOf(key: KeyName): { readonly team?: string } {
  const team = TEAMS[key];
  return team === undefined ? {} : { team };
}

export function principalOf(key: KeyName) {
  return { key, restrictions: {}, ...teamOf(key) };
}

/** What a client sends as its key. */
export const secretOf = (key: KeyName): string => `a-key-of-${key}-0123456789-0123456789`;

export const ALL_KEYS = [...KEYS, HOLDER] as const;

/** The keys and teams of a configuration. */
export const KEYS_AND_TEAMS = {
  teams: { red: {}, blue: {} },
  keys: Object.fromEntries(ALL_KEYS.map((key) => [key, { key: `env:KEY_${key}`, ...teamOf(key) }])),
};

/** The environment in which it is read. */
export const KEYS_ENVIRONMENT: Readonly<Record<string, string>> = Object.fromEntries(
  ALL_KEYS.map((key) => [`KEY_${key}`, secretOf(key)]),
);
