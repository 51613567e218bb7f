/** What differs between the things behind this wire, as data. */

/** Ids that name an agent instead of a model. The wire has a field for each, and refuses the one in the place of the other. */
export interface AgentFamily {
  /** How the ids begin. */
  readonly prefix: string;
  /** Works only in the background; a call that waits is refused. Default false. */
  readonly background?: boolean;
}

export interface GeminiInteractionsQuirks {
  /** Default: Google's own agents. */
  readonly agents?: readonly AgentFamily[];
}

/** Source: ai.google.dev, "Interactions API" and "Deep Research": research "must use background=true". */
const GOOGLE_AGENTS: readonly AgentFamily[] = [{ prefix: "deep-research-", background: true }, { prefix: "antigravity-" }];

export const DEFAULT_QUIRKS: Required<GeminiInteractionsQuirks> = { agents: GOOGLE_AGENTS };

export function agentFamily(quirks: Required<GeminiInteractionsQuirks>, model: string): AgentFamily | undefined {
  return quirks.agents.find(({ prefix }) => model.startsWith(prefix));
}
