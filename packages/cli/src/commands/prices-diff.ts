/** `dragoman prices diff`: the bundled prices against the user's, or one file against another. */
import { readFile } from "node:fs/promises";
import { type Catalogue, DragomanError, isJsonObject, type OwnPricing } from "@dragoman/llm";
import { catalogueFromTypeScript } from "../catalogue-source.ts";
import { userOptions } from "../open-registry.ts";
import { parseOwnPrices } from "../own-prices.ts";
import { changeLines, comparePrices, countChanges, type PriceChanges, type PriceList } from "../price-changes.ts";
import { knownPrices, type PriceRow, ratesOf, referenceOf } from "../price-rows.ts";
import { printable } from "../printable.ts";
import { isCatalogue } from "../user-data.ts";

interface Comparison {
  readonly before: string;
  readonly after: string;
  readonly changes: PriceChanges;
}

export async function diffPrices(
  before: string | undefined,
  after: string | undefined,
  options: { readonly json?: boolean },
): Promise<void> {
  const comparison = before === undefined ? await againstBundled() : await betweenFiles(before, after);
  if (options.json === true) {
    const { changes, ...names } = comparison;
    console.log(JSON.stringify({ ...names, ...changes }, null, 2));
    return;
  }
  const count = countChanges(comparison.changes);
  const summary = count === 0 ? "no difference" : `${count} ${count === 1 ? "difference" : "differences"}`;
  const lines = changeLines(comparison.changes).map((line) => `  ${line}`);
  console.log([`${comparison.before} -> ${comparison.after}: ${summary}`, ...lines].map(printable).join("\n"));
}

async function againstBundled(): Promise<Comparison> {
  const bundled = knownPrices({});
  const users = knownPrices(await userOptions(process.env));
  return { before: "bundled", after: "yours", changes: comparePrices(listOf(bundled), listOf(users)) };
}

function listOf(rows: readonly PriceRow[]): PriceList {
  return new Map(rows.map((row) => [referenceOf(row), ratesOf(row.pricing)]));
}

async function betweenFiles(before: string, after: string | undefined): Promise<Comparison> {
  if (after === undefined) {
    const advice = "name two files, or none for the bundled prices against yours";
    throw new DragomanError({ code: "invalid_request", detail: `there is nothing to compare ${before} with`, advice });
  }
  const [earlier, later] = await Promise.all([readPrices(before), readPrices(after)]);
  return { before, after, changes: comparePrices(earlier, later) };
}

/** A catalogue as JSON or as TypeScript, or a file of own prices. */
async function readPrices(file: string): Promise<PriceList> {
  const text = await readFile(file, "utf8").catch((error: Error) => {
    throw new DragomanError({ code: "configuration", detail: `${file} cannot be read: ${error.message}` });
  });
  const catalogue = asCatalogue(text, file);
  if (catalogue !== undefined) return new Map(catalogue.models.map(({ id, pricing }) => [id, pricing]));
  const prices = Object.entries(parseOwnPrices(text, file));
  return new Map(
    prices.flatMap(([provider, models]) =>
      Object.entries(models).map(([model, rates]): [string, OwnPricing] => [`${provider}:${model}`, rates]),
    ),
  );
}

function asCatalogue(text: string, file: string): Catalogue | undefined {
  try {
    const value: unknown = file.endsWith(".ts") ? catalogueFromTypeScript(text) : JSON.parse(text);
    return isJsonObject(value) && isCatalogue(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
