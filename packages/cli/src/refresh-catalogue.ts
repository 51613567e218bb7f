/**
 * Turns the price catalogue of genai-prices into our catalogue files, one per provider. Run by `dragoman models refresh`.
 * Prices with a start date are taken as they hold on the day of the run; those for hours of the day go in beside the others.
 */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type Catalogue,
  type CatalogueModel,
  DragomanError,
  isJsonObject,
  type ModelMatch,
  matchesModel,
  type PriceHours,
  type PriceRates,
  type PriceTier,
} from "@dragoman/llm";
import type { MatchLogic, ModelInfo, ModelPrice, Provider } from "@pydantic/genai-prices";
import { catalogueAsTypeScript, catalogueFromTypeScript } from "./catalogue-source.ts";
import { MODEL_NAMES_FILE, modelNamesAsTypeScript } from "./model-names.ts";
import { isCatalogue } from "./user-data.ts";

interface CatalogueSource {
  /** Our provider's id. */
  readonly provider: string;
  /** The id of the price source that serves it. */
  readonly source: string;
  /** The row without what would claim the models of another vendor; undefined where nothing is left. */
  readonly narrow?: (row: CatalogueModel) => CatalogueModel | undefined;
}

/**
 * OpenRouter and Hugging Face are not among them: their own listings tell the price of each of their many models, and an
 * answer of OpenRouter its cost.
 */
const SOURCES: readonly CatalogueSource[] = [
  { provider: "anthropic", source: "anthropic" },
  { provider: "openai", source: "openai" },
  { provider: "gemini", source: "google", narrow: (row) => (row.id.startsWith("claude-") ? undefined : row) },
  { provider: "moonshot", source: "moonshotai" },
  { provider: "cohere", source: "cohere" },
  { provider: "mistral", source: "mistral" },
  { provider: "bedrock", source: "aws", narrow: ofBedrock },
  { provider: "together", source: "together" },
  { provider: "groq", source: "groq" },
  { provider: "deepseek", source: "deepseek" },
  { provider: "xai", source: "x-ai" },
  { provider: "fireworks", source: "fireworks" },
  { provider: "cerebras", source: "cerebras" },
  { provider: "perplexity", source: "perplexity" },
  { provider: "zai", source: "zai" },
];

/** Models that answer no completion request. */
const NOT_CHAT =
  /whisper|tts|transcribe|moderation|dall-e|image|sora|realtime|audio-preview|rerank|imagen|veo|lyria|live|aqa|-ocr-|voice/i;
const EMBEDDING = /embed/i;

const RATE_NAMES: readonly (readonly [ours: keyof PriceRates, theirs: string])[] = [
  ["inputPerMillionUsd", "input_mtok"],
  ["outputPerMillionUsd", "output_mtok"],
  ["cacheReadPerMillionUsd", "cache_read_mtok"],
  ["cacheWritePerMillionUsd", "cache_write_mtok"],
  ["cacheWriteOneHourPerMillionUsd", "cache_write_1h_mtok"],
  ["inputAudioPerMillionUsd", "input_audio_mtok"],
  ["outputAudioPerMillionUsd", "output_audio_mtok"],
  ["webSearchesPerThousandUsd", "web_searches_kcount"],
  ["fileSearchesPerThousandUsd", "storage_searches_kcount"],
  ["requestsPerThousandUsd", "requests_kcount"],
];

export interface RefreshOptions {
  readonly folder: string;
  readonly format: "ts" | "json";
  /** The day whose prices are taken. */
  readonly today: Date;
}

export interface RefreshResult {
  readonly provider: string;
  readonly file: string;
  readonly catalogue: Catalogue;
  /** What the file held until now; undefined where there was none that could be read. */
  readonly previous?: Catalogue;
}

/** Writes `<provider>.generated.ts` files and the types of their names into the folder, or `.json` for a user's own folder. */
export async function refreshCatalogue({ folder, format, today }: RefreshOptions): Promise<readonly RefreshResult[]> {
  const { findProvider } = await import("@pydantic/genai-prices");
  const version = await sourceVersion();
  const catalogues = SOURCES.map(({ provider, source, narrow }): [string, Catalogue] => {
    const found = findProvider({ providerId: source }) ?? missing(source);
    return [provider, toCatalogue(found, narrow, version, today)];
  });
  await mkdir(folder, { recursive: true });
  if (format === "ts") await writeWhole(join(folder, MODEL_NAMES_FILE), modelNamesAsTypeScript(new Map(catalogues)));
  return Promise.all(
    catalogues.map(async ([provider, catalogue]) => {
      const file = join(folder, `${provider}.generated.${format}`);
      const previous = await readPrevious(file, format);
      await writeWhole(
        file,
        format === "json" ? `${JSON.stringify(catalogue, null, 1)}\n` : catalogueAsTypeScript(provider, catalogue),
      );
      return { provider, file, catalogue, ...(previous === undefined ? {} : { previous }) };
    }),
  );
}

function missing(source: string): never {
  throw new DragomanError({
    code: "configuration",
    detail: `the price catalogue has no provider ${source}`,
    advice: "update @pydantic/genai-prices",
  });
}

/** Name and version of the package that the prices come from. Stands on every cost. */
async function sourceVersion(): Promise<string> {
  const manifest = new URL("../package.json", import.meta.resolve("@pydantic/genai-prices"));
  const { version } = JSON.parse(await readFile(fileURLToPath(manifest), "utf8"));
  return `genai-prices ${version}`;
}

/** A file that cannot be read as what we write is compared with nothing, and replaced. */
async function readPrevious(file: string, format: "ts" | "json"): Promise<Catalogue | undefined> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const value: unknown = format === "json" ? JSON.parse(text) : catalogueFromTypeScript(text);
    return isJsonObject(value) && isCatalogue(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

async function writeWhole(file: string, text: string): Promise<void> {
  const beside = `${file}.${process.pid}.new`;
  await writeFile(beside, text);
  await rename(beside, file);
}

function toCatalogue(source: Provider, narrow: CatalogueSource["narrow"], version: string, today: Date): Catalogue {
  const rows = source.models.filter((model) => !NOT_CHAT.test(model.id)).map((model) => toRow(model, today));
  const served = narrow === undefined ? rows : rows.flatMap((row) => narrow(row) ?? []);
  return { version, models: served.map(withCallableId) };
}

/** A name with its maker before it, as `eu.anthropic.claude-…`: a bare one is the maker's own model, not Bedrock's. */
const MAKER_BEFORE_NAME = /[a-z]\.[a-z]/;

function ofBedrock(row: CatalogueModel): CatalogueModel | undefined {
  const match = row.match === undefined ? undefined : withMaker(row.match);
  // The source's word for every region's profile of a model is no part of any name.
  return match === undefined ? undefined : { ...row, id: row.id.replace(/^regional\./, ""), match };
}

function withMaker(match: ModelMatch): ModelMatch | undefined {
  if ("or" in match) {
    const branches = match.or.flatMap((branch) => withMaker(branch) ?? []);
    return branches.length === 0 ? undefined : { or: branches };
  }
  if ("and" in match || "regex" in match) return match;
  if (MAKER_BEFORE_NAME.test(Object.values(match).join(""))) return match;
  return "contains" in match ? { and: [{ regex: MAKER_BEFORE_NAME.source }, match] } : undefined;
}

function toRow(model: ModelInfo, today: Date): CatalogueModel {
  const pricing = pricingOn(model.prices, today);
  return {
    id: model.id,
    ...(model.name === undefined ? {} : { name: model.name }),
    match: toMatch(model.match),
    ...(EMBEDDING.test(model.id) ? { purpose: "embedding" } : {}),
    ...(model.context_window === undefined ? {} : { contextWindowTokens: model.context_window }),
    ...(pricing === undefined ? {} : { pricing }),
    ...(model.deprecated === true ? { deprecated: true } : {}),
  };
}

/** Some rows are named by what the model is called elsewhere; then a spelling that is taken here is the id, its own path first. */
function withCallableId(row: CatalogueModel): CatalogueModel {
  const { id, match } = row;
  if (match === undefined || matchesModel(match, id)) return row;
  const spellings = "or" in match ? match.or : [match];
  const names = spellings.flatMap((spelling) => ("equals" in spelling ? [spelling.equals] : []));
  return { ...row, id: names.find((name) => name.endsWith(`/${id}`)) ?? names.at(-1) ?? id };
}

/** The last price list whose date has come, with the lists for hours of the day that stand after it. */
function pricingOn(prices: ModelInfo["prices"], today: Date): CatalogueModel["pricing"] {
  if (!Array.isArray(prices)) return toPricing(prices);
  let chosen: ModelPrice = {};
  let hours: PriceHours[] = [];
  for (const { constraint, prices: list } of prices) {
    if (constraint?.type === "time_of_date") {
      const { start_time: from, end_time: to } = constraint;
      hours.push({ fromUtc: from.slice(0, 5), toUtc: to.slice(0, 5), ...toPricing(list) });
    } else if (constraint === undefined || new Date(constraint.start_date) <= today) {
      chosen = list;
      hours = [];
    }
  }
  const pricing = toPricing(chosen);
  return pricing === undefined || hours.length === 0 ? pricing : { ...pricing, hours };
}

function toPricing(prices: ModelPrice): CatalogueModel["pricing"] {
  const rates: Partial<Record<keyof PriceRates, number>> = {};
  const tiers = new Map<number, Partial<Record<keyof PriceRates, number>>>();
  for (const [ours, theirs] of RATE_NAMES) {
    const price = prices[theirs];
    if (price === undefined) continue;
    if (typeof price === "number") {
      rates[ours] = price;
      continue;
    }
    rates[ours] = price.base;
    for (const tier of price.tiers) {
      const row = tiers.get(tier.start) ?? {};
      row[ours] = tier.price;
      tiers.set(tier.start, row);
    }
  }
  if (Object.keys(rates).length === 0) return undefined;
  const tierList: PriceTier[] = [...tiers]
    .sort(([left], [right]) => left - right)
    .map(([inputTokensAbove, row]) => ({ inputTokensAbove, ...row }));
  return { ...rates, ...(tierList.length === 0 ? {} : { tiers: tierList }) };
}

function toMatch(match: MatchLogic): ModelMatch {
  if ("equals" in match) return { equals: match.equals };
  if ("starts_with" in match) return { startsWith: match.starts_with };
  if ("ends_with" in match) return { endsWith: match.ends_with };
  if ("contains" in match) return { contains: match.contains };
  if ("regex" in match) return { regex: match.regex };
  if ("or" in match) return { or: match.or.map(toMatch) };
  return { and: match.and.map(toMatch) };
}
