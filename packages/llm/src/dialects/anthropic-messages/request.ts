/**
 * A canonical request as `POST /messages`. What has no place on the wire, or not on this model, is reported. The vendor
 * options lie over the finished body, at its top level; a null there takes a field out, and `betas` becomes the header.
 */
import type { RenderContext, RenderedRequest } from "../../dialect.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { CompletionRequest } from "../../request.ts";
import { lowerSchema } from "../../schema.ts";
import { ANTHROPIC_OUTPUT } from "../schema-profiles.ts";
import { placeBreakpoints } from "./cache-breakpoints.ts";
import { lacksThinking, MESSAGES_BLOCKS, openTurnOf, THINKING_LEFT_OUT } from "./open-turn.ts";
import { type AnthropicMessagesQuirks, BETA_BY_FIELD, modelRule } from "./quirks.ts";
import { type RenderedReasoning, readThinking, renderReasoning } from "./reasoning.ts";
import { renderMessages } from "./render-messages.ts";
import { needBeta, type RenderState } from "./render-state.ts";
import { renderSampling } from "./sampling.ts";
import { hasToolParts, renderToolChoice, renderTools } from "./tools.ts";
import { DIALECT } from "./vendor-data.ts";
import type { WireBlock, WireMessage, WireThinking, WireToolChoice } from "./wire.ts";

/** Of the API. */
export const VERSION = "2023-06-01";

export function renderRequest(
  request: CompletionRequest,
  context: RenderContext,
  quirks: AnthropicMessagesQuirks,
): RenderedRequest {
  const options = vendorOptionsOf(request);
  const state: RenderState = {
    quirks,
    rule: modelRule(request.model, quirks),
    capabilities: context.capabilities,
    warnings: [],
    betas: [...(quirks.betas ?? []), ...betasOf(options)],
  };
  const body = renderBody(request, context.stream, options, state);
  warnOfOtherSettings(request, state);
  const headers: Record<string, string> = { "anthropic-version": quirks.version ?? VERSION };
  if (state.betas.length > 0) headers["anthropic-beta"] = state.betas.join(",");
  return { method: "POST", path: "/messages", headers, body, warnings: state.warnings };
}

function renderBody(request: CompletionRequest, stream: boolean, asked: JsonObject, state: RenderState): JsonObject {
  const prompt = renderMessages(request.messages, state);
  const { reasoning, options } = thinkingFor(request, asked, prompt.messages, state);
  const tools = renderTools(toolsToSend(request, state), state);
  const automatic = isJsonObject(options.cache_control) ? 1 : 0;
  placeBreakpoints(request.cache ?? [], { tools, ...prompt, automatic }, state);
  const outputConfig = renderOutputConfig(request, reasoning, state);
  const toolChoice = toolChoiceFor(request, tools, state);
  if (request.metadata?.tags !== undefined) {
    state.warnings.push({ type: "unsupported", path: "metadata.tags", detail: "Anthropic has no tags; they stay here" });
  }
  const body = {
    model: request.model,
    max_tokens: maxTokens(request, reasoning.thinking, state),
    ...(prompt.system.length === 0 ? {} : { system: prompt.system }),
    ...(tools.length === 0 ? {} : { tools }),
    ...(toolChoice === undefined ? {} : { tool_choice: toolChoice }),
    messages: prompt.messages,
    ...(reasoning.thinking === undefined ? {} : { thinking: reasoning.thinking }),
    ...(outputConfig === undefined ? {} : { output_config: outputConfig }),
    ...renderSampling(request, reasoning.thinking, state),
    ...(request.stopSequences === undefined ? {} : { stop_sequences: request.stopSequences }),
    ...(request.metadata?.user === undefined ? {} : { metadata: { user_id: request.metadata.user } }),
    ...(stream ? { stream: true } : {}),
  };
  return layOver(body, options, state);
}

function toolChoiceFor(request: CompletionRequest, tools: readonly WireBlock[], state: RenderState): WireToolChoice | undefined {
  const choice = renderToolChoice(request);
  if (choice === undefined || tools.length > 0) return choice;
  if (choice.type === "any" || choice.type === "tool") {
    const detail = "a tool choice without tools is refused; it was left out";
    state.warnings.push({ type: "unsupported", path: "toolChoice", detail });
  }
  return undefined;
}

function toolsToSend(request: CompletionRequest, state: RenderState): NonNullable<CompletionRequest["tools"]> {
  const tools = request.tools ?? [];
  const drop = request.toolChoice === "none" && state.quirks.toolChoiceNone === "drop-tools";
  return drop && !hasToolParts(request.messages) ? [] : tools;
}

/** In the middle of a turn that began without thinking there can be none: it waits for the next turn. */
function thinkingFor(
  request: CompletionRequest,
  options: JsonObject,
  messages: readonly WireMessage[],
  state: RenderState,
): { readonly reasoning: RenderedReasoning; readonly options: JsonObject } {
  const reasoning = reasoningFor(request, options, state);
  // A server that takes unsigned thinking asks for none.
  if (reasoning.thinking?.type !== "enabled" || state.quirks.unsignedThinking === "send") return { reasoning, options };
  const openTurn = openTurnOf(messages, MESSAGES_BLOCKS);
  if (!lacksThinking(openTurn, MESSAGES_BLOCKS)) return { reasoning, options };
  for (const message of openTurn) message.content = message.content.filter((block) => !MESSAGES_BLOCKS.isThinking(block));
  state.warnings.push({ type: "unsupported", path: "reasoning", detail: THINKING_LEFT_OUT });
  const { thinking: _thinking, ...effort } = reasoning;
  const { thinking: _own, ...others } = options;
  return { reasoning: effort, options: others };
}

/** Vendor options go over what was rendered, so what they replace is neither sent nor reported. */
function reasoningFor(request: CompletionRequest, options: JsonObject, state: RenderState): RenderedReasoning {
  const rendered = renderedReasoning(request, state);
  if (options.thinking === undefined) state.warnings.push(...rendered.warnings);
  if (options.output_config === undefined) state.warnings.push(...(rendered.effortWarnings ?? []));
  if (options.thinking === undefined) return rendered;
  const { thinking: _replaced, ...rest } = rendered;
  const thinking = readThinking(options.thinking);
  return thinking === undefined ? rest : { ...rest, thinking };
}

function renderedReasoning(request: CompletionRequest, state: RenderState): RenderedReasoning {
  const { reasoning, maxOutputTokens, toolChoice } = request;
  if (reasoning !== undefined && reasoning.effort !== "none" && state.capabilities.reasoning.answer === "no") {
    const detail = `${request.model} has no thinking; it was left out`;
    return { warnings: [{ type: "unsupported", path: "reasoning", detail }] };
  }
  return renderReasoning(reasoning, { rule: state.rule, maxOutputTokens, toolChoice });
}

/** Anthropic demands a bound. Where the caller set none: the model's own ceiling, else a modest default and the budget. */
function maxTokens(request: CompletionRequest, thinking: WireThinking | undefined, state: RenderState): number {
  if (request.maxOutputTokens !== undefined) return request.maxOutputTokens;
  const ceiling = state.capabilities.outputTokensMax ?? state.rule.outputTokensMax;
  const budget = thinking?.type === "enabled" ? thinking.budget_tokens : 0;
  const wanted = (state.rule.defaultMaxTokens ?? ceiling ?? UNKNOWN_MAX_TOKENS) + budget;
  return Math.min(wanted, ceiling ?? wanted);
}

const UNKNOWN_MAX_TOKENS = 8192;

function renderOutputConfig(
  request: CompletionRequest,
  reasoning: RenderedReasoning,
  state: RenderState,
): JsonObject | undefined {
  const format = renderFormat(request, state);
  if (format === undefined && reasoning.effort === undefined) return undefined;
  return {
    ...(reasoning.effort === undefined ? {} : { effort: reasoning.effort }),
    ...(format === undefined ? {} : { format }),
  };
}

function renderFormat(request: CompletionRequest, state: RenderState): JsonObject | undefined {
  const { output } = request;
  if (output?.type !== "json") return undefined;
  const refused = refusalOfFormat(request, state);
  if (refused !== undefined || output.schema === undefined) {
    const detail = refused ?? "Anthropic has no JSON output without a schema; the wish was left out";
    state.warnings.push({ type: "unsupported", path: "output", detail });
    return undefined;
  }
  if (output.description !== undefined) {
    const detail = "Anthropic has no description of an output beside its schema; it was left out";
    state.warnings.push({ type: "lossy", path: "output.description", detail });
  }
  const { schema, warnings } = lowerSchema(output.schema, ANTHROPIC_OUTPUT, "output.schema");
  state.warnings.push(...warnings);
  return { type: "json_schema", schema };
}

function refusalOfFormat(request: CompletionRequest, state: RenderState): string | undefined {
  if (state.quirks.outputFormat === false) return "this server has no structured output; the schema was left out";
  if (state.capabilities.jsonSchema.answer === "no") return `${request.model} has no structured output; the schema was left out`;
  return undefined;
}

// Vendor options

function vendorOptionsOf(request: CompletionRequest): JsonObject {
  return request.vendorOptions?.[DIALECT] ?? {};
}

function betasOf(options: JsonObject): readonly string[] {
  return Array.isArray(options.betas) ? options.betas.filter((beta) => typeof beta === "string") : [];
}

function layOver(body: JsonObject, options: JsonObject, state: RenderState): JsonObject {
  const merged: Record<string, JsonValue | undefined> = { ...body };
  for (const [field, value] of Object.entries(options)) {
    if (field === "betas") continue;
    if (value === null) delete merged[field];
    else merged[field] = value;
    const beta = BETA_BY_FIELD.get(field);
    if (beta !== undefined && value !== null) needBeta(state.betas, beta);
  }
  return merged;
}

const UNSUPPORTED_SETTINGS = ["seed", "presencePenalty", "frequencyPenalty"] as const;

function warnOfOtherSettings(request: CompletionRequest, state: RenderState): void {
  for (const setting of UNSUPPORTED_SETTINGS) {
    if (request[setting] === undefined) continue;
    state.warnings.push({ type: "unsupported", path: setting, detail: `Anthropic has no ${setting}; it was left out` });
  }
  for (const dialect of Object.keys(request.vendorOptions ?? {})) {
    if (dialect === DIALECT) continue;
    const detail = `options of ${dialect} were not sent to ${DIALECT}`;
    state.warnings.push({ type: "unsupported", path: `vendorOptions.${dialect}`, detail });
  }
}
