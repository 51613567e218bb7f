/**
 * What differs between models and between servers of this wire, as data. A row holds for every model whose id contains its
 * `model`; the first match wins, so that the particular stands before the general.
 *
 * Sources: Anthropic's model listing (`GET /v1/models`: `max_tokens`, `capabilities.thinking.types`,
 * `capabilities.effort`), its migration guide (sampling settings refused from Opus 4.7 on) and its page on
 * mid-conversation system messages.
 */
import { remembering } from "../../remembering.ts";
import type { ReasoningEffort } from "../../request.ts";

/** The levels of `output_config.effort`. */
export type AnthropicEffort = "low" | "medium" | "high" | "xhigh" | "max";

export interface AnthropicModelRule {
  /** A piece of the model's id, as in `opus-4-8`; it finds `claude-opus-4-8-20260528` and `anthropic/claude-opus-4-8`. */
  readonly model: string;
  /** Most that the model can write. Tokens. */
  readonly outputTokensMax?: number;
  /** `max_tokens` where the caller gives none; the thinking budget comes on top. Default `outputTokensMax`. Tokens. */
  readonly defaultMaxTokens?: number;
  /**
   * How thinking is asked for: `budget` counts tokens, `adaptive` grades by effort, `both` takes either, `none` has no
   * thinking.
   */
  readonly thinking: "budget" | "adaptive" | "both" | "none";
  /** True where the model always thinks and refuses `thinking: { type: "disabled" }`. */
  readonly alwaysThinks?: boolean;
  /** Levels of `output_config.effort` that the model takes. Absent: none. */
  readonly efforts?: readonly AnthropicEffort[];
  /** `refused`: temperature, top_p and top_k are a 400. `exclusive`: temperature or top_p, not both. Default `free`. */
  readonly sampling?: "free" | "exclusive" | "refused";
  /** True where a system message may stand in the middle of a conversation. */
  readonly midConversationSystem?: boolean;
}

export interface AnthropicMessagesQuirks {
  /** Rows that go before the bundled ones. */
  readonly models?: readonly AnthropicModelRule[];
  /** The row of a model that no other row fits. */
  readonly otherModels?: Omit<AnthropicModelRule, "model">;
  /** What becomes of thinking without a signature. Anthropic refuses it; Ollama takes it. Default `drop`. */
  readonly unsignedThinking?: "drop" | "send";
  /** How `toolChoice: "none"` goes over, for servers without the word. Default `send`. */
  readonly toolChoiceNone?: "send" | "drop-tools";
  /** False for a server that has no `output_config.format`. Default true. */
  readonly outputFormat?: boolean;
  /** False for a server without `cache_control`. Default true. */
  readonly cacheControl?: boolean;
  /** The `anthropic-version` header. Default `2023-06-01`. */
  readonly version?: string;
  /** Beta names to send with every request. */
  readonly betas?: readonly string[];
}

const TO_HIGH = ["low", "medium", "high"] as const;
const TO_MAX = ["low", "medium", "high", "max"] as const;
const ALL_EFFORTS = ["low", "medium", "high", "xhigh", "max"] as const;

/** Models that only take adaptive thinking, and refuse sampling settings. */
const ADAPTIVE = {
  outputTokensMax: 128_000,
  thinking: "adaptive",
  efforts: ALL_EFFORTS,
  sampling: "refused",
} as const satisfies Omit<AnthropicModelRule, "model">;

export const ANTHROPIC_MODEL_RULES: readonly AnthropicModelRule[] = [
  { model: "claude-fable", ...ADAPTIVE, alwaysThinks: true },
  { model: "claude-mythos", ...ADAPTIVE, alwaysThinks: true },
  { model: "opus-4-8", ...ADAPTIVE, midConversationSystem: true },
  { model: "opus-4-7", ...ADAPTIVE },
  { model: "opus-4-6", outputTokensMax: 128_000, thinking: "both", efforts: TO_MAX, sampling: "exclusive" },
  { model: "sonnet-4-6", outputTokensMax: 128_000, thinking: "both", efforts: TO_MAX, sampling: "exclusive" },
  { model: "opus-4-5", outputTokensMax: 64_000, thinking: "budget", efforts: TO_HIGH, sampling: "exclusive" },
  { model: "sonnet-4-5", outputTokensMax: 64_000, thinking: "budget", sampling: "exclusive" },
  { model: "haiku-4-5", outputTokensMax: 64_000, thinking: "budget", sampling: "exclusive" },
  { model: "opus-4-1", outputTokensMax: 32_000, thinking: "budget", sampling: "exclusive" },
  { model: "opus-4", outputTokensMax: 32_000, thinking: "budget" },
  { model: "sonnet-4", outputTokensMax: 64_000, thinking: "budget" },
  { model: "3-7-sonnet", outputTokensMax: 64_000, thinking: "budget" },
  { model: "3-5-", outputTokensMax: 8192, thinking: "none" },
  { model: "claude-3", outputTokensMax: 4096, thinking: "none" },
  { model: "claude-2", outputTokensMax: 4096, thinking: "none" },
  { model: "claude-instant", outputTokensMax: 4096, thinking: "none" },
  // Every Claude after those: the newest form.
  { model: "claude", ...ADAPTIVE },
];

/** A model of another family, as served by compatible servers: no ceiling is known, thinking is counted. */
const OTHER_MODELS: Omit<AnthropicModelRule, "model"> = { defaultMaxTokens: 8192, thinking: "budget" };

export function modelRule(model: string, quirks: AnthropicMessagesQuirks): AnthropicModelRule {
  let ruleOf = rulesBy.get(quirks);
  if (ruleOf === undefined) {
    ruleOf = remembering((id) => findRule(id, quirks), MODELS_REMEMBERED_MAX);
    rulesBy.set(quirks, ruleOf);
  }
  return ruleOf(model);
}

/** Looking through the rows is a fiftieth of a call's CPU. */
const rulesBy = new WeakMap<AnthropicMessagesQuirks, (model: string) => AnthropicModelRule>();
const MODELS_REMEMBERED_MAX = 1_000;

function findRule(model: string, quirks: AnthropicMessagesQuirks): AnthropicModelRule {
  const name = model.toLowerCase().replaceAll(".", "-");
  const matches = (rule: AnthropicModelRule): boolean => name.includes(rule.model);
  const bundled = name.includes("claude") ? ANTHROPIC_MODEL_RULES : [];
  return quirks.models?.find(matches) ?? bundled.find(matches) ?? { ...(quirks.otherModels ?? OTHER_MODELS), model };
}

/** Thinking budgets for models that count, by effort. Tokens; the vendor's minimum is 1024. */
export const BUDGET_BY_EFFORT: Readonly<Record<Exclude<ReasoningEffort, "none">, number>> = {
  minimal: 1024,
  low: 2048,
  medium: 8192,
  high: 16_384,
  xhigh: 24_576,
  max: 32_000,
};

export const THINKING_BUDGET_MIN = 1024;

/** Fields and tool types that are refused without a beta header. Source: the beta types of @anthropic-ai/sdk. */
export const BETA_BY_FIELD: ReadonlyMap<string, string> = new Map<string, string>([
  ["mcp_servers", "mcp-client-2025-04-04"],
  ["context_management", "context-management-2025-06-27"],
]);

export const BETA_BY_TOOL_TYPE: ReadonlyMap<string, string> = new Map<string, string>([
  ["computer_20241022", "computer-use-2024-10-22"],
  ["bash_20241022", "computer-use-2024-10-22"],
  ["text_editor_20241022", "computer-use-2024-10-22"],
  ["computer_20250124", "computer-use-2025-01-24"],
  ["computer_20251124", "computer-use-2025-11-24"],
  ["code_execution_20250522", "code-execution-2025-05-22"],
  ["advisor_20260301", "advisor-tool-2026-03-01"],
  ["mcp_toolset", "mcp-client-2025-11-20"],
]);

export const BETA_OF_FILES = "files-api-2025-04-14";
