/** `dragoman prices show`: what calls cost, with tiers, cache, batch and tools, and where each price comes from. */
import { nearestNames, type PriceHours, type PriceRates, type PriceTier, type Pricing } from "@dragoman/llm";
import { EXIT } from "../exit.ts";
import { price, tokenWindow } from "../figures.ts";
import { listModels } from "../list-models.ts";
import { openRegistry, userOptions } from "../open-registry.ts";
import { createPalette } from "../palette.ts";
import { knownPrices, type PriceRow, referenceOf } from "../price-rows.ts";
import { printable } from "../printable.ts";
import { type Column, renderTable } from "../table.ts";

const LISTING_LIMIT_MS = 15_000;

interface ShowOptions {
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly listing?: boolean;
}

export async function showPrices(filter: string | undefined, options: ShowOptions): Promise<void> {
  const known = knownPrices(await userOptions(process.env));
  const all = options.listing === true ? withListed(known, await listedPrices()) : known;
  const rows = all.filter((row) => matches(row, filter)).sort(byReference);
  if (options.json === true) console.log(JSON.stringify(rows.map(asJson), null, 2));
  else if (options.csv === true) console.log([CSV_TITLES, ...rows.flatMap(records)].map(csvLine).join("\r\n"));
  else if (process.stdout.isTTY) printTable(rows);
  else for (const record of rows.flatMap(records)) console.log(record.map(cellText).join("\t"));
  if (rows.length === 0) {
    tellNothingFound(filter, all);
    process.exitCode = EXIT.failed;
  }
}

function byReference(left: PriceRow, right: PriceRow): number {
  return referenceOf(left).localeCompare(referenceOf(right), "en", { numeric: true });
}

function matches(row: PriceRow, filter: string | undefined): boolean {
  return filter === undefined || referenceOf(row).toLowerCase().includes(filter.toLowerCase());
}

/** Asks the vendors that are set up. A vendor that cannot be asked is named. */
async function listedPrices(): Promise<readonly PriceRow[]> {
  const { registry } = await openRegistry();
  const { models, failures } = await listModels(registry, LISTING_LIMIT_MS);
  for (const { provider, error } of failures) console.error(`${provider} could not be listed: ${printable(error.message)}`);
  return models.flatMap(({ provider, id, pricing }) => (pricing === undefined ? [] : [{ provider, model: id, pricing }]));
}

function withListed(known: readonly PriceRow[], listed: readonly PriceRow[]): readonly PriceRow[] {
  return [...new Map([...known, ...listed].map((row) => [referenceOf(row), row])).values()];
}

function asJson(row: PriceRow): object {
  return { reference: referenceOf(row), ...row };
}

// For people

const COLUMNS: readonly Column[] = [
  { title: "MODEL", whole: true },
  { title: "IN/M", align: "right" },
  { title: "OUT/M", align: "right" },
  { title: "CACHE READ", align: "right", expendable: 2 },
  { title: "WRITE", align: "right", expendable: 3 },
  { title: "WRITE 1H", align: "right", expendable: 4 },
  { title: "OTHERWISE", expendable: 5 },
  { title: "BATCH", align: "right", expendable: 6 },
  { title: "TOOLS/K", expendable: 7 },
  { title: "FROM", expendable: 1 },
];

function printTable(rows: readonly PriceRow[]): void {
  if (rows.length === 0) return;
  const { bold } = createPalette(process.stdout);
  const [titles = "", ...lines] = renderTable(COLUMNS, rows.map(cellsOf), process.stdout.columns || 80);
  console.log([bold(titles), ...lines].join("\n"));
}

/** Unknown is a dash. */
export function cellsOf(row: PriceRow): readonly string[] {
  const { pricing } = row;
  return [
    referenceOf(row),
    rateText(pricing.inputPerMillionUsd),
    rateText(pricing.outputPerMillionUsd),
    rateText(pricing.cacheReadPerMillionUsd),
    rateText(pricing.cacheWritePerMillionUsd),
    rateText(pricing.cacheWriteOneHourPerMillionUsd),
    [...(pricing.tiers ?? []).map(tierText), ...(pricing.hours ?? []).map(hoursText)].join(", ") || "–",
    pricing.batchFactor === undefined ? "–" : `×${pricing.batchFactor}`,
    toolsText(pricing) || "–",
    pricing.catalogue,
  ];
}

function rateText(rate: number | undefined): string {
  return rate === undefined ? "–" : price(rate);
}

/** `over 200k $2.5/$15`. */
function tierText(tier: PriceTier): string {
  return `over ${tokenWindow(tier.inputTokensAbove)} ${pairText(tier)}`;
}

function hoursText(hours: PriceHours): string {
  return `${hours.fromUtc}–${hours.toUtc} UTC ${pairText(hours)}`;
}

function pairText({ inputPerMillionUsd, outputPerMillionUsd }: PriceRates): string {
  return [inputPerMillionUsd, outputPerMillionUsd].map(rateText).join("/");
}

const TOOLS: readonly (readonly [keyof PriceRates, string])[] = [
  ["webSearchesPerThousandUsd", "web"],
  ["fileSearchesPerThousandUsd", "files"],
  ["toolCallsPerThousandUsd", "any"],
  ["requestsPerThousandUsd", "request"],
];

function toolsText(pricing: PriceRates): string {
  return TOOLS.flatMap(([name, word]) => {
    const rate = pricing[name];
    return rate === undefined ? [] : [`${word} ${price(rate)}`];
  }).join(", ");
}

// For programs

const RATE_COLUMNS = [
  "inputPerMillionUsd",
  "outputPerMillionUsd",
  "cacheReadPerMillionUsd",
  "cacheWritePerMillionUsd",
  "cacheWriteOneHourPerMillionUsd",
  "inputAudioPerMillionUsd",
  "outputAudioPerMillionUsd",
  "webSearchesPerThousandUsd",
  "fileSearchesPerThousandUsd",
  "toolCallsPerThousandUsd",
  "requestsPerThousandUsd",
] as const satisfies readonly (keyof PriceRates)[];

const CSV_TITLES = ["model", "inputTokensAbove", "fromUtc", "toUtc", ...RATE_COLUMNS, "batchFactor", "from"];

type Cells = readonly (string | number | undefined)[];

/** One line for the model, and one for each tier and each span of hours; unknown is empty. */
function records(row: PriceRow): readonly Cells[] {
  const { pricing } = row;
  const line = (condition: Cells, rates: PriceRates): Cells => [
    referenceOf(row),
    ...condition,
    ...RATE_COLUMNS.map((name) => rates[name]),
    pricing.batchFactor,
    pricing.catalogue,
  ];
  return [
    line([undefined, undefined, undefined], pricing),
    ...(pricing.hours ?? []).map((hours) => line([undefined, hours.fromUtc, hours.toUtc], under(pricing, hours))),
    ...(pricing.tiers ?? []).map((tier) => line([tier.inputTokensAbove, undefined, undefined], under(pricing, tier))),
  ];
}

/** What holds under a condition: its own rates over the others. */
function under(pricing: Pricing, condition: PriceRates): PriceRates {
  return { ...pricing, ...condition };
}

function cellText(cell: string | number | undefined): string {
  return printable(String(cell ?? "")).replaceAll(/[\t\n]/g, " ");
}

/** As RFC 4180 has it. */
function csvLine(record: Cells): string {
  return record
    .map(cellText)
    .map((cell) => (/[",]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
    .join(",");
}

function tellNothingFound(filter: string | undefined, all: readonly PriceRow[]): void {
  const nearest = nearestNames(
    filter ?? "",
    all.flatMap((row) => [referenceOf(row), row.model]),
  );
  console.error(
    `no model with a known price has a name that contains ${JSON.stringify(filter ?? "")}${nearest.length === 0 ? "" : `; nearest: ${nearest.join(", ")}`}`,
  );
}
