/**
 * Turns the price catalogue of genai-prices into our catalogue files, one per provider. Run by `dragoman models refresh`.
 * Prices with a start date or a time of day are taken as they hold on the day of the run.
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
  type PriceRates,
  type PriceTier,
} from "@dragoman/llm";
import type { MatchLogic, ModelInfo, ModelPrice, Provider } from "@pydantic/genai-prices";
import { catalogueAsTypeScript, catalogueFromTypeScript } from "./catalogue-source.ts";
import { isCatalogue } from "./user-data.ts";

/** Our provider id, and the id of the price source that serves it. */
const SOURCES: readonly (readonly [ours: string, theirs: string])[] = [
  ["anthropic", "anthropic"],
  ["openai", "openai"],
  ["gemini", "google"],
  ["moonshot", "moonshotai"],
];

/** Models that answer no completion request. */
const NOT_CHAT =
  /embedding|whisper|tts|transcribe|moderation|dall-e|image|sora|realtime|audio-preview|rerank|imagen|veo|lyria|live|aqa/i;

const RATE_NAMES: readonly (readonly [ours: keyof PriceRates, theirs: string])[] = [
  ["inputPerMillionUsd", "input_mtok"],
  ["outputPerMillionUsd", "output_mtok"],
  ["cacheReadPerMillionUsd", "cache_read_mtok"],
  ["cacheWritePerMillionUsd", "cache_write_mtok"],
  ["cacheWriteOneHourPerMillionUsd", "cache_write_1h_mtok"],
  ["inputAudioPerMillionUsd", "input_audio_mtok"],
  ["outputAudioPerMillionUsd", "output_audio_mtok"],
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

/** Writes `<provider>.generated.ts` files into the folder, or `.json` for a user's own folder. */
export async function refreshCatalogue({ folder, format, today }: RefreshOptions): Promise<readonly RefreshResult[]> {
  const { findProvider } = await import("@pydantic/genai-prices");
  const version = await sourceVersion();
  const catalogues = SOURCES.map(([ours, theirs]): [string, Catalogue] => {
    const source = findProvider({ providerId: theirs });
    if (source !== undefined) return [ours, toCatalogue(source, version, today)];
    throw new DragomanError({
      code: "configuration",
      detail: `the price catalogue has no provider ${theirs}`,
      advice: "update @pydantic/genai-prices",
    });
  });
  await mkdir(folder, { recursive: true });
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

function toCatalogue(source: Provider, version: string, today: Date): Catalogue {
  const models = source.models.filter((model) => !NOT_CHAT.test(model.id)).map((model) => toRow(model, today));
  return { version, models };
}

function toRow(model: ModelInfo, today: Date): CatalogueModel {
  const pricing = toPricing(pricesOn(model.prices, today));
  return {
    id: model.id,
    ...(model.name === undefined ? {} : { name: model.name }),
    match: toMatch(model.match),
    ...(model.context_window === undefined ? {} : { contextWindowTokens: model.context_window }),
    ...(pricing === undefined ? {} : { pricing }),
    ...(model.deprecated === true ? { deprecated: true } : {}),
  };
}

/** The last price list whose constraint holds; a list without a constraint always does. */
function pricesOn(prices: ModelInfo["prices"], today: Date): ModelPrice {
  if (!Array.isArray(prices)) return prices;
  let chosen: ModelPrice = {};
  for (const { constraint, prices: list } of prices) {
    if (constraint === undefined) chosen = list;
    else if (constraint.type === "start_date" && new Date(constraint.start_date) <= today) chosen = list;
  }
  return chosen;
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
