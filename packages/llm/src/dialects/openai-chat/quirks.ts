/**
 * What differs between the vendors that speak OpenAI's chat wire, as data. Without any quirk the dialect is OpenAI's own.
 * Each field names the refusal or the loss that it avoids. A quirk of one model family is a rule by prefix, never code.
 */
import type { MediaForm } from "../../dialect.ts";
import type { ReasoningEffort } from "../../request.ts";
import type { SchemaProfile } from "../../schema.ts";
import { OPENAI_STRICT } from "../schema-profiles.ts";

/** Under which field of a message a vendor writes or reads reasoning. */
export type ReasoningField = "reasoning_content" | "reasoning" | "reasoning_text" | "reasoning_details";

/** The role of system messages for models whose id, without its vendor's prefix, begins so. The first match counts. */
export interface SystemRoleRule {
  readonly modelPrefix: string;
  readonly role: "system" | "developer" | "user";
}

/** How a vendor wants to be asked for reasoning. */
export interface ReasoningRequestQuirk {
  /**
   * - `reasoning_effort`: OpenAI, Groq, Cerebras.
   * - `thinking`: `{ type, budget_tokens }` of DeepSeek, Kimi, z.ai, Xiaomi.
   * - `enable_thinking`: a flag of Qwen on DashScope.
   * - `chat_template_kwargs`: the same flag for vLLM, SGLang and llama.cpp, inside the template's arguments.
   * - `reasoning`: `{ effort, max_tokens }` of OpenRouter.
   * - `reasoning-enabled`: `{ enabled }` of Together.
   * - `none`: the vendor has no such setting; asking is a warning.
   */
  readonly form:
    | "reasoning_effort"
    | "thinking"
    | "enable_thinking"
    | "chat_template_kwargs"
    | "reasoning"
    | "reasoning-enabled"
    | "none";
  /** Also send `reasoning_effort` beside a flag (DeepSeek, z.ai). Default false. */
  readonly withEffort?: boolean;
  /** Top-level field of a thinking budget, as `thinking_budget` (Qwen). Default: `thinking` and `reasoning` have their own, others none. */
  readonly budgetField?: string;
  /** Efforts that the vendor takes; others become the nearest one, with a warning. Default: all. */
  readonly efforts?: readonly ReasoningEffort[];
  /** The vendor's own words for efforts, as `{ xhigh: "max" }` (DeepSeek). */
  readonly effortNames?: { readonly [Effort in ReasoningEffort]?: string };
}

export interface OpenAIChatQuirks {
  /** Default `max_completion_tokens`; OpenAI's reasoning models refuse the other, most other vendors ignore this one. */
  readonly maxTokensField?: "max_completion_tokens" | "max_tokens";
  /** Default: `developer` for o-series and gpt-5 or later, `user` for o1-mini and o1-preview, which refuse both. */
  readonly systemRoles?: readonly SystemRoleRule[];
  /** `leading`: one system message at the start, later ones as user messages; many chat templates raise otherwise (vLLM). Default `anywhere`. */
  readonly systemMessages?: "anywhere" | "leading";
  /** `string`: text parts are joined, for servers that take no arrays of text or answer in kind. Default `parts`. */
  readonly textContent?: "parts" | "string";
  /** Content of an assistant message that only calls tools; some servers refuse null. Default `null`. */
  readonly emptyAssistantContent?: "null" | "empty-string" | "omit";

  /** Whether `stream_options: { include_usage: true }` may be sent; some servers refuse the field. Default true. */
  readonly streamOptions?: boolean;
  /**
   * Whether `prompt_tokens` includes what was read from the cache. Default `by-figures`: it does, unless the figures prove the
   * contrary (more cached than prompted, as with Grok; a total that is larger by just that).
   */
  readonly cachedInput?: "by-figures" | "included" | "excluded";
  /**
   * Whether `completion_tokens` includes reasoning. Default `by-figures`: it does, unless the figures prove the contrary. With
   * `excluded`, what the total has beyond the two is reasoning even where it is not told (Google's layer).
   */
  readonly reasoningOutput?: "by-figures" | "included" | "excluded";

  /** How to ask for reasoning. Default `{ form: "reasoning_effort" }`. */
  readonly reasoningRequest?: ReasoningRequestQuirk;
  /** Field under which earlier reasoning is sent back; `none` leaves it out. Default `none`: OpenAI refuses all of them. */
  readonly reasoningReplay?: ReasoningField | "none";
  /** Send the replay field, if empty, on every assistant turn of a tool loop; DeepSeek V4 and Kimi answer 400 without it. Default false. */
  readonly reasoningReplayRequired?: boolean;
  /** Field under which clients are told reasoning. Default `reasoning_content`, the most widely read one. */
  readonly reasoningRendered?: "reasoning_content" | "reasoning";

  /** False where `tool_choice: "required"` is refused (Kimi, DeepSeek's reasoner, DashScope); `auto` goes instead. Default true. */
  readonly toolChoiceRequired?: boolean;
  /** False where a named tool is refused; `required`, or else `auto`, goes instead. Default: as `toolChoiceRequired`. */
  readonly toolChoiceNamed?: boolean;
  /** False where `tool_choice` itself is refused or ignored (Ollama). Default true. */
  readonly toolChoice?: boolean;
  /** False where `parallel_tool_calls` is refused. Default true. */
  readonly parallelToolCalls?: boolean;
  /** False where `strict` on a tool is refused (Together). Default true. */
  readonly strictTools?: boolean;
  /** What a strict tool's or a strict answer's schema is lowered to. Default: OpenAI's strict subset. */
  readonly strictSchema?: SchemaProfile;
  /** What every other schema is lowered to, for vendors that refuse parts of JSON Schema (Kimi, xAI). Default: nothing is taken out. */
  readonly schema?: SchemaProfile;
  /**
   * `top-level`: `{ type: "json_schema", schema }` (Together, older llama.cpp). `json_object`: only that (DeepSeek); the schema
   * then goes into a system message. `none`: no response format at all. Default `json_schema`.
   */
  readonly responseFormat?: "json_schema" | "top-level" | "json_object" | "none";

  /** Pattern and length of tool-call ids that the vendor takes. Default: anything printable, at most 40 characters. */
  readonly toolCallId?: { readonly pattern: RegExp; readonly lengthMax: number };
  /** Send `name` on tool messages. Default false. */
  readonly toolMessageName?: boolean;
  /** Text for an empty tool output, which some servers refuse, as `(no tool output)`. Default: the output stays empty. */
  readonly emptyToolOutput?: string;
  /** Text of an assistant message put between a tool's result and a user's message, where the order is refused. Default: none is put. */
  readonly assistantAfterToolResult?: string;
  /** Put the results of one turn into the order of its calls (xAI mixes them up otherwise). Default false. */
  readonly toolResultsInCallOrder?: boolean;

  /** Forms of media that the vendor takes. Default: images as data or URL, audio as data, files as data or reference. */
  readonly media?: {
    readonly image?: readonly MediaForm[];
    readonly audio?: readonly MediaForm[];
    readonly file?: readonly MediaForm[];
    /** `video_url` parts (Qwen, Xiaomi, vLLM). Default: none. */
    readonly video?: readonly MediaForm[];
  };
  /** `data-uri`: audio goes with its `data:` prefix (DashScope). Default `base64`. */
  readonly audioData?: "base64" | "data-uri";
  /** Provider id that keeps files named by `file_id`. Default `openai`. */
  readonly fileProvider?: string;

  /** Field of `topK`. Default `none`: OpenAI refuses it; most open servers take `top_k`. */
  readonly topKField?: "top_k" | "none";
  /** `cache_control`: marks on content parts (OpenRouter for Anthropic and Gemini). Default `key`: `prompt_cache_key`; `none` sends nothing. */
  readonly cache?: "key" | "cache_control" | "none";
  /** True where an answer may end without `finish_reason` and without `[DONE]`. Default false: such a stream is truncated. */
  readonly finishReasonOptional?: boolean;
}

export type ResolvedQuirks = Required<OpenAIChatQuirks> & { readonly media: Required<NonNullable<OpenAIChatQuirks["media"]>> };

/** Sources: OpenAI's model guide on developer messages; pydantic-ai `profiles/openai.py` for o1-mini. */
const OPENAI_SYSTEM_ROLES: readonly SystemRoleRule[] = [
  { modelPrefix: "o1-mini", role: "user" },
  { modelPrefix: "o1-preview", role: "user" },
  { modelPrefix: "o1", role: "developer" },
  { modelPrefix: "o3", role: "developer" },
  { modelPrefix: "o4", role: "developer" },
  { modelPrefix: "gpt-5", role: "developer" },
  { modelPrefix: "gpt-6", role: "developer" },
];

const DEFAULTS: ResolvedQuirks = {
  maxTokensField: "max_completion_tokens",
  systemRoles: OPENAI_SYSTEM_ROLES,
  systemMessages: "anywhere",
  textContent: "parts",
  emptyAssistantContent: "null",
  streamOptions: true,
  cachedInput: "by-figures",
  reasoningOutput: "by-figures",
  reasoningRequest: { form: "reasoning_effort" },
  reasoningReplay: "none",
  reasoningReplayRequired: false,
  reasoningRendered: "reasoning_content",
  toolChoiceRequired: true,
  toolChoiceNamed: true,
  toolChoice: true,
  parallelToolCalls: true,
  strictTools: true,
  strictSchema: OPENAI_STRICT,
  schema: { name: "JSON Schema", keywords: "all" },
  responseFormat: "json_schema",
  toolCallId: { pattern: /^[\x21-\x7e]+$/, lengthMax: 40 },
  toolMessageName: false,
  emptyToolOutput: "",
  assistantAfterToolResult: "",
  toolResultsInCallOrder: false,
  media: { image: ["data", "url"], audio: ["data"], file: ["data", "reference"], video: [] },
  audioData: "base64",
  fileProvider: "openai",
  topKField: "none",
  cache: "key",
  finishReasonOptional: false,
};

/** The quirks with every default filled in. */
export function resolveQuirks(quirks: OpenAIChatQuirks): ResolvedQuirks {
  return {
    ...DEFAULTS,
    ...quirks,
    media: { ...DEFAULTS.media, ...quirks.media },
    toolChoiceNamed: quirks.toolChoiceNamed ?? quirks.toolChoiceRequired ?? true,
  };
}

/** The role that system messages take for a model. A prefix such as `openai/` before the model's own name does not count. */
export function systemRoleOf(model: string, rules: readonly SystemRoleRule[]): SystemRoleRule["role"] {
  const name = model.slice(model.lastIndexOf("/") + 1);
  return rules.find((rule) => name.startsWith(rule.modelPrefix))?.role ?? "system";
}
