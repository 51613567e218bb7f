/** `dragoman prices update`: the user's catalogue from the installed price source, or own prices from a file. */
import { readFile } from "node:fs/promises";
import { DragomanError, type OwnPricing } from "@dragoman/llm";
import { type OwnPrices, parseOwnPrices, readOwnPrices, saveOwnPrices } from "../own-prices.ts";
import { changeLines, comparePrices, type PriceList } from "../price-changes.ts";
import { printable } from "../printable.ts";
import { refreshModels } from "./models-refresh.ts";

interface UpdateOptions {
  readonly from?: string;
  readonly json?: boolean;
}

export async function updatePrices({ from, json }: UpdateOptions): Promise<void> {
  if (from === undefined) {
    await refreshModels({ format: "json", ...(json === undefined ? {} : { json }) });
    return;
  }
  const text = await readFile(from, "utf8").catch((error: Error) => {
    throw new DragomanError({ code: "configuration", detail: `${from} cannot be read: ${error.message}` });
  });
  const prices = parseOwnPrices(text, from);
  // A damaged file of before must not stand in the way of a sound one.
  const changes = comparePrices(listOf(await readOwnPrices().catch(() => ({}))), listOf(prices));
  const file = await saveOwnPrices(prices);
  const models = listOf(prices).size;
  if (json === true) console.log(JSON.stringify({ file, models, ...changes }, null, 2));
  else
    console.log(
      [`own prices: ${models} ${models === 1 ? "model" : "models"}, ${file}`, ...changeLines(changes).map((line) => `  ${line}`)]
        .map(printable)
        .join("\n"),
    );
}

function listOf(prices: OwnPrices): PriceList {
  return new Map(
    Object.entries(prices).flatMap(([provider, models]) =>
      Object.entries(models).map(([model, rates]): [string, OwnPricing] => [`${provider}:${model}`, rates]),
    ),
  );
}
