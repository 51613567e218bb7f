/**
 * What Gemini's wire takes beyond a canonical request. Types only. Source of every field: `GenerateContentRequest` and
 * `GenerationConfig` of Google's API, and the types of `@google/genai`.
 */
import type { JsonObject } from "../../json.ts";
import type { Suggested } from "../../suggested.ts";

declare module "../../vendor-options.ts" {
  interface VendorOptions {
    readonly gemini?: GeminiWireOptions;
  }
}

/** Fields of `generateContent`, laid over the body; `generationConfig` and `toolConfig` are joined field by field. */
export interface GeminiWireOptions extends JsonObject {
  /** A prompt that Google keeps, as in `cachedContents/abc`. */
  readonly cachedContent?: string;
  /** The answer: how many, in which form, at what resolution. */
  readonly generationConfig?: GeminiGenerationConfig;
  /** For the bill. Vertex AI only. */
  readonly labels?: { readonly [label: string]: string };
  /** What is blocked. Default: the model's own. */
  readonly safetySettings?: readonly GeminiSafetySetting[];
  /** `flex` is cheaper and slower, `priority` dearer and faster. */
  readonly serviceTier?: Suggested<"standard" | "flex" | "priority">;
  /** Settings of the vendor's tools, as in `{ retrievalConfig: … }`. */
  readonly toolConfig?: JsonObject;
}

/** Settings of the answer that have no canonical form. */
export interface GeminiGenerationConfig extends JsonObject {
  /** How many answers. The first is the completion, the others come back under its `vendor`; all are paid. Default 1. */
  readonly candidateCount?: number;
  /** Of a picture that is made. */
  readonly imageConfig?: GeminiImageConfig;
  /** How many likely tokens to tell at each place. Needs `responseLogprobs`. */
  readonly logprobs?: number;
  /** How many tokens an image or a video is read with. */
  readonly mediaResolution?: Suggested<"MEDIA_RESOLUTION_LOW" | "MEDIA_RESOLUTION_MEDIUM" | "MEDIA_RESOLUTION_HIGH">;
  /** Tells how probable the tokens were; it comes back under `completion.vendor`. */
  readonly responseLogprobs?: boolean;
  /** Default `["TEXT"]`. */
  readonly responseModalities?: readonly Suggested<"TEXT" | "IMAGE" | "AUDIO">[];
  /** Voice and language of a spoken answer. */
  readonly speechConfig?: JsonObject;
  /** Joined with what `request.reasoning` was rendered to. */
  readonly thinkingConfig?: JsonObject;
}

/** How a picture is made. */
export interface GeminiImageConfig extends JsonObject {
  /** Width to height. Default: the model chooses. */
  readonly aspectRatio?: Suggested<"1:1" | "2:3" | "3:2" | "3:4" | "4:3" | "9:16" | "16:9" | "21:9">;
  /** Of the longer side. Default `1K`. */
  readonly imageSize?: Suggested<"1K" | "2K" | "4K">;
}

/** From which probability on a kind of harm is blocked. */
export interface GeminiSafetySetting extends JsonObject {
  /** The kind of harm. */
  readonly category?: Suggested<
    | "HARM_CATEGORY_HARASSMENT"
    | "HARM_CATEGORY_HATE_SPEECH"
    | "HARM_CATEGORY_SEXUALLY_EXPLICIT"
    | "HARM_CATEGORY_DANGEROUS_CONTENT"
    | "HARM_CATEGORY_CIVIC_INTEGRITY"
  >;
  /** The least probable harm that is blocked; `OFF` also leaves out the rating. */
  readonly threshold?: Suggested<"BLOCK_LOW_AND_ABOVE" | "BLOCK_MEDIUM_AND_ABOVE" | "BLOCK_ONLY_HIGH" | "BLOCK_NONE" | "OFF">;
}
