/**
 * Prices of a user's own, which go over every catalogue: `prices.json` in the user's folder, provider -> model -> rates. Checked
 * when it is read: a price that is silently ignored would be a wrong bill.
 */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BUILT_IN_PROVIDERS, DragomanError, isJsonObject, type JsonValue, nearestNames, type OwnPricing } from "@dragoman/llm";
import { userFolder } from "./user-data.ts";

/** Provider id -> model id -> rates. */
export type OwnPrices = Readonly<Record<string, Readonly<Record<string, OwnPricing>>>>;

const RATES = [
  "inputPerMillionUsd",
  "outputPerMillionUsd",
  "cacheReadPerMillionUsd",
  "cacheWritePerMillionUsd",
  "cacheWriteOneHourPerMillionUsd",
  "inputAudioPerMillionUsd",
  "outputAudioPerMillionUsd",
  "toolCallsPerThousandUsd",
  "webSearchesPerThousandUsd",
  "fileSearchesPerThousandUsd",
  "requestsPerThousandUsd",
] as const;

export function ownPricesFile(environment: NodeJS.ProcessEnv = process.env): string {
  return join(userFolder(environment), "prices.json");
}

/** Empty when there is no such file. Throws `configuration`. */
export async function readOwnPrices(environment: NodeJS.ProcessEnv = process.env): Promise<OwnPrices> {
  const file = ownPricesFile(environment);
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw wrongPrices(file, ["cannot be read"]);
  });
  return text === undefined ? {} : parseOwnPrices(text, file);
}

/** The file as prices. Throws `configuration` that names every mistake by its path. */
export function parseOwnPrices(text: string, file: string): OwnPrices {
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw wrongPrices(file, [`is not JSON: ${error instanceof Error ? error.message : "it cannot be read"}`]);
  }
  const mistakes = checkPrices(value);
  if (mistakes.length > 0) throw wrongPrices(file, mistakes);
  return value as OwnPrices;
}

/** Written beside and renamed, so that a crash leaves the old file whole. */
export async function saveOwnPrices(prices: OwnPrices, environment: NodeJS.ProcessEnv = process.env): Promise<string> {
  const file = ownPricesFile(environment);
  await mkdir(userFolder(environment), { recursive: true });
  const beside = `${file}.${process.pid}.new`;
  await writeFile(beside, `${JSON.stringify(prices, null, 2)}\n`);
  await rename(beside, file);
  return file;
}

function checkPrices(value: JsonValue): readonly string[] {
  if (!isJsonObject(value)) return ["must be an object: provider -> model -> rates"];
  const known = BUILT_IN_PROVIDERS.map(({ id }) => id);
  return Object.entries(value).flatMap(([provider, models]) => {
    if (!known.includes(provider)) return [`${provider}: ${unknownName("provider", provider, known)}`];
    if (!isJsonObject(models)) return [`${provider} must be an object: model -> rates`];
    return Object.entries(models).flatMap(([model, rates]) => checkModel(rates, `${provider}${pathStep(model)}`));
  });
}

function checkModel(value: JsonValue | undefined, path: string): readonly string[] {
  if (!isJsonObject(value)) return [`${path} must be an object of rates`];
  const { tiers = [], hours = [], batchFactor, ...rates } = value;
  return [
    ...checkRates(rates, path, ["tiers", "hours", "batchFactor"]),
    ...(batchFactor === undefined || isRate(batchFactor) ? [] : [`${path}.batchFactor ${NOT_A_RATE}`]),
    ...checkList(tiers, `${path}.tiers`, checkTier),
    ...checkList(hours, `${path}.hours`, checkHours),
    ...(areAscending(tiers) ? [] : [`${path}.tiers must ascend by inputTokensAbove`]),
  ];
}

type CheckRow = (row: Readonly<Record<string, JsonValue | undefined>>, path: string) => readonly string[];

function checkList(list: JsonValue, path: string, check: CheckRow): readonly string[] {
  if (!Array.isArray(list)) return [`${path} must be a list`];
  return list.flatMap((row: JsonValue, index) => {
    const place = `${path}[${index}]`;
    return isJsonObject(row) ? check(row, place) : [`${place} must be an object`];
  });
}

const checkTier: CheckRow = ({ inputTokensAbove, ...rates }, path) => [
  ...(isRate(inputTokensAbove) ? [] : [`${path}.inputTokensAbove ${NOT_A_RATE}`]),
  ...checkRates(rates, path, ["inputTokensAbove"]),
];

const TIME = /^([01]\d|2[0-3]):[0-5]\d$|^24:00$/;

const checkHours: CheckRow = ({ fromUtc, toUtc, ...rates }, path) => [
  ...Object.entries({ fromUtc, toUtc }).flatMap(([name, time]) =>
    typeof time === "string" && TIME.test(time) ? [] : [`${path}.${name} must be a time of day, as 09:30`],
  ),
  ...checkRates(rates, path, ["fromUtc", "toUtc"]),
];

const NOT_A_RATE = "must be a number, 0 or more";

function checkRates(
  rates: Readonly<Record<string, JsonValue | undefined>>,
  path: string,
  others: readonly string[],
): readonly string[] {
  return Object.entries(rates).flatMap(([name, rate]) => {
    const isKnown = RATES.some((known) => known === name);
    if (!isKnown) return [`${path}.${name}: ${unknownName("field", name, [...RATES, ...others])}`];
    return isRate(rate) ? [] : [`${path}.${name} ${NOT_A_RATE}`];
  });
}

function isRate(value: JsonValue | undefined): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

function areAscending(tiers: JsonValue): boolean {
  const borders = (Array.isArray(tiers) ? tiers : []).flatMap((tier: JsonValue) =>
    isJsonObject(tier) && typeof tier.inputTokensAbove === "number" ? [tier.inputTokensAbove] : [],
  );
  return borders.every((border, index) => index === 0 || border > (borders[index - 1] ?? 0));
}

function unknownName(kind: string, name: string, known: readonly string[]): string {
  const [nearest] = nearestNames(name, known);
  return `there is no such ${kind}${nearest === undefined ? "" : `; did you mean ${nearest}?`}`;
}

/** `.sonar` or `["claude-sonnet-4.5"]`. */
function pathStep(name: string): string {
  return /^[\w-]+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

function wrongPrices(file: string, mistakes: readonly string[]): DragomanError {
  return new DragomanError({
    code: "configuration",
    detail: `${file}: ${mistakes.join("; ")}`,
    advice: "correct the file; docs/prices.md shows its form",
  });
}
