/**
 * What Bedrock's Converse takes beyond a canonical request. Types only. Source of every field: `ConverseRequest` of
 * `@aws-sdk/client-bedrock-runtime`.
 */
import type { JsonArray, JsonObject } from "../../json.ts";
import type { Suggested } from "../../suggested.ts";

declare module "../../vendor-options.ts" {
  interface VendorOptions {
    readonly "bedrock-converse"?: BedrockConverseOptions;
  }
}

/**
 * Fields of `POST /model/{id}/converse`, laid over the body. `inferenceConfig`, `additionalModelRequestFields`,
 * `outputConfig` and `requestMetadata` are joined field by field. A null takes a rendered field out.
 */
export interface BedrockConverseOptions extends JsonObject {
  /** Fields of the model's own wire, as in `{ anthropic_beta: […] }`. */
  readonly additionalModelRequestFields?: JsonObject | null;
  /** JSON pointers to fields of the model's own answer; they come back under `completion.vendor`. */
  readonly additionalModelResponseFieldPaths?: JsonArray | null;
  /** The guardrail that checks prompt and answer. */
  readonly guardrailConfig?: BedrockGuardrailConfig | null;
  /** How fast the model is served, where it has a choice. */
  readonly performanceConfig?: BedrockPerformanceConfig | null;
  /** Values of the variables of a prompt that is kept at Bedrock and named as the model. */
  readonly promptVariables?: JsonObject | null;
  /** At which tier the call runs. */
  readonly serviceTier?: BedrockServiceTier | null;
}

/** The guardrail that checks prompt and answer. */
export interface BedrockGuardrailConfig extends JsonObject {
  /** Its id or ARN. */
  readonly guardrailIdentifier?: string;
  /** A number, or `DRAFT`. */
  readonly guardrailVersion?: string;
  /** Whether to tell what it did; it comes back under `completion.vendor`. Default `disabled`. */
  readonly trace?: Suggested<"enabled" | "disabled" | "enabled_full">;
  /** Of a stream: whether pieces wait for the check. Default `sync`. */
  readonly streamProcessingMode?: Suggested<"sync" | "async">;
}

/** How fast the model is served. */
export interface BedrockPerformanceConfig extends JsonObject {
  /** Default `standard`. */
  readonly latency?: Suggested<"standard" | "optimized">;
}

/** At which service tier the call runs. */
export interface BedrockServiceTier extends JsonObject {
  /** `flex` is cheaper and slower, `priority` dearer and faster. Default `default`. */
  readonly type?: Suggested<"default" | "flex" | "priority" | "reserved">;
}
