/** How servers of this wire differ, as data. Each default is what api.openai.com does. */
export interface OpenAIResponsesQuirks {
  /** Sent as `store` when the caller says nothing of it. Default: not sent; OpenAI then stores for 30 days. */
  readonly store?: boolean;
  /**
   * The server keeps nothing between calls: `previous_response_id`, `conversation` and `item_reference` are left out with a
   * warning, and reasoning that only its id stands for is not replayed. Default false.
   */
  readonly stateless?: boolean;
  /**
   * When to ask for `reasoning.encrypted_content`: with `store: false`, always, or never. A model that is known not to
   * reason is never asked, as OpenAI refuses that. Default `unstored`.
   */
  readonly encryptedReasoning?: "unstored" | "always" | "never";
  /** A smaller `max_output_tokens` is raised to this, with a warning. Default 16, below which OpenAI answers 400. */
  readonly outputTokensMin?: number;
  /** Where system messages go: input items of this role, or the field `instructions`. Default `system`. */
  readonly systemRole?: "system" | "developer" | "instructions";
  /** The field that names the end user. Default `user`. */
  readonly userField?: "user" | "safety_identifier";
  /** Provider id under which file ids are kept, for media by reference. Default `openai`. */
  readonly fileKeeper?: string;
  /** Settings that the server refuses; left out with a warning. Default none. */
  readonly refusedSettings?: readonly RefusableSetting[];
}

export type RefusableSetting =
  | "max_output_tokens"
  | "temperature"
  | "top_p"
  | "tool_choice"
  | "parallel_tool_calls"
  | "metadata"
  | "prompt_cache_key"
  | "prompt_cache_retention";

export type ResolvedQuirks = Required<Omit<OpenAIResponsesQuirks, "store">> & Pick<OpenAIResponsesQuirks, "store">;

export function resolveQuirks(quirks: OpenAIResponsesQuirks = {}): ResolvedQuirks {
  return {
    stateless: false,
    encryptedReasoning: "unstored",
    outputTokensMin: 16,
    systemRole: "system",
    userField: "user",
    fileKeeper: "openai",
    refusedSettings: [],
    ...quirks,
  };
}
