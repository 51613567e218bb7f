/** What this wire carries beyond the canonical values, kept so that it can be sent back or shown. */
import type { JsonArray, JsonObject, JsonValue } from "../../json.ts";
import type { VendorData } from "../../message.ts";

export const COHERE = "cohere";

/** What Cohere puts on a value beyond its canonical form. Each field says where it stands. */
export interface CohereVendorData {
  /**
   * On a text part beside tool calls: true where the text is the message's `tool_plan`, false where it is its content.
   * Absent: not told; content in what Cohere answered, a plan in what others did.
   */
  readonly toolPlan?: boolean;
  /** On a part, a message or a tool call: fields without a canonical place that go back as they are. */
  readonly fields?: JsonObject;
  /** On an assistant's message: `citations` as they came. The source parts are derived from them. */
  readonly citations?: JsonArray;
  /** On structured data in a tool result: the rest of its document, such as the `id` that citations name. */
  readonly document?: JsonObject;
  /** On a completion: fields of the body (`logprobs`). */
  readonly body?: JsonObject;
}

declare module "../../message.ts" {
  interface VendorData {
    readonly cohere?: CohereVendorData;
  }
}

export function vendorDataOf(holder: { readonly vendor?: VendorData }): CohereVendorData {
  return holder.vendor?.[COHERE] ?? {};
}

/** The holder's `vendor` field, or nothing where there is nothing to keep. For spreading. */
export function withVendorData(data: CohereVendorData): { vendor?: VendorData } {
  const kept = Object.entries(data).filter(([, value]) => value !== undefined);
  return kept.length === 0 ? {} : { vendor: { [COHERE]: Object.fromEntries(kept) } };
}

/** `{ fields }` of what is not known and says something. */
export function otherFieldsData(object: JsonObject, known: ReadonlySet<string>): CohereVendorData {
  const fields = unknownFields(object, known);
  return fields === undefined ? {} : { fields };
}

/** The entries of an object whose key is not known and whose value says something. */
export function unknownFields(object: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let others: Record<string, JsonValue> | undefined;
  for (const key in object) {
    const value = object[key];
    if (value === null || value === undefined || known.has(key)) continue;
    others ??= {};
    others[key] = value;
  }
  return others;
}
