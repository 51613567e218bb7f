/** What one wire has and the canonical request has not. In a file of its own, so that other packages can add to it. */
import type { JsonObject } from "./json.ts";

/**
 * Fields of a wire by dialect id, laid over the rendered body at its top level. The dialect of the provider that is asked
 * reads its own entry; the others are not sent, and a warning says so. Any field may stand in an entry, typed or not.
 *
 * Each dialect types its own entry by declaration merging. A package with a wire of its own does the same:
 *
 * ```ts
 * declare module "@dragoman/llm" {
 *   interface VendorOptions {
 *     readonly "my-wire"?: MyWireOptions; // an interface that extends JsonObject
 *   }
 * }
 * ```
 */
export interface VendorOptions {
  readonly [dialect: string]: JsonObject | undefined;
}
