/** What Cohere's wire takes beyond a canonical request. Types only. Source of every field: `V2ChatRequest` of its SDK. */
import type { JsonObject } from "../../json.ts";
import type { Suggested } from "../../suggested.ts";

declare module "../../vendor-options.ts" {
  interface VendorOptions {
    readonly cohere?: CohereWireOptions;
  }
}

/** Fields of `POST /v2/chat`, laid over the body. */
export interface CohereWireOptions extends JsonObject {
  /** How the answer cites. `OFF` leaves citations out. */
  readonly citation_options?: CohereCitationOptions;
  /** What the model may cite: texts, or objects under an id of their own. */
  readonly documents?: readonly (string | CohereDocument)[];
  /** Tells how probable each token was; it comes back under `completion.vendor`. */
  readonly logprobs?: boolean;
  /** Lower goes first when Cohere is busy. Default 0, the highest. */
  readonly priority?: number;
  /** Which safety instruction goes before the prompt. Default `CONTEXTUAL`. Not together with tools or documents. */
  readonly safety_mode?: Suggested<"CONTEXTUAL" | "STRICT" | "OFF">;
}

/** How citations are made. */
export interface CohereCitationOptions extends JsonObject {
  /** Default `ENABLED`. */
  readonly mode?: Suggested<"ENABLED" | "DISABLED" | "FAST" | "ACCURATE" | "OFF">;
}

/** A text to cite, with what is to be known of it. */
export interface CohereDocument extends JsonObject {
  /** Named by citations. Default: a number. */
  readonly id?: string;
  /** Any fields; `title` and `snippet` are usual. */
  readonly data?: JsonObject;
}
