/** What the player leaves out, and why: operations that no dialect has a codec for yet. One table, so that nothing is left out unsaid. */

const NO_DIALECT = "no dialect speaks this wire yet";
const NO_OPERATION = "no codec for this operation yet";

/** By wire: everything on it. */
const WIRES: Readonly<Record<string, string>> = {
  "anthropic-completions": "the vendor's legacy text completions",
  "bedrock-invoke": "each maker's own body behind InvokeModel; Bedrock's models are spoken to by Converse",
  "cloudflare-ai": NO_DIALECT,
  embeddings: "reports of what was used are no answers",
  hf: NO_DIALECT,
  llamacpp: "the engine's native endpoints have no codec yet",
  lmstudio: "the engine's native endpoints have no codec yet",
  moderations: "moderations have no codec yet",
  "openai-completions": "legacy text completions have no codec yet",
};

/** By wire and operation, for wires that have a dialect. */
const OPERATIONS: Readonly<Record<string, string>> = {
  "cohere chat-v1": "version 1 of the chat wire, which Cohere keeps for old clients only",
  "cohere tokenize": "the tokens of a bare text; the provider's hook asks for them, no dialect has a codec",
  "ollama pull": "pulling a model is no completion",
  "openai-responses responses.compact": "compaction has no codec yet",
  "models models.get": "Cloudflare's search of models; no dialect here speaks its wire",
};

/** Providers whose listing has a shape of its own. */
const LISTINGS: Readonly<Record<string, string>> = {
  cloudflare: NO_DIALECT,
};

/** Why an operation is left out; undefined where it is played. */
export function skipReason(wire: string, api: string, provider: string): string | undefined {
  const reason = WIRES[wire] ?? OPERATIONS[`${wire} ${api}`];
  if (reason !== undefined) return reason;
  return wire === "models" ? LISTINGS[provider] : undefined;
}

/** For an operation that the player knows nothing of. */
export function unknownOperation(api: string): string {
  return `${NO_OPERATION}: ${api}`;
}
