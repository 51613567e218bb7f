/** What this wire carries beyond the canonical values, kept so that it can be sent back or shown. */
import { isJsonObject, type JsonArray, type JsonObject } from "../../json.ts";
import type { VendorData } from "../../message.ts";

export const OPENAI_CHAT = "openai-chat";

/** The kind of an opaque part that holds a call of a custom tool, whose input is free text. */
export const CUSTOM_TOOL_CALL = "custom_tool_call";

/** What OpenAI's chat wire puts on a value beyond its canonical form. Each field says where it stands. */
export interface OpenAIChatVendorData {
  /** On a message, a part or a tool call: fields without a canonical place that go back as they are (`cache_control`, `extra_content`). */
  readonly fields?: JsonObject;
  /** On a tool: fields of its function that the wire does not define. */
  readonly function?: JsonObject;
  /** On a text part of an answer: its citations. */
  readonly annotations?: JsonArray;
  /** On a reasoning part: `reasoning_details` as they came, deltas of one entry joined. */
  readonly reasoningDetails?: JsonArray;
  /** On a reasoning part: the signature of Mistral's thinking chunk. */
  readonly signature?: string;
  /** On a reasoning part: the entries of Mistral's thinking chunk, where they are more than text. */
  readonly thinking?: JsonArray;
  /** On a source: the id by which Mistral's reference chunk names it. */
  readonly referenceId?: string | number;
  /** On an image: a `detail` that is not canonical, as `original`. */
  readonly imageDetail?: string;
  /** On audio of an answer: the id by which it is sent back, and until when (seconds since 1970). */
  readonly audio?: { readonly id: string; readonly expiresAt?: number };
  /** On a completion: fields of the body (`system_fingerprint`, `citations`). */
  readonly body?: JsonObject;
  /** On a completion: fields of the choice (`logprobs`, `content_filter_results`). */
  readonly choice?: JsonObject;
  /** On a completion: fields of the message that an answer may have but no request (`executed_tools`). */
  readonly message?: JsonObject;
  /** On a completion: the choices after the first, as they came. */
  readonly otherChoices?: JsonArray;
}

declare module "../../message.ts" {
  interface VendorData {
    readonly "openai-chat"?: OpenAIChatVendorData;
  }
}

export function vendorDataOf(holder: { readonly vendor?: VendorData }): OpenAIChatVendorData {
  return holder.vendor?.[OPENAI_CHAT] ?? {};
}

/** The holder's `vendor` field, or nothing where there is nothing to keep. For spreading. */
export function withVendorData(data: OpenAIChatVendorData | undefined): { vendor?: VendorData } {
  return data === undefined || Object.keys(data).length === 0 ? {} : { vendor: { [OPENAI_CHAT]: data } };
}

/** The entries of an object whose key is not known and whose value says something. */
export function unknownFields(object: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let others: Record<string, JsonObject[string]> | undefined;
  for (const key in object) {
    const value = object[key];
    if (value === null || value === undefined || known.has(key)) continue;
    others ??= {};
    others[key] = value;
  }
  return others;
}

/** `{ fields }` where there are any. */
export function fieldsData(fields: JsonObject | undefined): OpenAIChatVendorData | undefined {
  return fields === undefined ? undefined : { fields };
}

export function objectsIn(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}
