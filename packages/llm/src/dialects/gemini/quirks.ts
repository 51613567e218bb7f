/**
 * What differs between Google's two doors (the Gemini API and Vertex AI) and between their model families, as data.
 */

/** How a family of models is told how much to think. */
export type ThinkingControl =
  /** `thinkingLevel`; thinking cannot be turned off. Levels from least to most. */
  | { readonly type: "level"; readonly levels: readonly ThinkingLevel[] }
  /** `thinkingBudget` in tokens. `off`: whether 0 is taken. */
  | { readonly type: "budget"; readonly tokensMin: number; readonly tokensMax: number; readonly off: boolean }
  /** No thinking at all. */
  | { readonly type: "none" };

export type ThinkingLevel = "MINIMAL" | "LOW" | "MEDIUM" | "HIGH";

/** What holds for all models whose id begins with `prefix`. The longest prefix counts. */
export interface ModelRow {
  readonly prefix: string;
  readonly thinking: ThinkingControl;
  /** The first function call of a model turn must carry a signature; without one the request is refused with 400. */
  readonly signatureRequired?: boolean;
  /** Media may stand inside a function's response. */
  readonly mediaInFunctionResponse?: boolean;
  /** False: the system instruction goes in front of the first user message. Default true. */
  readonly systemInstruction?: boolean;
}

export interface GeminiQuirks {
  /**
   * Whether function calls and responses carry an `id`. Gemini API: yes. Vertex AI: in `v1beta1` only. Google's reference
   * of `FunctionCall` and `FunctionResponse` has the field there and not in `v1`; recorded histories with ids are taken by
   * `v1beta1`, and Gemini 3 gives some. Without it results are matched by name and order. Default true.
   */
  readonly functionCallIds?: boolean;
  /**
   * What stands in for the signature of a call that another model made. `null`: nothing.
   * Default `skip_thought_signature_validator`, which Google documents for histories of foreign models, for both doors. One
   * project reports that Vertex AI refuses it, another that it takes it; no recording settles it, so the documents count.
   */
  readonly foreignSignature?: string | null;
  /** Whether inline data and files may carry a `displayName`. Vertex AI only. Default false. */
  readonly displayNames?: boolean;
  /** Whether `labels` exist, to which the request's tags go. Vertex AI only. Default false. */
  readonly labels?: boolean;
  /** How `countTokens` takes tools and system instruction: inside `generateContentRequest`, or flat as on Vertex AI. */
  readonly countTokensBody?: "wrapped" | "flat";
  /** Provider id under which files kept by Google are referred to. Default `gemini`, the id of our own provider. */
  readonly fileKeeper?: string;
  /** Whether any public URL may be sent as a file. Default true; the vendor fetches it. */
  readonly publicUrls?: boolean;
  readonly models?: readonly ModelRow[];
}

/** What Vertex AI's `v1` does differently from the Gemini API. */
export const VERTEX_QUIRKS: GeminiQuirks = {
  functionCallIds: false,
  displayNames: true,
  labels: true,
  countTokensBody: "flat",
};

const ALL_LEVELS: readonly ThinkingLevel[] = ["MINIMAL", "LOW", "MEDIUM", "HIGH"];
const FROM_LOW: readonly ThinkingLevel[] = ["LOW", "MEDIUM", "HIGH"];
const LEVELLED = { signatureRequired: true, mediaInFunctionResponse: true } as const;

/**
 * Sources: ai.google.dev/gemini-api/docs/thinking and docs.cloud.google.com (Vertex AI, "Thinking"): levels and budget
 * ranges; ai.google.dev/gemini-api/docs/thought-signatures: which models demand signatures. A model that is not listed
 * is taken for a newest one, as ids such as `gemini-flash-latest` move.
 */
export const MODEL_ROWS: readonly ModelRow[] = [
  { prefix: "", thinking: { type: "level", levels: FROM_LOW }, mediaInFunctionResponse: true },
  { prefix: "gemma-", thinking: { type: "none" }, systemInstruction: false },
  { prefix: "gemini-1", thinking: { type: "none" } },
  { prefix: "gemini-2.0", thinking: { type: "none" } },
  { prefix: "gemini-2.5-pro", thinking: { type: "budget", tokensMin: 128, tokensMax: 32_768, off: false } },
  { prefix: "gemini-2.5-flash", thinking: { type: "budget", tokensMin: 1, tokensMax: 24_576, off: true } },
  { prefix: "gemini-2.5-flash-lite", thinking: { type: "budget", tokensMin: 512, tokensMax: 24_576, off: true } },
  { prefix: "gemini-2.5", thinking: { type: "budget", tokensMin: 1, tokensMax: 24_576, off: true } },
  { prefix: "gemini-3", thinking: { type: "level", levels: FROM_LOW }, ...LEVELLED },
  { prefix: "gemini-3-pro", thinking: { type: "level", levels: ["LOW", "HIGH"] }, ...LEVELLED },
  { prefix: "gemini-3-flash", thinking: { type: "level", levels: ALL_LEVELS }, ...LEVELLED },
  { prefix: "gemini-3.1-flash", thinking: { type: "level", levels: ALL_LEVELS }, ...LEVELLED },
  { prefix: "gemini-3.5-flash", thinking: { type: "level", levels: ALL_LEVELS }, ...LEVELLED },
];

export interface ResolvedQuirks {
  readonly functionCallIds: boolean;
  readonly foreignSignature: string | null;
  readonly displayNames: boolean;
  readonly labels: boolean;
  readonly countTokensBody: "wrapped" | "flat";
  readonly fileKeeper: string;
  readonly publicUrls: boolean;
  readonly models: readonly ModelRow[];
}

export function resolveQuirks(quirks: GeminiQuirks): ResolvedQuirks {
  return {
    functionCallIds: quirks.functionCallIds ?? true,
    foreignSignature: quirks.foreignSignature === undefined ? "skip_thought_signature_validator" : quirks.foreignSignature,
    displayNames: quirks.displayNames ?? false,
    labels: quirks.labels ?? false,
    countTokensBody: quirks.countTokensBody ?? "wrapped",
    fileKeeper: quirks.fileKeeper ?? "gemini",
    publicUrls: quirks.publicUrls ?? true,
    models: [...MODEL_ROWS, ...(quirks.models ?? [])],
  };
}

const FALLBACK_ROW: ModelRow = { prefix: "", thinking: { type: "level", levels: FROM_LOW } };

/** The row of the longest prefix; of two alike the later one, so that own rows go over ours. */
export function modelRow(quirks: ResolvedQuirks, model: string): ModelRow {
  const id = model.slice(model.lastIndexOf("/") + 1);
  let best = FALLBACK_ROW;
  for (const row of quirks.models) {
    if (id.startsWith(row.prefix) && row.prefix.length >= best.prefix.length) best = row;
  }
  return best;
}
