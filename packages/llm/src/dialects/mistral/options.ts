/** What Mistral's wire takes beyond a canonical request. Types only. Source of every field: `ChatCompletionRequest` of its SDK. */
import type { JsonObject } from "../../json.ts";
import type { Suggested } from "../../suggested.ts";

declare module "../../vendor-options.ts" {
  interface VendorOptions {
    readonly mistral?: MistralWireOptions;
  }
}

/** Fields of `POST /v1/chat/completions` at Mistral, laid over the body. */
export interface MistralWireOptions extends JsonObject {
  /** Checks of prompt and answer, in order. */
  readonly guardrails?: readonly JsonObject[];
  /** How many answers. The first is the completion, the others come back under its `vendor`; all are paid. Default 1. */
  readonly n?: number;
  /** Text that much of the answer will repeat, so that it comes faster. */
  readonly prediction?: JsonObject;
  /** `reasoning` puts Mistral's own instructions for thinking before the prompt. */
  readonly prompt_mode?: Suggested<"reasoning"> | null;
  /** Puts a safety prompt of Mistral's before the others. Default false. */
  readonly safe_prompt?: boolean;
  /** Default `auto`. */
  readonly service_tier?: Suggested<"auto" | "standard_only"> | null;
}
