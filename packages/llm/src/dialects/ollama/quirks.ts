/** What differs between servers of this wire, as data. Without any quirk it is the engine on one's own machine. */
export interface OllamaQuirks {
  /**
   * Beginnings of the names of models that take thinking in levels; all others take it on or off. A namespace before a
   * slash does not count. Default: `gpt-oss`. Source: Ollama's documentation, "Thinking".
   */
  readonly thinkingLevels?: readonly string[];
  /**
   * `ignored`: the server takes a schema under `format` and does not enforce it (Ollama Cloud, seen by pydantic-ai); a
   * warning says so. Default `enforced`.
   */
  readonly format?: "enforced" | "ignored";
}

export type ResolvedQuirks = Required<OllamaQuirks>;

export function resolveQuirks(quirks: OllamaQuirks): ResolvedQuirks {
  return { thinkingLevels: ["gpt-oss"], format: "enforced", ...quirks };
}

export function takesThinkingLevels(model: string, quirks: ResolvedQuirks): boolean {
  const name = model.slice(model.lastIndexOf("/") + 1);
  return quirks.thinkingLevels.some((prefix) => name.startsWith(prefix));
}
