/**
 * Limits and budgets. In a file one key says what is counted and how much (`requests: 500`), and `per` over which span:
 * minutes, hours and durations roll; days, weeks, months and years are the calendar's. `window` says it otherwise.
 */
import { z } from "zod";
import type { Dimension, LimitMetric, LimitRule, LimitWindow } from "../configuration.ts";
import { defaulted, type Form, list, object, oneOrMore, optional, same, strict } from "./form.ts";
import {
  anyName,
  choice,
  duration,
  durationMs,
  durationText,
  isDuration,
  positive,
  share,
  text,
  timeZone,
  whole,
} from "./leaves.ts";

/** A rule whose name may still be missing: then it is called after its place. */
export type DraftRule = Omit<LimitRule, "name"> & { readonly name?: string };

export const DIMENSIONS = [
  "provider",
  "model",
  "route",
  "key",
  "team",
  "agent",
  "session",
  "user",
] as const satisfies readonly Dimension[];

const METRICS: Readonly<Record<string, LimitMetric>> = {
  requests: "requests",
  tokens: "tokens",
  input_tokens: "input-tokens",
  output_tokens: "output-tokens",
  usd: "usd",
  concurrency: "concurrency",
};

const ROLLING_WORDS = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as const;
const CALENDAR_WORDS = ["hour", "day", "week", "month", "year"] as const;
type CalendarWord = (typeof CALENDAR_WORDS)[number];

const PER_ERROR = "it must be second, minute, hour, day, week, month, year, or a duration, as 10m or 30d";
const per = same(
  z
    .string({ error: PER_ERROR })
    // What a pattern can say, for editors as well; how long a duration may be, only the check after it can.
    .regex(/^(?:second|minute|hour|day|week|month|year|(?:\d{1,9}(?:\.\d{1,3})?(?:ms|s|m|h|d))+)$/, {
      error: PER_ERROR,
      abort: true,
    })
    .refine((said) => said in ROLLING_WORDS || isCalendarWord(said) || isLongDuration(said), { error: PER_ERROR }),
);

function isCalendarWord(said: string): said is CalendarWord {
  return CALENDAR_WORDS.some((word) => word === said);
}

function isLongDuration(said: string): boolean {
  return isDuration(said) && durationMs(said) >= 1_000 && durationMs(said) <= 3_653 * ROLLING_WORDS.day;
}

const names = oneOrMore(same(anyName));
const of = object<LimitRule["of"]>({
  provider: optional(names, "Providers, by their names here."),
  model: optional(names, "Models, without their provider's name."),
  route: optional(names, "Routes, as they stand under `models`."),
  key: optional(names, "Keys, by their names here or their public ids, as `k_4f9a`."),
  team: optional(names, "Teams."),
  agent: optional(names, "Agents."),
  session: optional(names, "Sessions, as calls name them."),
  user: optional(names, "Users, as calls name them."),
});

type Queue = Extract<LimitRule["overflow"], { readonly type: "queue" }>;

const queue = object<Omit<Queue, "type">>({
  waitMaxMs: defaulted(duration(), 10_000, "How long a call waits at most.", { name: "wait_max" }),
  lengthMax: defaulted(whole(1, 100_000), 100, "How many calls wait at most."),
});

const overflow: Form<LimitRule["overflow"]> = {
  file: z.union([z.enum(["refuse", "queue"]), queue.file], {
    error: "it must be refuse, queue, or a table with wait_max and length_max",
  }),
  value: z.union([
    z.strictObject({ type: z.literal("refuse") }),
    z.strictObject({
      type: z.literal("queue"),
      waitMaxMs: z.number().positive().optional(),
      lengthMax: z.int().positive().optional(),
    }),
  ]),
  read: (said) => (said === "refuse" ? { type: "refuse" } : { type: "queue", ...queue.read(said) }),
  fill: (given) => {
    const { type, ...rest } = z.looseObject({ type: z.enum(["refuse", "queue"]) }).parse(given);
    return type === "refuse" ? { type } : { type, ...queue.fill(rest) };
  },
  write: (value) => (value.type === "refuse" ? "refuse" : queue.write(value)),
  ...(queue.fields && { fields: queue.fields }),
};

/** What both forms say alike. */
const shared = object<Pick<DraftRule, "name" | "of" | "each" | "overflow" | "unknownPrice" | "warnAt">>({
  name: optional(text, "For messages and figures; unique.", { defaultText: "its place, as `teams.search.budgets[0]`" }),
  of: defaulted(of, {}, "Which calls: every dimension that is named has one of these values.", { defaultText: "all calls" }),
  each: defaulted(
    oneOrMore(choice(...DIMENSIONS)),
    [],
    `A count of its own for each value of these: ${DIMENSIONS.map((name) => `\`${name}\``).join(", ")}.`,
    { defaultText: "one count" },
  ),
  overflow: defaulted(
    overflow,
    { type: "refuse" },
    "What to do with a call that finds no room: `refuse`, or `queue`: let it wait its turn.",
  ),
  unknownPrice: defaulted(choice("block", "allow", "flag"), "block", "Of `usd` alone: calls whose price is unknown."),
  warnAt: defaulted(list(share), [], "Shares of the amount at which a warning is given, as `[0.8]`."),
});

/** What a file says of the amount and the span. */
interface Amount {
  readonly requests?: number;
  readonly tokens?: number;
  readonly input_tokens?: number;
  readonly output_tokens?: number;
  readonly usd?: number;
  readonly concurrency?: number;
  readonly per?: string;
  readonly window?: "rolling" | "calendar";
  readonly timeZone?: string;
}

const count = whole(1);
const said = object<Amount>({
  requests: optional(count, "So many requests."),
  tokens: optional(count, "So many tokens, input and output together."),
  input_tokens: optional(count, "So many tokens of input."),
  output_tokens: optional(count, "So many tokens of output."),
  usd: optional(positive, "So many US dollars."),
  concurrency: optional(count, "So many calls at once. It takes no `per`."),
  per: optional(
    per,
    "The span: `second`, `minute`, `hour` and durations, as `10m`, roll; `day`, `week`, `month`, `year` are the calendar's.",
  ),
  window: optional(choice("rolling", "calendar"), "Makes a day or a week roll, or an hour the calendar's."),
  timeZone: optional(timeZone, "Of the calendar: where its days begin.", { defaultText: "UTC" }),
});

const fields = [...(said.fields ?? []), ...(shared.fields ?? [])];

const fileSchema = strict(Object.fromEntries([...shapeOf(said.file), ...shapeOf(shared.file)])).superRefine(
  (rule, context) => {
    if (typeof rule !== "object" || rule === null) return;
    const row: Readonly<Record<string, unknown>> = { ...rule };
    for (const [path, message] of contradictionsOf(row)) {
      context.addIssue({ code: "custom", path: path === undefined ? [] : [path], message, input: undefined });
    }
  },
  // Also where a field is wrong by itself: all is told at once.
  { when: () => true },
);

function shapeOf(schema: z.ZodType): readonly [string, z.ZodType][] {
  return schema instanceof z.ZodObject ? (Object.entries(schema.shape) as [string, z.ZodType][]) : [];
}

function contradictionsOf(
  row: Readonly<Record<string, unknown>>,
): readonly (readonly [path: string | undefined, message: string])[] {
  const metrics = Object.keys(METRICS).filter((metric) => row[metric] !== undefined);
  const problems: [string | undefined, string][] = [];
  if (metrics.length !== 1) {
    const known = Object.keys(METRICS).join(", ");
    problems.push([
      metrics[1],
      metrics.length === 0
        ? `it does not say how much of what: write one of ${known}`
        : `it counts ${metrics.join(" and ")}: write a rule for each`,
    ]);
  }
  const isNow = metrics.length === 1 && metrics[0] === "concurrency";
  if (isNow && row.per !== undefined) problems.push(["per", "calls at once have no span: leave it out"]);
  if (!isNow && metrics.length > 0 && row.per === undefined)
    problems.push([undefined, "it does not say over which span: write per, as per: minute"]);
  if (row.unknown_price !== undefined && metrics.length > 0 && !metrics.includes("usd")) {
    problems.push(["unknown_price", "only a budget in usd asks for prices: leave it out"]);
  }
  return [...problems, ...windowContradictions(row)];
}

function windowContradictions({
  per: span,
  window,
  time_zone: zone,
}: Readonly<Record<string, unknown>>): readonly [string, string][] {
  if (typeof span !== "string")
    return window === undefined && zone === undefined
      ? []
      : [[window === undefined ? "time_zone" : "window", "it needs per beside it"]];
  if (window === "calendar" && !isCalendarWord(span))
    return [["window", "the calendar has hours, days, weeks, months and years"]];
  if (window === "rolling" && (span === "month" || span === "year"))
    return [["window", "months and years differ in length: write per: 30d"]];
  if (zone !== undefined && windowOf(span, window, undefined).type !== "calendar")
    return [["time_zone", "only a span of the calendar has a time zone"]];
  return [];
}

function windowOf(span: string, window: unknown, zone: string | undefined): LimitWindow {
  const rolls = window === "rolling" || (window !== "calendar" && (span === "second" || span === "minute" || span === "hour"));
  if (!rolls && isCalendarWord(span)) return { type: "calendar", unit: span, timeZone: zone ?? "UTC" };
  const word = Object.entries(ROLLING_WORDS).find(([name]) => name === span);
  return { type: "rolling", ms: word?.[1] ?? durationMs(span) };
}

const windowValue = z.discriminatedUnion(
  "type",
  [
    z.strictObject({ type: z.literal("rolling"), ms: z.number().positive() }),
    z.strictObject({ type: z.literal("calendar"), unit: z.enum(CALENDAR_WORDS), timeZone: z.string().default("UTC") }),
    z.strictObject({ type: z.literal("now") }),
  ],
  { error: 'it must be { type: "rolling", ms }, { type: "calendar", unit, timeZone } or { type: "now" }' },
);
const metricValue = choice("requests", "tokens", "input-tokens", "output-tokens", "usd", "concurrency");
const valueSchema = strict(
  Object.fromEntries([
    ...shapeOf(shared.value),
    ["metric", metricValue.value],
    ["amount", positive.value],
    ["window", windowValue.optional()],
  ]),
).superRefine((rule, context) => {
  const { metric, window } = z.looseObject({ metric: z.unknown().optional(), window: z.unknown().optional() }).parse(rule);
  const type = typeof window === "object" && window !== null && "type" in window ? window.type : undefined;
  if (metric !== "concurrency" && (type === undefined || type === "now")) {
    context.addIssue({ code: "custom", path: ["window"], message: "it does not say over which span", input: undefined });
  }
  if (metric === "concurrency" && type !== undefined && type !== "now") {
    context.addIssue({ code: "custom", path: ["window"], message: "calls at once have no span", input: undefined });
  }
});

export const limitForm: Form<DraftRule> = {
  file: fileSchema,
  value: valueSchema,
  read: (rule) => {
    const given = said.read(rule);
    const [key, amount] = Object.entries(given).find(([name]) => name in METRICS) ?? ["requests", 0];
    const window = given.per === undefined ? { type: "now" as const } : windowOf(given.per, given.window, given.timeZone);
    return { ...shared.read(rule), metric: METRICS[key] ?? "requests", amount: Number(amount), window };
  },
  fill: (rule) => {
    const own = z.looseObject({ metric: z.string(), amount: z.number(), window: windowValue.optional() }).parse(rule);
    return {
      ...shared.fill(rule),
      metric: metricValue.fill(own.metric),
      amount: own.amount,
      window: own.window ?? { type: "now" },
    };
  },
  write: ({ metric, amount, window, ...rest }) => {
    const { name, ...others } = Object(shared.write(rest)) as Record<string, unknown>;
    const isPriced = metric === "usd";
    const { unknown_price, ...unpriced } = others;
    return {
      ...(name === undefined ? {} : { name }),
      [metric.replace("-", "_")]: amount,
      ...writeWindow(window),
      ...unpriced,
      ...(isPriced ? { unknown_price } : {}),
    };
  },
  fields,
};

function writeWindow(window: LimitWindow): Readonly<Record<string, unknown>> {
  if (window.type === "now") return {};
  if (window.type === "rolling") {
    const [word] =
      Object.entries(ROLLING_WORDS).find(
        ([name, ms]) => ms === window.ms && (name === "minute" || name === "hour" || name === "second"),
      ) ?? [];
    return { per: word ?? durationText(window.ms) };
  }
  return { per: window.unit, ...(window.unit === "hour" ? { window: "calendar" } : {}), time_zone: window.timeZone };
}
