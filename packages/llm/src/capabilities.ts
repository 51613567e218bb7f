/**
 * What a model can do, with how we know. "No" and "unknown" are different answers: the first keeps us from asking, the
 * second lets the vendor decide.
 */
export type CapabilityAnswer = "yes" | "no" | "unknown";

/** From strongest to weakest: what the owner configured, what a probe measured, what the vendor's API says, the catalogue's row, the family's rule. */
export type CapabilitySource = "configuration" | "probe" | "vendor" | "catalogue" | "family" | "none";

/** Whether a model can do one thing, and who says so. */
export interface Capability {
  readonly answer: CapabilityAnswer;
  readonly source: CapabilitySource;
  /** Why, in a few words: the rule, the probe's finding, the page. */
  readonly evidence?: string;
}

/** Every ability that can be asked for, in the order in which they are shown. */
export const CAPABILITY_NAMES = [
  "streaming",
  "tools",
  "parallelToolCalls",
  "toolChoiceRequired",
  "images",
  "audio",
  "pdf",
  "imagesInToolResults",
  "reasoning",
  "reasoningOff",
  "jsonMode",
  "jsonSchema",
  "temperature",
  "stopSequences",
  "seed",
  "promptCache",
  "systemPrompt",
  "prefill",
] as const;

/** An ability of a model, as `tools` or `images`. */
export type CapabilityName = (typeof CAPABILITY_NAMES)[number];

/** What is known of one model: each ability with its source, and the sizes. */
export type Capabilities = { readonly [Name in CapabilityName]: Capability } & {
  /** Input and output together, where known. Tokens. */
  readonly contextWindowTokens?: number;
  /** Most that one answer may be, where known. Tokens. */
  readonly outputTokensMax?: number;
};

const UNKNOWN: Capability = { answer: "unknown", source: "none" };

/** Nothing is known: every answer is `unknown`. */
export const UNKNOWN_CAPABILITIES: Capabilities = Object.freeze(
  Object.fromEntries(CAPABILITY_NAMES.map((name) => [name, UNKNOWN])) as { [Name in CapabilityName]: Capability },
);

/** What one source knows of a model: plain answers, and sizes. */
export type CapabilityFacts = { readonly [Name in CapabilityName]?: boolean } & {
  readonly contextWindowTokens?: number;
  readonly outputTokensMax?: number;
};

/** Lays the facts of one source over what is known. The later source wins; what it does not say stays. */
export function withCapabilities(
  known: Capabilities,
  facts: CapabilityFacts,
  source: CapabilitySource,
  evidence?: string,
): Capabilities {
  const merged: { -readonly [K in keyof Capabilities]: Capabilities[K] } = { ...known };
  for (const name of CAPABILITY_NAMES) {
    const fact = facts[name];
    if (fact === undefined) continue;
    merged[name] = { answer: fact ? "yes" : "no", source, ...(evidence === undefined ? {} : { evidence }) };
  }
  if (facts.contextWindowTokens !== undefined) merged.contextWindowTokens = facts.contextWindowTokens;
  if (facts.outputTokensMax !== undefined) merged.outputTokensMax = facts.outputTokensMax;
  return merged;
}
