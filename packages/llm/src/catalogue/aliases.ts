/**
 * Short names that stay while models come and go. Data, checked by a test against the bundled catalogue; an owner's own
 * aliases go over them.
 */
export const ANTHROPIC_ALIASES: Readonly<Record<string, string>> = {
  claude: "claude-sonnet-5",
  "claude-sonnet": "claude-sonnet-5",
  "claude-opus": "claude-opus-5-5",
  "claude-haiku": "claude-haiku-4-5",
  "claude-fable": "claude-fable-5-1",
};

export const OPENAI_ALIASES: Readonly<Record<string, string>> = {
  gpt: "gpt-6-sol",
  "gpt-mini": "gpt-5.4-mini",
  "gpt-nano": "gpt-5.4-nano",
};

export const GEMINI_ALIASES: Readonly<Record<string, string>> = {
  "gemini-pro-latest": "gemini-3.1-pro-preview",
  "gemini-flash": "gemini-3.8-flash",
  "gemini-flash-lite": "gemini-3.5-flash-lite",
};

export const MOONSHOT_ALIASES: Readonly<Record<string, string>> = {
  kimi: "kimi-k3",
};
