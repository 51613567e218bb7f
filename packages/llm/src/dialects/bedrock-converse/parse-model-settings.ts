/**
 * A client's `additionalModelRequestFields` as what canonical settings can say of it. What they cannot, or would say in
 * other words, goes along as it is; a null takes out what rendering would add.
 */
import { UNKNOWN_CAPABILITIES } from "../../capabilities.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { CompletionRequest, ReasoningEffort, ReasoningRequest } from "../../request.ts";
import { parseReasoning } from "../anthropic-messages/reasoning.ts";
import type { WireThinking } from "../anthropic-messages/wire.ts";
import { familyOf } from "./families.ts";
import { renderModelSettings } from "./model-settings.ts";
import { createRendering } from "./rendering.ts";

export interface ParsedModelSettings {
  readonly settings: Pick<CompletionRequest, "topK" | "reasoning">;
  /** For the vendor options; undefined where the settings say it all. */
  readonly rest: JsonObject | undefined;
}

/** `request` holds the settings that were read before, for what a family takes depends on them. */
export function parseModelSettings(fields: JsonObject, request: CompletionRequest): ParsedModelSettings {
  const { topK: path, reasoning: form } = familyOf(request.model);
  const topK = path === undefined ? undefined : valueAt(fields, path);
  const reasoning =
    form.type === "claude" ? claudeReasoning(fields) : form.type === "effort" ? effortAt(fields, form) : undefined;
  const settings = {
    ...(typeof topK === "number" && Number.isInteger(topK) ? { topK } : {}),
    ...(reasoning === undefined ? {} : { reasoning }),
  };
  const again = renderModelSettings(createRendering({ ...request, ...settings }, UNKNOWN_CAPABILITIES), []).additionalFields;
  return { settings, rest: differences(fields, again) };
}

function differences(said: JsonObject, again: JsonObject): JsonObject | undefined {
  const rest: Record<string, JsonValue> = {};
  for (const field of new Set([...Object.keys(said), ...Object.keys(again)])) {
    if (JSON.stringify(said[field]) !== JSON.stringify(again[field])) rest[field] = said[field] ?? null;
  }
  return Object.keys(rest).length === 0 ? undefined : rest;
}

function valueAt(fields: JsonObject, path: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = fields;
  for (const step of path) value = isJsonObject(value) ? value[step] : undefined;
  return value;
}

const EFFORTS = ["low", "medium", "high", "xhigh", "max"] as const;

/** Converse also knows Claude's thinking under the name `reasoning_config`. */
function claudeReasoning(fields: JsonObject): ReasoningRequest | undefined {
  const config = isJsonObject(fields.output_config) ? fields.output_config.effort : undefined;
  const effort = EFFORTS.find((word) => word === config);
  return parseReasoning(readThinking(fields.thinking ?? fields.reasoning_config), effort);
}

function readThinking(value: JsonValue | undefined): WireThinking | undefined {
  if (!isJsonObject(value)) return undefined;
  const display = (["summarized", "omitted"] as const).find((word) => word === value.display);
  const shown = display === undefined ? {} : { display };
  if (value.type === "disabled") return { type: "disabled" };
  if (value.type === "adaptive") return { type: "adaptive", ...shown };
  const { budget_tokens: budget } = value;
  return typeof budget === "number" && Number.isInteger(budget)
    ? { type: "enabled", budget_tokens: budget, ...shown }
    : undefined;
}

type EffortForm = Extract<ReturnType<typeof familyOf>["reasoning"], { readonly type: "effort" }>;

function effortAt(fields: JsonObject, { path, levels, off }: EffortForm): ReasoningRequest | undefined {
  const word = valueAt(fields, path);
  const effort: ReasoningEffort | undefined = levels.find((level) => level === word);
  if (effort !== undefined) return { effort };
  const holder = valueAt(fields, path.slice(0, -1));
  const isOff = off !== undefined && isJsonObject(holder) && Object.entries(off).every(([key, value]) => holder[key] === value);
  return isOff ? { effort: "none" } : undefined;
}
