import type { RenderContext, RenderedRequest } from "../../dialect.ts";
import type { JsonObject } from "../../json.ts";
import type { CompletionRequest } from "../../request.ts";
import type { Warning } from "../../warning.ts";
import { objectOf, ownData } from "./fields.ts";
import { renderInput } from "./input.ts";
import { agentFamily, type GeminiInteractionsQuirks } from "./quirks.ts";
import { type Asking, renderGenerationConfig, renderOutput, renderTools, reportSettings } from "./settings.ts";
import { GEMINI_INTERACTIONS } from "./vendor-data.ts";

export function renderRequest(
  request: CompletionRequest,
  { stream, capabilities }: RenderContext,
  quirks: Required<GeminiInteractionsQuirks>,
): RenderedRequest {
  const warnings: Warning[] = [];
  const asking: Asking = { model: request.model, capabilities, warnings };
  const options = objectOf(request.vendorOptions?.[GEMINI_INTERACTIONS]);
  const { steps, system } = renderInput(request.messages, warnings);
  const tools = renderTools(request.tools, asking);
  const target = renderTarget(request.model, options, quirks);
  const body: JsonObject = {
    ...target,
    ...(system === undefined ? {} : renderSystem(system, steps, asking)),
    ...(system !== undefined && isWithoutSystem(asking) ? {} : { input: steps }),
    ...(tools.length === 0 ? {} : { tools }),
    ...renderOutput(request, asking),
    ...renderMetadata(request, warnings),
    ...renderContinuation(request),
    ...(stream ? { stream: true } : {}),
  };
  const config = target.agent === undefined ? renderGenerationConfig(request, asking) : reportSettings(request, asking);
  reportCache(request, warnings);
  reportForeignOptions(request, warnings);
  return { method: "POST", path: "/interactions", headers: {}, body: withOptions(body, config, options), warnings };
}

/** An agent is asked in a field of its own, and some of them work in the background only. */
function renderTarget(model: string, options: JsonObject, quirks: Required<GeminiInteractionsQuirks>): JsonObject {
  const family = agentFamily(quirks, model);
  if (family === undefined && options.agent === undefined) return { model };
  return { agent: model, ...(family?.background === true ? { background: true } : {}) };
}

function isWithoutSystem({ capabilities }: Asking): boolean {
  return capabilities.systemPrompt.answer === "no";
}

function renderSystem(system: string, steps: readonly JsonObject[], asking: Asking): JsonObject {
  if (!isWithoutSystem(asking)) return { system_instruction: system };
  const detail = `${asking.model} takes no system prompt; it was sent as the user's`;
  asking.warnings.push({ type: "lossy", path: "messages", detail });
  return { input: [{ type: "user_input", content: [{ type: "text", text: system }] }, ...steps] };
}

/** Source: the vendor's SDK on `labels`: 63 characters, lower case, digits, `_` and `-`, a letter first. */
const LABEL_KEY = /^\p{L}[\p{L}\d_-]{0,62}$/u;
const LABEL_VALUE = /^[\p{L}\d_-]{0,63}$/u;

function renderMetadata({ metadata }: CompletionRequest, warnings: Warning[]): JsonObject {
  for (const name of ["session", "user"] as const) {
    if (metadata?.[name] === undefined) continue;
    warnings.push({ type: "unsupported", path: `metadata.${name}`, detail: `the wire has no place for the ${name}; left out` });
  }
  const tags = Object.entries(metadata?.tags ?? {});
  const labels = tags.filter(([key, value]) => isLabel(key, LABEL_KEY) && isLabel(value, LABEL_VALUE));
  for (const [key, value] of tags) {
    if (labels.some(([name]) => name === key)) continue;
    const detail = `${key} is no label as the vendor takes it; left out`;
    warnings.push({ type: "unsupported", path: `metadata.tags.${key}`, detail, value });
  }
  return labels.length === 0 ? {} : { labels: Object.fromEntries(labels) };
}

function isLabel(text: string, shape: RegExp): boolean {
  return shape.test(text) && text === text.toLowerCase();
}

/** A decoding that was suspended goes on from the token that came with the message. */
function renderContinuation({ messages }: CompletionRequest): JsonObject {
  const last = messages.at(-1);
  const token = last === undefined ? undefined : ownData(last).continuation_token;
  return token === undefined ? {} : { continuation_token: token };
}

/** The vendor keeps prompts by itself. */
function reportCache({ cache }: CompletionRequest, warnings: Warning[]): void {
  if (cache === undefined || cache.length === 0) return;
  const detail = "the vendor caches by itself and takes no directives on this wire; left out";
  warnings.push({ type: "unsupported", path: "cache", detail });
}

function reportForeignOptions({ vendorOptions = {} }: CompletionRequest, warnings: Warning[]): void {
  for (const [dialect, options] of Object.entries(vendorOptions)) {
    if (dialect === GEMINI_INTERACTIONS || options === undefined) continue;
    const detail = `options for ${dialect} are not sent to ${GEMINI_INTERACTIONS}`;
    warnings.push({ type: "unsupported", path: `vendorOptions.${dialect}`, detail });
  }
}

/** Nearly all settings stand in `generation_config`: one of them must not push out the others. */
function withOptions(body: JsonObject, config: JsonObject, options: JsonObject): JsonObject {
  const merged = { ...config, ...objectOf(options.generation_config) };
  return { ...body, ...options, ...(Object.keys(merged).length === 0 ? {} : { generation_config: merged }) };
}
