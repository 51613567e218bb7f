/**
 * What differs between the vendors that speak OpenAI's chat wire, as data. Without any quirk the dialect is OpenAI's own.
 * Each field names the refusal or the loss that it avoids. A quirk of one model family is a rule by prefix, never code.
 */
import type { MediaForm } from "../../dialect.ts";
import type { ErrorCode } from "../../errors.ts";
import type { JsonObject } from "../../json.ts";
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

/**
 * A rule for the models whose id begins so: the id as it is, or without its vendor's prefix (`openai/`). The first match
 * counts.
 */
export interface ModelRule {
  readonly modelPrefix: string;
}

/** What one family wants otherwise than its vendor's other models when it is asked for reasoning. */
export interface ReasoningRequestRule extends ModelRule, Partial<Omit<ReasoningRequestQuirk, "byModel">> {}

/** Whether earlier reasoning goes back to a family. */
export interface ReasoningReplayRule extends ModelRule {
  readonly replay: ReasoningField | "none";
}

/** Fields that tell a family where to put its thoughts; objects are joined with what is rendered otherwise. */
export interface ReasoningFormatRule extends ModelRule {
  /** Sent unless reasoning is turned off: thoughts go into a field of their own. */
  readonly shown?: JsonObject;
  /** Sent for `reasoning.summary: "none"`: thoughts stay with the vendor. */
  readonly hidden?: JsonObject;
}

/** Settings that a family answers with an error. */
export interface RefusedSettingsRule extends ModelRule {
  readonly fields: ReadonlySet<string>;
}

/** Fields that a vendor has to be told, as its own default loses something silently. */
export interface AlwaysSentRule extends ModelRule {
  readonly fields: JsonObject;
  /** Only in streams that offer tools. Default: in every request. */
  readonly when?: "tools-in-stream";
}

/** The next step for a refusal that the vendor words so. */
export interface ErrorAdvice {
  readonly says: RegExp;
  readonly advice: string;
  /** Whether the same call may be sent again, where the table says otherwise (Groq: the model may write better). */
  readonly retryable?: boolean;
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
  /** False where the form's own budget is ignored, as that of `thinking` at z.ai. Default true. */
  readonly budget?: boolean;
  /** Further fields of the `thinking` object while it is on, as `{ clear_thinking: false }` (z.ai, which else drops thoughts sent back). */
  readonly thinkingFields?: JsonObject;
  /** Families that differ in this; what a rule leaves out is as for the others. Default: none. */
  readonly byModel?: readonly ReasoningRequestRule[];
}

export interface OpenAIChatQuirks {
  /** Default `max_completion_tokens`; OpenAI's reasoning models refuse the other, most other vendors ignore this one. */
  readonly maxTokensField?: "max_completion_tokens" | "max_tokens";
  /** Default: `developer` for o-series and gpt-5 or later, `user` for o1-mini and o1-preview, which refuse both. */
  readonly systemRoles?: readonly SystemRoleRule[];
  /** `leading`: one system message at the start, later ones as user messages; many chat templates raise otherwise (vLLM). Default `anywhere`. */
  readonly systemMessages?: "anywhere" | "leading";
  /** `alternate`: a user's messages in a row become one, as Perplexity refuses them otherwise. Default `any`. */
  readonly roles?: "any" | "alternate";
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
  /** Families to which reasoning goes back otherwise; DeepSeek R1 answers 400 to what V3.2 and later demand. Default: none. */
  readonly reasoningReplayByModel?: readonly ReasoningReplayRule[];
  /** Families that mix thoughts into the text unless told otherwise (Qwen at Groq). Default: none. */
  readonly reasoningFormat?: readonly ReasoningFormatRule[];
  /** Field under which clients are told reasoning. Default `reasoning_content`, the most widely read one. */
  readonly reasoningRendered?: "reasoning_content" | "reasoning";

  /**
   * False where `tool_choice: "required"` is refused (Kimi, DashScope); `auto` goes instead. `without-reasoning`: only while
   * a model thinks (DeepSeek): taken where the request turns thinking off, or asks for none of a model that is known to
   * take it. Default true.
   */
  readonly toolChoiceRequired?: boolean | "without-reasoning";
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

  /** Settings that families refuse, as `stop` and penalties (Grok while it thinks); left out with a warning. Default: none. */
  readonly refusedSettings?: readonly RefusedSettingsRule[];
  /** False where `name` on a user's message is refused (Groq). Default true. */
  readonly userNames?: boolean;
  /** Field of `topK`. Default `none`: OpenAI refuses it; most open servers take `top_k`. */
  readonly topKField?: "top_k" | "none";
  /** Fields that go unasked, each beside the silent loss that it avoids; a caller's vendor options go over them. Default: none. */
  readonly alwaysSent?: readonly AlwaysSentRule[];
  /** What to do about refusals that only this vendor has (vLLM's flags). Default: the table's advice. */
  readonly errorAdvice?: readonly ErrorAdvice[];
  /** True where reasoning stands in the content, between `<think>` and `</think>` at its beginning (Perplexity). Default false. */
  readonly thinkTags?: boolean;
  /** `cache_control`: marks on content parts (OpenRouter for Anthropic and Gemini). Default `key`: `prompt_cache_key`; `none` sends nothing. */
  readonly cache?: "key" | "cache_control" | "none";
  /** True where an answer may end without `finish_reason` and without `[DONE]`. Default false: such a stream is truncated. */
  readonly finishReasonOptional?: boolean;
  /** Finish words that stand for a failure of the vendor, to be tried again (DeepSeek). Default: none; `error` is a finish. */
  readonly finishErrors?: Readonly<Record<string, ErrorCode>>;
  /** True where an error of a stream carries the call that the vendor could not read (Groq): it becomes the answer. Default false. */
  readonly failedGeneration?: boolean;
  /** True where an answer may begin by repeating the assistant's words that ended the request (xAI). Default false. */
  readonly echoesPrefill?: boolean;
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
  roles: "any",
  textContent: "parts",
  emptyAssistantContent: "null",
  streamOptions: true,
  cachedInput: "by-figures",
  reasoningOutput: "by-figures",
  reasoningRequest: { form: "reasoning_effort" },
  reasoningReplay: "none",
  reasoningReplayRequired: false,
  reasoningReplayByModel: [],
  reasoningFormat: [],
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
  refusedSettings: [],
  userNames: true,
  topKField: "none",
  alwaysSent: [],
  errorAdvice: [],
  thinkTags: false,
  cache: "key",
  finishReasonOptional: false,
  finishErrors: {},
  failedGeneration: false,
  echoesPrefill: false,
};

/** The quirks with every default filled in. */
export function resolveQuirks(quirks: OpenAIChatQuirks): ResolvedQuirks {
  return {
    ...DEFAULTS,
    ...quirks,
    media: { ...DEFAULTS.media, ...quirks.media },
    toolChoiceNamed: quirks.toolChoiceNamed ?? quirks.toolChoiceRequired !== false,
  };
}

/** The rule of a model. */
export function ruleOf<Rule extends ModelRule>(model: string, rules: readonly Rule[]): Rule | undefined {
  if (rules.length === 0) return undefined;
  const name = model.slice(model.lastIndexOf("/") + 1);
  return rules.find(({ modelPrefix }) => model.startsWith(modelPrefix) || name.startsWith(modelPrefix));
}

/** The role that system messages take for a model. A prefix such as `openai/` before the model's own name does not count. */
export function systemRoleOf(model: string, rules: readonly SystemRoleRule[]): SystemRoleRule["role"] {
  const name = model.slice(model.lastIndexOf("/") + 1);
  return rules.find((rule) => name.startsWith(rule.modelPrefix))?.role ?? "system";
}
