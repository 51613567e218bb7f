/**
 * Settings that one wire has and the canonical request has not. An interface of its own, so that it can be added to from
 * outside.
 */
import type { JsonObject } from "./json.ts";

/**
 * Fields of a wire by dialect id, laid over the rendered body at its top level. Entries that the dialect in use does not
 * read are reported as warnings, not sent.
 *
 * Each dialect types its own entry by declaration merging, and a package with a dialect of its own does the same:
 *
 *     declare module "@dragoman/llm" {
 *       interface VendorOptions {
 *         readonly "my-wire"?: MyWireOptions; // an interface that extends JsonObject
 *       }
 *     }
 */
export interface VendorOptions {
  readonly [dialect: string]: JsonObject | undefined;
}
