/** The simple values of a configuration, in both forms. Their messages never repeat what was written: it may be a key. */
import { isIP } from "node:net";
import { z } from "zod";
import { type Form, same, textual } from "./form.ts";

export const flag = same(z.boolean({ error: "it must be true or false" }));

export const text = same(z.string({ error: "it must be text" }).min(1, { error: "it must not be empty" }));

export function choice<const Choices extends readonly [string, ...string[]]>(...choices: Choices): Form<Choices[number]> {
  return same(z.enum(choices));
}

/** A whole number within bounds, both included. */
export function whole(least: number, most: number = Number.MAX_SAFE_INTEGER): Form<number> {
  const range = most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`;
  const error = `it must be a whole number ${range}, in digits alone`;
  return same(z.int({ error }).min(least, { error }).max(most, { error }));
}

/** Above 0. */
export const positive = same(
  z.number({ error: "it must be a number above 0, in digits alone" }).positive({ error: "it must be above 0" }),
);

/** 0 or more. */
export const amount = same(z.number({ error: "it must be a number of 0 or more" }).min(0, { error: "it must be 0 or more" }));

/** From 0 to 1. */
const SHARE_ERROR = "it must be a share from 0 to 1, as 0.8";

export const share = same(z.number({ error: SHARE_ERROR }).min(0, { error: SHARE_ERROR }).max(1, { error: SHARE_ERROR }));

const UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;
const DURATION = /^(?:\d{1,9}(?:\.\d{1,3})?(?:ms|s|m|h|d))+$/;
const DURATION_ERROR = "it must be a duration with its unit, as 500ms, 30s, 5m, 1h30m or 7d";

/** Milliseconds; in a file `500ms`, `30s`, `5m`, `1h30m` or `7d`. */
export function duration(leastMs = 1): Form<number> {
  const tooShort = `it must be ${durationText(leastMs)} or longer`;
  const tooLong = "it must be 10 years or shorter";
  return textual({
    file: z
      .string({ error: DURATION_ERROR })
      .regex(DURATION, { error: DURATION_ERROR, abort: true })
      .refine((said) => durationMs(said) >= leastMs, { error: tooShort })
      .refine((said) => durationMs(said) <= DURATION_MS_MAX, { error: tooLong }),
    value: z
      .number({ error: "it must be milliseconds, as a number" })
      .min(leastMs, { error: tooShort })
      .max(DURATION_MS_MAX, { error: tooLong }),
    read: durationMs,
    write: durationText,
  });
}

const DURATION_MS_MAX = 3_653 * UNITS.d;

export function isDuration(said: string): boolean {
  return DURATION.test(said);
}

export function durationMs(said: string): number {
  let total = 0;
  for (const [, count = "", unit = ""] of said.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    total += Number(count) * (Object.entries(UNITS).find(([name]) => name === unit)?.[1] ?? 0);
  }
  return Math.round(total);
}

/** The largest units that say it exactly: 90 000 is `1m30s`. */
export function durationText(ms: number): string {
  if (ms === 0) return "0s";
  let rest = ms;
  let said = "";
  for (const [unit, size] of Object.entries(UNITS)) {
    const count = unit === "ms" ? Math.round(rest) : Math.floor(rest / size);
    if (count > 0) said += `${count}${unit}`;
    rest -= count * size;
  }
  return said;
}

const SIZES = { GiB: 1024 ** 3, MiB: 1024 ** 2, KiB: 1024, B: 1 } as const;
const SIZE_ERROR = "it must be a size with its unit, as 512KiB or 32MiB";

/** Bytes; in a file `512KiB`, `32MiB`. */
export const bytes: Form<number> = textual({
  file: z.string({ error: SIZE_ERROR }).regex(/^[1-9]\d{0,11}(?:B|KiB|MiB|GiB)$/, { error: SIZE_ERROR }),
  value: z.int({ error: "it must be bytes, as a whole number" }).positive({ error: "it must be above 0" }),
  read: (said) =>
    Number.parseInt(said, 10) * (Object.entries(SIZES).find(([unit]) => said.replace(/\d+/, "") === unit)?.[1] ?? 1),
  write: (value) => {
    const [unit, size] = Object.entries(SIZES).find(([, one]) => value % one === 0) ?? ["B", 1];
    return `${value / size}${unit}`;
  },
});

const MOMENT_ERROR = "it must be a date, as 2027-01-31, or a time with its zone, as 2027-01-31T18:00:00Z";

/** Milliseconds since 1970; in a file a date, which begins at midnight UTC, or a time. */
export const moment: Form<number> = textual({
  file: z
    .string({ error: MOMENT_ERROR })
    .refine((said) => /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/.test(said) && isDate(said), {
      error: MOMENT_ERROR,
    }),
  value: z.number({ error: "it must be milliseconds since 1970" }),
  read: (said) => Date.parse(said),
  write: (value) => new Date(value).toISOString().replace("T00:00:00.000Z", ""),
});

/** `Date.parse` takes 31 February for 3 March. */
function isDate(said: string): boolean {
  const day = Number(said.slice(8, 10));
  const date = new Date(`${said.slice(0, 10)}T00:00:00Z`);
  return date.getUTCDate() === day && !Number.isNaN(Date.parse(said));
}

export const timeZone = same(
  z
    .string({ error: "it must be a time zone, as Europe/Berlin" })
    .refine(isTimeZone, { error: "there is no such time zone; write it as Europe/Berlin or UTC" }),
);

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const ADDRESS_ERROR = "it must be an address or a range of them, as 10.0.0.0/8";

/** As CIDR; an address alone is a range of one. */
export const addresses = same(z.string({ error: ADDRESS_ERROR }).refine(isRange, { error: ADDRESS_ERROR }));

function isRange(said: string): boolean {
  const [address = "", length, ...more] = said.split("/");
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= (family === 4 ? 32 : 128));
}

const URL_ERROR = "it must be an address, as https://api.example.com/v1";

export const httpUrl = same(
  z.string({ error: URL_ERROR }).refine((said) => /^https?:\/\//.test(said) && URL.canParse(said), { error: URL_ERROR }),
);

/** Where a secret is. That nothing but this stands in a file is checked apart, so that it can say so. */
export const secretReference = same(
  z.string({ error: "it must say where the key is, as env:NAME" }).regex(/^(?:env|file|exec):\S/, {
    error: "a key is named by where it is, and never written down",
  }),
);

/** As `provider:model`, or a name. */
export const modelName = same(
  z
    .string({ error: "it must be the name of a model, as openai:gpt-5" })
    .regex(/^[^\s\p{Cc}]{1,300}$/u, { error: "it must be the name of a model, without blanks, as openai:gpt-5" }),
);

const PROVIDER_NAME_ERROR = "a provider's name is letters, digits, dots and dashes";
// Both cases are written out: a JSON Schema's pattern has no flags.
export const providerName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, { error: PROVIDER_NAME_ERROR });

const ROUTE_NAME_ERROR = "a route's name is letters, digits and . _ : / @ + -";
export const routeName = z.string().regex(/^[A-Za-z0-9][\w.:/@+-]{0,199}$/, { error: ROUTE_NAME_ERROR });

const NAME_ERROR = "a name is letters, digits, dots, dashes and underscores";
export const plainName = z.string().regex(/^[A-Za-z0-9][\w.-]{0,99}$/, { error: NAME_ERROR });

export const anyName = z
  .string()
  .regex(/^[^\p{Cc}]{1,300}$/u, { error: "a name must not be empty, and has no control characters" });
