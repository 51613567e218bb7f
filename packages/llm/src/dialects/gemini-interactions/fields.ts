/** Lenient looks into JSON that a vendor sent: what is not there, or is something else, is absent. */
import { isJsonObject, type JsonObject } from "../../json.ts";
import type { VendorData } from "../../message.ts";
import { GEMINI_INTERACTIONS } from "./vendor-data.ts";

const EMPTY: JsonObject = Object.freeze({});

/** The string, unless it is empty. */
export function wordOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The string; empty for anything else. */
export function textIn(value: unknown): string {
  return typeof value === "string" ? value : "";
}

export function objectOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : EMPTY;
}

export function objectsOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** A count of tokens or calls. */
export function countOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** The fields that are not named, without the ones that say nothing. */
export function fieldsBeyond(object: JsonObject, known: ReadonlySet<string>): JsonObject {
  const rest = Object.entries(object).filter(([name, value]) => !known.has(name) && value !== undefined && value !== null);
  return Object.fromEntries(rest);
}

/** What this wire left on a part, a message or a completion. */
export function ownData(holder: { readonly vendor?: VendorData }): JsonObject {
  return dataOf(holder.vendor);
}

export function dataOf(vendor: VendorData | undefined): JsonObject {
  return objectOf(vendor?.[GEMINI_INTERACTIONS]);
}
