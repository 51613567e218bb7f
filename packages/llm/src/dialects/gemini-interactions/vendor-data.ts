/** What of this wire hangs on canonical values: fields that have no place of their own there, to be given back as they came. */
import type { JsonObject, JsonValue } from "../../json.ts";
import type { VendorData } from "../../message.ts";

export const GEMINI_INTERACTIONS = "gemini-interactions";

/** Of a part: the fields of its step or content block that the canonical part does not hold. */
export interface GeminiInteractionsPartData extends JsonObject {
  /** Of a thought or a call: what the vendor checks when it is sent back. */
  readonly signature?: string;
  /** Of a text: its citations. Offsets count bytes. */
  readonly annotations?: readonly JsonObject[];
  /** Of a thought whose summary holds more than text: the whole summary. */
  readonly summary?: readonly JsonObject[];
  /** Of a picture: how closely to look, where the canonical form has no such grade. */
  readonly resolution?: string;
}

/** Of a message: how a decoding goes on that the vendor suspended. */
export interface GeminiInteractionsMessageData {
  readonly continuation_token?: string;
}

/** Of a completion: the fields of the interaction that the canonical form does not hold. */
export interface GeminiInteractionsAnswerData {
  readonly response?: JsonObject;
}

/** Fields of a request that have no canonical form. `generation_config` is laid over field by field, the others whole. */
export interface GeminiInteractionsOptions extends JsonObject {
  readonly agent?: string;
  readonly agent_config?: JsonObject;
  readonly background?: boolean;
  readonly environment?: JsonValue;
  readonly generation_config?: JsonObject;
  readonly previous_interaction_id?: string;
  readonly response_format?: JsonValue;
  readonly safety_settings?: readonly JsonObject[];
  readonly service_tier?: string;
  /** False: the vendor keeps nothing. Its default is true. */
  readonly store?: boolean;
  readonly webhook_config?: JsonObject;
}

declare module "../../message.ts" {
  interface VendorData {
    readonly "gemini-interactions"?: GeminiInteractionsPartData | GeminiInteractionsMessageData | GeminiInteractionsAnswerData;
  }
}

declare module "../../vendor-options.ts" {
  interface VendorOptions {
    readonly "gemini-interactions"?: GeminiInteractionsOptions;
  }
}

/** The fields as vendor data; undefined where there are none. */
export function vendorDataOf(fields: JsonObject): VendorData | undefined {
  return Object.keys(fields).length === 0 ? undefined : { [GEMINI_INTERACTIONS]: fields };
}
