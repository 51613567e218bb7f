/** What this wire carries beyond the canonical values, kept so that it can be sent back or shown. */
import type { JsonArray, JsonObject, JsonValue } from "../../json.ts";
import type { VendorData } from "../../message.ts";

export const BEDROCK = "bedrock-converse";

/** Keeper of media that lie in a bucket: `{ type: "reference", provider: "s3", id: "s3://bucket/key" }`. */
export const S3 = "s3";

/** What Converse puts on a value beyond its canonical form. Each field says where it stands. */
export interface BedrockConverseVendorData {
  /** On reasoning: proves that the model wrote it. */
  readonly signature?: string;
  /** On reasoning: the thinking, encrypted. Base64. */
  readonly redactedContent?: string;
  /** On a text: `citationsContent.citations` as they came. The source parts are derived from them. */
  readonly citations?: JsonArray;
  /** On a text with citations: its pieces, where it came in several. */
  readonly pieces?: readonly string[];
  /** On media in a bucket: the account that owns the bucket, where it is not the caller's. */
  readonly bucketOwner?: string;
  /** On a document: its source was plain text, not bytes. */
  readonly plainText?: boolean;
  /** On structured data in a tool result: its value is a block of this wire and goes back as it is. */
  readonly verbatim?: boolean;
  /** On a part or tool: fields without a canonical place that go back as they are (`context`, `citations` of a document). */
  readonly fields?: JsonObject;
  /** On a completion: fields of the body (`metrics`, `trace`, `additionalModelResponseFields`, `serviceTier`). */
  readonly body?: JsonObject;
}

declare module "../../message.ts" {
  interface VendorData {
    readonly "bedrock-converse"?: BedrockConverseVendorData;
  }
}

export function vendorDataOf(holder: { readonly vendor?: VendorData }): BedrockConverseVendorData {
  return holder.vendor?.[BEDROCK] ?? {};
}

/** The holder's `vendor` field, or nothing where there is nothing to keep. For spreading. */
export function withVendorData(data: BedrockConverseVendorData): { vendor?: VendorData } {
  const kept = Object.entries(data).filter(([, value]) => value !== undefined);
  return kept.length === 0 ? {} : { vendor: { [BEDROCK]: Object.fromEntries(kept) } };
}

/** `{ fields }` of what is not known and says something. */
export function otherFieldsData(object: JsonObject, known: ReadonlySet<string>): BedrockConverseVendorData {
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

export function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}
