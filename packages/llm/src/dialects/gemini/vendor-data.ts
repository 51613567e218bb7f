/** What Gemini alone can read, kept beside the canonical values under `vendor.gemini`. */
import type { JsonObject } from "../../json.ts";
import type { VendorData } from "../../message.ts";

declare module "../../message.ts" {
  interface VendorData {
    readonly gemini?: GeminiVendorData;
  }
}

/** One shape for every place; each field says where it stands. */
export interface GeminiVendorData {
  /** On a part: the signature that came with it, byte for byte. Goes back on this very part. */
  readonly thoughtSignature?: string;
  /** On a part: fields that have no canonical form (`videoMetadata`, `mediaResolution`, `partMetadata`). */
  readonly fields?: JsonObject;
  /** On a media part that has no name of its own: the `displayName` of its data. */
  readonly displayName?: string;
  /** On a tool call or result: the wire had no id; ours was made up and stays off the wire. */
  readonly madeUpId?: boolean;
  /** On a message: the `role` of a system instruction, or `continues` for one content that held two canonical roles. */
  readonly role?: string;
  readonly continues?: boolean;
  /** On a tool: the fields of the declaration as the client wrote them, where ours would differ. */
  readonly declaration?: JsonObject;
  /** On a tool result: other fields of its `functionResponse` (`scheduling`, `willContinue`). */
  readonly functionResponse?: JsonObject;
  /** On a completion: the other fields of its candidate (`groundingMetadata`, `safetyRatings`, `logprobsResult`). */
  readonly candidate?: JsonObject;
  /** On a completion: candidates beyond the first, as they came; of a stream, piece by piece. */
  readonly otherCandidates?: readonly JsonObject[];
  /** On a completion: what the vendor says of the prompt, with its `blockReason`. */
  readonly promptFeedback?: JsonObject;
  /** On a completion: other fields of the answer (`createTime`, `modelStatus`). */
  readonly response?: JsonObject;
}

/** The data of a part, a message or a completion; an empty object where there is none. */
export function geminiData(owner: { readonly vendor?: VendorData }): GeminiVendorData {
  return owner.vendor?.gemini ?? {};
}

/** `{ vendor: { gemini } }` to spread, or nothing when there is nothing to keep. */
export function withGeminiData(data: GeminiVendorData): { readonly vendor?: VendorData } {
  return Object.keys(data).length === 0 ? {} : { vendor: { gemini: data } };
}
