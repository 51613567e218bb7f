/** Settings that both endpoints share, from the wire: sampling under `options`, `format`, `think`. */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { CompletionRequest, OutputRequest, ReasoningRequest } from "../../request.ts";
import type { Warning } from "../../warning.ts";
import {
  invalidField,
  optional,
  otherFields,
  readArray,
  readInteger,
  readNumber,
  readObject,
  readString,
} from "../wire-reader.ts";
import { type ResolvedQuirks, takesThinkingLevels } from "./quirks.ts";
import type { WireThink } from "./wire.ts";

export interface ParsedSettings {
  readonly settings: Partial<CompletionRequest>;
  /** What goes on as vendor options. */
  readonly options: Record<string, JsonValue>;
  readonly warnings: Warning[];
}

export function parseSettings(body: JsonObject, model: string, quirks: ResolvedQuirks): ParsedSettings {
  const options: Record<string, JsonValue> = {};
  const warnings: Warning[] = [];
  const output = parseFormat(body.format);
  const reasoning = parseThink(body.think, takesThinkingLevels(model, quirks), options);
  const settings = {
    ...parseOptions(optional(body.options, "options", readObject) ?? {}, options, warnings),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(output === undefined ? {} : { output }),
  };
  return { settings, options, warnings };
}

/** Passes on what has no canonical form, with a warning for what the wire does not define. */
export function readOtherFields(
  body: JsonObject,
  canonical: ReadonlySet<string>,
  passedOn: ReadonlySet<string>,
  { options, warnings }: ParsedSettings,
): void {
  for (const [field, value] of Object.entries(otherFields(body, canonical) ?? {})) {
    if (value === undefined || value === null) continue;
    options[field] = value;
    if (!passedOn.has(field)) warnings.push(unknownField(field));
  }
}

// Sampling

const CANONICAL_OPTIONS: ReadonlySet<string> = new Set([
  "temperature",
  "top_p",
  "top_k",
  "seed",
  "stop",
  "num_predict",
  "presence_penalty",
  "frequency_penalty",
]);

/** Source: ollama/ollama, api/types.go, Options and Runner, present and past. */
const ENGINE_OPTIONS: ReadonlySet<string> = new Set([
  "num_ctx",
  "num_batch",
  "num_gpu",
  "num_keep",
  "num_thread",
  "main_gpu",
  "min_p",
  "typical_p",
  "tfs_z",
  "repeat_last_n",
  "repeat_penalty",
  "mirostat",
  "mirostat_tau",
  "mirostat_eta",
  "penalize_newline",
  "use_mmap",
  "use_mlock",
  "vocab_only",
  "low_vram",
  "f16_kv",
  "logits_all",
  "embedding_only",
  "numa",
]);

function parseOptions(wire: JsonObject, options: Record<string, JsonValue>, warnings: Warning[]): Partial<CompletionRequest> {
  const others: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(otherFields(wire, CANONICAL_OPTIONS) ?? {})) {
    if (value === undefined || value === null) continue;
    others[name] = value;
    if (!ENGINE_OPTIONS.has(name)) warnings.push(unknownField(`options.${name}`));
  }
  const maxOutputTokens = optional(wire.num_predict, "options.num_predict", readInteger);
  // -1 is "until it stops", -2 "until the window is full".
  if (maxOutputTokens !== undefined && maxOutputTokens < 0) others.num_predict = maxOutputTokens;
  if (Object.keys(others).length > 0) options.options = others;
  return {
    ...(maxOutputTokens === undefined || maxOutputTokens < 0 ? {} : { maxOutputTokens }),
    ...numberSetting(wire, "temperature", "temperature"),
    ...numberSetting(wire, "top_p", "topP"),
    ...numberSetting(wire, "top_k", "topK"),
    ...numberSetting(wire, "seed", "seed"),
    ...numberSetting(wire, "presence_penalty", "presencePenalty"),
    ...numberSetting(wire, "frequency_penalty", "frequencyPenalty"),
    ...(wire.stop === undefined || wire.stop === null ? {} : { stopSequences: parseStop(wire.stop) }),
  };
}

type NumberSetting = "temperature" | "topP" | "topK" | "seed" | "presencePenalty" | "frequencyPenalty";

function numberSetting(wire: JsonObject, field: string, setting: NumberSetting): Partial<CompletionRequest> {
  const value = optional(wire[field], `options.${field}`, readNumber);
  return value === undefined ? {} : { [setting]: value };
}

/** A list by definition; a single text, as some clients send it, is a list of one. */
function parseStop(value: JsonValue): readonly string[] {
  if (typeof value === "string") return [value];
  return readArray(value, "options.stop").map((item, index) => readString(item, `options.stop[${index}]`));
}

// Format and thinking

/** An empty text is what Go clients send for none. The engine enforces a schema, and its clients count on it. */
function parseFormat(value: JsonValue | undefined): OutputRequest | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (value === "json") return { type: "json" };
  if (isJsonObject(value)) return { type: "json", schema: value, strict: true };
  throw invalidField("format", `format must be "json" or a JSON Schema, not ${JSON.stringify(value)}`);
}

const EFFORTS = { low: "low", medium: "medium", high: "high", max: "max" } as const satisfies {
  readonly [Level in Exclude<WireThink, boolean>]: string;
};

/** Plain thinking is a medium effort with us; who asks for it reads it too. Where that would come out otherwise, the client's own word goes along. */
function parseThink(
  value: JsonValue | undefined,
  takesLevels: boolean,
  options: Record<string, JsonValue>,
): ReasoningRequest | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (value === false) return { effort: "none" };
  if (value === true) {
    if (takesLevels) options.think = true;
    return { effort: "medium", summary: "auto" };
  }
  const effort = Object.entries(EFFORTS).find(([level]) => level === value)?.[1];
  if (effort === undefined)
    throw invalidField("think", `think must be true, false, low, medium, high or max, not ${JSON.stringify(value)}`);
  if (!takesLevels) options.think = effort;
  return { effort, summary: "auto" };
}

function unknownField(path: string): Warning {
  return { type: "unknown-field", path, detail: "Ollama does not define it; it was passed on unread" };
}
