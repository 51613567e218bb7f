/**
 * What only this dialect can read, as it hangs on canonical values. Fields keep the wire's own names and values, known to
 * us or not, so that an item goes back exactly as it came.
 */
import type { JsonObject, JsonValue } from "../../json.ts";
import type { VendorData } from "../../message.ts";

export const OPENAI_RESPONSES = "openai-responses";

/** What OpenAI's responses wire puts on a value beyond its canonical form. Each field says where it stands. */
export interface OpenAIResponsesVendorData {
  /**
   * On a part: the fields of its item besides those that the part itself holds. `id`, `status`, `phase`, `namespace`; for
   * reasoning also `summary`, `content` and `encrypted_content`.
   */
  readonly item?: JsonObject;
  /** On a text, refusal or media part: the fields of its content part, such as `annotations`, `logprobs`. */
  readonly content?: JsonObject;
  /** On a text or refusal: it stands in the same message item as the one before it. */
  readonly continues?: boolean;
  /** On a system message: it was written for the role `developer`. */
  readonly role?: "developer";
  /** On a system message: it stood in the field `instructions`. */
  readonly instructions?: boolean;
  /** On a tool: fields besides name, description, schema and `strict`, such as `defer_loading`. */
  readonly tool?: JsonObject;
  /** On a completion: what the vendor said besides the answer, such as `service_tier`. */
  readonly response?: JsonObject;
}

declare module "../../message.ts" {
  interface VendorData {
    readonly "openai-responses"?: OpenAIResponsesVendorData;
  }
}

/** `{ vendor }` to spread into a value; nothing when no field is set. */
export function vendorOf(data: OpenAIResponsesVendorData): { readonly vendor?: VendorData } {
  for (const value of Object.values(data)) if (value !== undefined) return { vendor: { [OPENAI_RESPONSES]: data } };
  return {};
}

/** This dialect's entry of a value's vendor data. */
export function ownVendor(value: { readonly vendor?: VendorData }): OpenAIResponsesVendorData {
  return value.vendor?.["openai-responses"] ?? {};
}

/** The fields of a wire object besides the named ones; undefined when none is left. */
export function fieldsBesides(object: JsonObject, names: ReadonlySet<string>): JsonObject | undefined {
  let fields: Record<string, JsonValue> | undefined;
  for (const key in object) {
    const value = object[key];
    if (value === undefined || names.has(key)) continue;
    fields ??= {};
    fields[key] = value;
  }
  return fields;
}
