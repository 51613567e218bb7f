/**
 * What Anthropic puts on a block beyond its canonical form, under the names of the wire. It is kept as it came, so that the
 * block goes back byte for byte: a signature that differs in one character is refused.
 */
import type { JsonArray, JsonObject, JsonValue } from "../../json.ts";

export const DIALECT = "anthropic-messages";

/** What Anthropic puts on a part beyond its canonical form, under the wire's own names. */
export interface AnthropicVendorData {
  /** Of a thinking block. Proves that Anthropic wrote it. */
  readonly signature?: string;
  /** Of a `redacted_thinking` block: the thinking, encrypted. */
  readonly data?: string;
  /** Of a text block in an answer: a list. Of a document in a request: the setting `{ enabled }`. */
  readonly citations?: JsonArray | JsonObject;
  /** A breakpoint that no cache directive expresses, as in the middle of a message. */
  readonly cache_control?: JsonObject;
  /** Of a tool call: who made it, the model itself or its code. */
  readonly caller?: JsonObject;
  /** Of a JSON part: its value is a block of this wire and goes back as it is. */
  readonly verbatim?: boolean;
  /** Any other field of the block. */
  readonly [field: string]: JsonValue | undefined;
}

declare module "../../message.ts" {
  interface VendorData {
    readonly "anthropic-messages"?: AnthropicVendorData;
  }
}

/** The fields of a block that are neither canonical nor null, or undefined where there are none. */
export function otherBlockFields(block: JsonObject, canonical: ReadonlySet<string>): AnthropicVendorData | undefined {
  let others: Record<string, JsonValue> | undefined;
  for (const key in block) {
    const value = block[key];
    if (value === undefined || value === null || canonical.has(key)) continue;
    others ??= {};
    others[key] = value;
  }
  return others;
}

/** A part with its vendor data; the part alone where there is none. */
export function withVendorData<P extends object>(part: P, data: AnthropicVendorData | undefined): P {
  return data === undefined ? part : { ...part, vendor: { [DIALECT]: data } };
}
