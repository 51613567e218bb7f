/** `dragoman models`: what can be called here, with context, prices and abilities. */
import { type CapabilityName, type ModelInfo, nearestNames, type Provider } from "@dragoman/llm";
import { EXIT } from "../exit.ts";
import { price, tokenWindow } from "../figures.ts";
import { listModels } from "../list-models.ts";
import { type OpenedRegistry, openRegistry } from "../open-registry.ts";
import { createPalette } from "../palette.ts";
import { printable } from "../printable.ts";
import { type Column, renderTable } from "../table.ts";

const LISTING_LIMIT_MS = 15_000;

/** Abilities as they are told, in this order. */
const ABILITY_WORDS: readonly (readonly [CapabilityName, string])[] = [
  ["tools", "tools"],
  ["images", "images"],
  ["audio", "audio"],
  ["pdf", "pdf"],
  ["reasoning", "thinks"],
  ["jsonSchema", "schema"],
  ["promptCache", "cache"],
];

export interface ModelRow {
  /** As `provider:model`. */
  readonly reference: string;
  readonly info: ModelInfo;
  /** The model that it stands for, where it is an alias. */
  readonly aliasOf?: string;
}

export async function models(filter: string | undefined, options: { readonly json?: boolean }): Promise<void> {
  const opened = await openRegistry();
  const listing = await listModels(opened.registry, LISTING_LIMIT_MS);
  const all = [...listing.models.map(rowOf).sort(byReference), ...opened.registry.providers().flatMap(aliasRows)];
  const rows = all.filter((row) => matches(row, filter));

  if (options.json === true) console.log(JSON.stringify({ models: rows.map(asJson), failures: listing.failures }, null, 2));
  else if (process.stdout.isTTY) printTable(rows);
  else for (const row of rows) console.log(tabSeparated(row));

  for (const { provider, error } of listing.failures)
    console.error(`${provider} could not be listed: ${printable(error.message)}`);
  tellWhatIsMissing(opened);
  if (rows.length === 0) {
    tellNothingFound(filter, all);
    process.exitCode = EXIT.failed;
  }
}

function rowOf(info: ModelInfo): ModelRow {
  return { reference: `${info.provider}:${info.id}`, info };
}

function byReference(left: ModelRow, right: ModelRow): number {
  return left.reference.localeCompare(right.reference, "en", { numeric: true });
}

/** Providers that have short names tell them. */
function aliasRows(provider: Provider): readonly ModelRow[] {
  return Object.entries(provider.aliases ?? {}).map(([alias, model]) => {
    const pricing = provider.pricing(alias);
    const info: ModelInfo = {
      id: alias,
      provider: provider.id,
      capabilities: provider.capabilities(alias),
      ...(pricing === undefined ? {} : { pricing }),
      source: "catalogue",
    };
    return { reference: `${provider.id}:${alias}`, info, aliasOf: model };
  });
}

function matches({ reference, info, aliasOf }: ModelRow, filter: string | undefined): boolean {
  if (filter === undefined) return true;
  const wanted = filter.toLowerCase();
  return [reference, info.displayName ?? "", aliasOf ?? ""].some((name) => name.toLowerCase().includes(wanted));
}

const COLUMNS: readonly Column[] = [
  { title: "MODEL" },
  { title: "CONTEXT", align: "right", expendable: 2 },
  { title: "IN/M", align: "right", expendable: 1 },
  { title: "OUT/M", align: "right", expendable: 1 },
  { title: "ABILITIES", expendable: 3 },
  { title: "SOURCE", expendable: 4 },
];

function printTable(rows: readonly ModelRow[]): void {
  if (rows.length === 0) return;
  const { bold } = createPalette(process.stdout);
  const [titles = "", ...lines] = renderTable(COLUMNS, rows.map(cellsOf), process.stdout.columns || 80);
  console.log([bold(titles), ...lines].join("\n"));
}

/** For people: unknown is a dash. */
export function cellsOf({ reference, info, aliasOf }: ModelRow): readonly string[] {
  const { capabilities, pricing } = info;
  const window = capabilities.contextWindowTokens;
  const [input, output] = [pricing?.inputPerMillionUsd, pricing?.outputPerMillionUsd];
  return [
    reference,
    window === undefined ? "–" : tokenWindow(window),
    input === undefined ? "–" : price(input),
    output === undefined ? "–" : price(output),
    abilitiesOf(info).join(" ") || "–",
    aliasOf === undefined ? info.source : `alias of ${aliasOf}`,
  ];
}

/** For programs: plain numbers; unknown is empty. */
function tabSeparated({ reference, info, aliasOf }: ModelRow): string {
  return [
    reference,
    info.capabilities.contextWindowTokens ?? "",
    info.pricing?.inputPerMillionUsd ?? "",
    info.pricing?.outputPerMillionUsd ?? "",
    abilitiesOf(info).join(","),
    aliasOf === undefined ? info.source : `alias of ${aliasOf}`,
  ]
    .map((cell) => printable(String(cell)).replaceAll(/[\t\n]/g, " "))
    .join("\t");
}

function asJson({ reference, info, aliasOf }: ModelRow): object {
  return { reference, ...(aliasOf === undefined ? {} : { aliasOf }), ...info };
}

function abilitiesOf({ capabilities }: ModelInfo): readonly string[] {
  return ABILITY_WORDS.filter(([name]) => capabilities[name].answer === "yes").map(([, word]) => word);
}

/** Only where a person reads it. */
function tellWhatIsMissing({ discovery, simulated }: OpenedRegistry): void {
  if (!process.stderr.isTTY) return;
  const { dim, yellow } = createPalette(process.stderr);
  const missing = discovery.findings.flatMap(({ provider, availability }) => (availability.available ? [] : [provider]));
  if (simulated) console.error(yellow("These are simulated: no provider is set up."));
  if (missing.length > 0) console.error(dim(`Not set up: ${missing.join(", ")}. dragoman doctor says how.`));
}

function tellNothingFound(filter: string | undefined, all: readonly ModelRow[]): void {
  if (filter === undefined) {
    console.error("no provider lists a model; dragoman doctor says why");
    return;
  }
  const names = all.flatMap(({ reference, info }) => [reference, info.id]);
  const nearest = nearestNames(filter, names);
  console.error(
    `no model's name contains ${JSON.stringify(filter)}${nearest.length === 0 ? "" : `; nearest: ${nearest.join(", ")}`}`,
  );
}
