/**
 * CompletionRequest -> `POST /responses`. Key order is fixed, stable things first, so that equal prefixes stay equal bytes
 * for the vendor's prompt cache.
 */
import type { RenderContext, RenderedRequest } from "../../dialect.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { CompletionRequest, OutputRequest, ReasoningEffort, ReasoningRequest } from "../../request.ts";
import { lowerSchema } from "../../schema.ts";
import type { Warning } from "../../warning.ts";
import { OPENAI_STRICT } from "../schema-profiles.ts";
import type { ResolvedQuirks } from "./quirks.ts";
import { renderInput } from "./render-input.ts";
import { renderToolChoice, renderTools } from "./render-tools.ts";
import { OPENAI_RESPONSES } from "./vendor-data.ts";
import type { WireFormat, WireSettings } from "./wire.ts";

export const ENCRYPTED_REASONING = "reasoning.encrypted_content";

export function renderRequest(request: CompletionRequest, context: RenderContext, quirks: ResolvedQuirks): RenderedRequest {
  const warnings: Warning[] = [];
  const body = renderBody(request, context, quirks, warnings);
  return {
    method: "POST",
    path: "/responses",
    headers: {},
    body: context.stream ? { ...body, stream: true } : body,
    warnings,
  };
}

export function renderBody(
  request: CompletionRequest,
  context: RenderContext,
  quirks: ResolvedQuirks,
  warnings: Warning[],
): JsonObject {
  reportUnsupported(request, warnings);
  const { instructions, items } = renderInput(request.messages, { model: request.model, quirks, warnings });
  const tools = renderTools(request.tools ?? [], warnings);
  const options = ownOptions(request, quirks, warnings);
  const body: Record<string, JsonValue | undefined> = {
    ...(request.model === "" ? {} : { model: request.model }),
    ...(instructions === undefined ? {} : { instructions }),
    ...(tools.length === 0 ? {} : { tools }),
    // A prompt template, or a stored answer, may be all that is asked.
    ...(items.length === 0 ? {} : { input: items }),
    ...withoutRefused(renderSettings(request, options, quirks, warnings), quirks, warnings),
    ...(quirks.store === undefined ? {} : { store: quirks.store }),
  };
  layOver(body, options);
  withoutVainChoice(body, request, options, warnings);
  body.include = includeOf(body, context, quirks);
  if (body.include === undefined) delete body.include;
  return body;
}

/** "Tool choice 'required' must be specified with 'tools' parameter." A prompt template may bring tools of its own. */
function withoutVainChoice(
  body: Record<string, JsonValue | undefined>,
  { toolChoice }: CompletionRequest,
  options: JsonObject,
  warnings: Warning[],
): void {
  const isForced = toolChoice !== undefined && toolChoice !== "auto" && toolChoice !== "none";
  if (!isForced || body.tools !== undefined || body.prompt !== undefined || options.tool_choice !== undefined) return;
  delete body.tool_choice;
  warnings.push({ type: "unsupported", path: "toolChoice", detail: "there are no tools to choose from; it was left out" });
}

function renderSettings(
  request: CompletionRequest,
  options: JsonObject,
  quirks: ResolvedQuirks,
  warnings: Warning[],
): WireSettings & JsonObject {
  const { metadata } = request;
  return {
    ...(request.toolChoice === undefined ? {} : { tool_choice: renderToolChoice(request.toolChoice) }),
    ...(request.parallelToolCalls === undefined ? {} : { parallel_tool_calls: request.parallelToolCalls }),
    ...(request.maxOutputTokens === undefined
      ? {}
      : { max_output_tokens: outputTokens(request.maxOutputTokens, quirks, warnings) }),
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...(request.topP === undefined ? {} : { top_p: request.topP }),
    ...(request.reasoning === undefined ? {} : renderReasoning(request.reasoning, warnings)),
    ...(request.output === undefined ? {} : { text: { format: renderFormat(request.output, warnings) } }),
    ...(metadata?.tags === undefined ? {} : { metadata: metadata.tags }),
    ...(metadata?.user === undefined ? {} : userOf(metadata.user, options, quirks)),
    ...renderCache(request, warnings),
  };
}

const UNSUPPORTED = ["topK", "stopSequences", "seed", "presencePenalty", "frequencyPenalty"] as const;

function reportUnsupported(request: CompletionRequest, warnings: Warning[]): void {
  for (const path of UNSUPPORTED) {
    const value = request[path];
    if (value !== undefined)
      warnings.push({ type: "unsupported", path, detail: `the Responses API has no ${path}; left out`, value });
  }
}

function outputTokens(asked: number, quirks: ResolvedQuirks, warnings: Warning[]): number {
  if (asked >= quirks.outputTokensMin) return asked;
  const detail = `the vendor takes no less than ${quirks.outputTokensMin}; raised to that`;
  warnings.push({ type: "lossy", path: "maxOutputTokens", detail, value: asked });
  return quirks.outputTokensMin;
}

function renderReasoning(reasoning: ReasoningRequest, warnings: Warning[]): Pick<WireSettings, "reasoning"> {
  const { budgetTokens, summary } = reasoning;
  const effort = reasoning.effort ?? effortForBudget(budgetTokens);
  if (budgetTokens !== undefined) {
    const detail = `the vendor grades thinking by effort and counts no budget; the effort ${effort} was sent`;
    warnings.push({ type: "lossy", path: "reasoning.budgetTokens", detail, value: budgetTokens });
  }
  const rendered = {
    ...(effort === undefined ? {} : { effort }),
    ...(summary === undefined ? {} : { summary: summary === "none" ? null : summary }),
  };
  return Object.keys(rendered).length === 0 ? {} : { reasoning: rendered };
}

/** Budgets up to which an effort is meant. Tokens. */
const EFFORT_BUDGETS = [
  ["low", 2_048],
  ["medium", 8_192],
] as const;

function effortForBudget(budgetTokens: number | undefined): ReasoningEffort | undefined {
  if (budgetTokens === undefined) return undefined;
  return EFFORT_BUDGETS.find(([, most]) => budgetTokens <= most)?.[0] ?? "high";
}

function renderFormat(output: OutputRequest, warnings: Warning[]): WireFormat {
  if (output.type === "text") return { type: "text" };
  if (output.schema === undefined) return { type: "json_object" };
  let schema = output.schema;
  if (output.strict === true) {
    const lowered = lowerSchema(schema, OPENAI_STRICT, "output.schema");
    warnings.push(...lowered.warnings);
    schema = lowered.schema;
  }
  return {
    type: "json_schema",
    name: output.name ?? "output",
    ...(output.description === undefined ? {} : { description: output.description }),
    schema,
    ...(output.strict === undefined ? {} : { strict: output.strict }),
  };
}

/** A client that named its user `safety_identifier` gets it back there, not twice. */
function userOf(user: string, options: JsonObject, quirks: ResolvedQuirks): JsonObject {
  return options.safety_identifier === user ? {} : { [quirks.userField]: user };
}

/** The vendor caches every prefix by itself. It takes a key that keeps calls together, and a longer time. */
function renderCache(
  request: CompletionRequest,
  warnings: Warning[],
): Pick<WireSettings, "prompt_cache_key" | "prompt_cache_retention"> {
  const { cache, metadata } = request;
  if (cache === undefined || cache.length === 0) return {};
  for (const [index, directive] of cache.entries()) {
    if (cache.length > 1 || directive.stable !== "system") {
      const detail = "the vendor caches the longest equal prefix by itself; the boundary was not sent";
      warnings.push({ type: "lossy", path: `cache[${index}].stable`, detail });
    }
    if (directive.timeToLive === "1h") {
      const detail = "the vendor keeps a prompt for minutes or for 24 hours; left to its default";
      warnings.push({ type: "unsupported", path: `cache[${index}].timeToLive`, detail, value: "1h" });
    }
  }
  const key = cache.find((directive) => directive.key !== undefined)?.key ?? metadata?.session;
  return {
    ...(key === undefined ? {} : { prompt_cache_key: key }),
    ...(cache.some((directive) => directive.timeToLive === "24h") ? { prompt_cache_retention: "24h" } : {}),
  };
}

function withoutRefused(settings: WireSettings & JsonObject, quirks: ResolvedQuirks, warnings: Warning[]): JsonObject {
  if (quirks.refusedSettings.length === 0) return settings;
  const kept: Record<string, JsonValue | undefined> = { ...settings };
  for (const path of quirks.refusedSettings) {
    if (kept[path] === undefined) continue;
    warnings.push({ type: "unsupported", path, detail: `this server refuses ${path}; left out`, value: kept[path] });
    delete kept[path];
  }
  return kept;
}

// The hatch

const STATE_FIELDS = ["previous_response_id", "conversation"] as const;

/** This dialect's fields; those of others are reported. */
function ownOptions(request: CompletionRequest, quirks: ResolvedQuirks, warnings: Warning[]): JsonObject {
  for (const dialect of Object.keys(request.vendorOptions ?? {})) {
    if (dialect === OPENAI_RESPONSES) continue;
    const detail = `fields of ${dialect} mean nothing to ${OPENAI_RESPONSES}; left out`;
    warnings.push({ type: "unsupported", path: `vendorOptions.${dialect}`, detail });
  }
  const options: Record<string, JsonValue | undefined> = { ...request.vendorOptions?.[OPENAI_RESPONSES] };
  for (const field of STATE_FIELDS) {
    if (!quirks.stateless || options[field] === undefined || options[field] === null) continue;
    const path = `vendorOptions.${OPENAI_RESPONSES}.${field}`;
    warnings.push({ type: "unsupported", path, detail: "the server keeps nothing to refer to; left out", value: options[field] });
    delete options[field];
  }
  return options;
}

/** Objects in which canonical settings and the vendor's own stand side by side. */
const SHARED_FIELDS: ReadonlySet<string> = new Set(["text", "reasoning"]);

function layOver(body: Record<string, JsonValue | undefined>, options: JsonObject): void {
  for (const [key, value] of Object.entries(options)) {
    const own = body[key];
    body[key] = SHARED_FIELDS.has(key) && isJsonObject(own) && isJsonObject(value) ? { ...own, ...value } : value;
  }
}

/**
 * What is not stored must come back encrypted, or a later turn cannot replay the thinking. An empty list that the caller
 * wrote himself asks for nothing.
 */
function includeOf(body: JsonObject, context: RenderContext, quirks: ResolvedQuirks): JsonValue | undefined {
  const own = Array.isArray(body.include) ? body.include : undefined;
  if (own?.length === 0) return undefined;
  const { encryptedReasoning } = quirks;
  const wanted = encryptedReasoning === "always" || (encryptedReasoning === "unstored" && body.store === false);
  const isAsked = own?.includes(ENCRYPTED_REASONING) === true;
  if (!wanted || isAsked || context.capabilities.reasoning.answer === "no") return own;
  return [...(own ?? []), ENCRYPTED_REASONING];
}
