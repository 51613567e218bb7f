/** Canonical request -> `POST /models/{model}:generateContent` or `:streamGenerateContent?alt=sse`. */
import type { CacheDirective } from "../../cache.ts";
import type { RenderContext, RenderedRequest } from "../../dialect.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import type { CompletionRequest } from "../../request.ts";
import { invalidField } from "../wire-reader.ts";
import { layOver } from "./lay-over.ts";
import { type ModelRow, modelRow, type ResolvedQuirks } from "./quirks.ts";
import { renderContents } from "./render-contents.ts";
import { renderGenerationConfig, saysTheSame } from "./render-generation-config.ts";
import { renderToolChoice, renderTools } from "./render-tools.ts";
import { createReporter, type Report } from "./report.ts";

export function renderRequest(request: CompletionRequest, context: RenderContext, quirks: ResolvedQuirks): RenderedRequest {
  const method = context.stream ? "streamGenerateContent?alt=sse" : "generateContent";
  const { body, warnings } = renderBody(request, context, quirks);
  return { method: "POST", path: `${modelPath(request.model)}:${method}`, headers: {}, body, warnings };
}

/** `/models/…`, or the resource name itself where the model is one (`tunedModels/…`). */
export function modelPath(model: string): string {
  if (!model.isWellFormed()) throw invalidField("model", "model is not well-formed Unicode; it cannot stand in a path");
  const name = model.includes("/") ? model : `models/${model}`;
  return `/${name.split("/").map(encodeSegment).join("/")}`;
}

function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replaceAll("%40", "@").replaceAll("%3A", ":");
}

export function renderBody(
  request: CompletionRequest,
  context: RenderContext,
  quirks: ResolvedQuirks,
): Pick<RenderedRequest, "warnings"> & { readonly body: JsonObject } {
  const reporter = createReporter();
  const { report } = reporter;
  const row = modelRow(quirks, request.model);
  const options = request.vendorOptions?.gemini ?? {};
  const rendered = renderContents(request.messages, {
    quirks,
    row: effectiveRow(row, context),
    mediaInResponses: mediaInResponses(row, context),
    report,
  });
  const thinks = context.capabilities.reasoning.answer !== "no";
  const generationConfig = renderGenerationConfig(request, thinks ? row.thinking : { type: "none" }, reporter);
  const tools = renderTools(request.tools ?? [], report);
  const choice = toolChoiceOf(request, options, report);
  const body: JsonObject = {
    ...(rendered.systemInstruction === undefined ? {} : { systemInstruction: rendered.systemInstruction }),
    contents: rendered.contents,
    ...(tools.length === 0 ? {} : { tools }),
    ...(choice === undefined ? {} : { toolConfig: { functionCallingConfig: choice } }),
    ...(Object.keys(generationConfig).length === 0 ? {} : { generationConfig }),
    ...renderTags(request, quirks, report),
  };
  reportUnsent(request, report);
  const object = request.cache?.findLast((directive) => directive.object !== undefined);
  const sent = object === undefined ? withoutCached(body, options, report) : withObject(body, object, request, context, quirks);
  const laid = layOver(sent, usableOptions(request, options, report));
  return { body: laid, warnings: reporter.warnings };
}

/** "Function calling config is set without function_declarations." A cached content may hold tools of its own. */
function toolChoiceOf(request: CompletionRequest, options: JsonObject, report: Report): JsonObject | undefined {
  const { toolChoice, tools = [], cache = [] } = request;
  const isForced = toolChoice !== undefined && toolChoice !== "auto" && toolChoice !== "none";
  const others = options.tools ?? options.toolConfig ?? options.cachedContent ?? cache.find(({ object }) => object !== undefined);
  if (!isForced || tools.length > 0 || others !== undefined) return renderToolChoice(toolChoice, tools);
  report("unsupported", "toolChoice", "there are no tools to choose from; it was left out");
  return undefined;
}

function effectiveRow(row: ModelRow, context: RenderContext): ModelRow {
  return context.capabilities.systemPrompt.answer === "no" ? { ...row, systemInstruction: false } : row;
}

function mediaInResponses(row: ModelRow, context: RenderContext): boolean {
  const { answer } = context.capabilities.imagesInToolResults;
  return answer === "unknown" ? row.mediaInFunctionResponse === true : answer === "yes";
}

function renderTags(request: CompletionRequest, quirks: ResolvedQuirks, report: Report): JsonObject {
  const tags = request.metadata?.tags;
  if (tags === undefined) return {};
  if (quirks.labels) return { labels: tags };
  report("unsupported", "metadata.tags", "the Gemini API has no labels; the tags were left out");
  return {};
}

function reportUnsent(request: CompletionRequest, report: Report): void {
  if (request.parallelToolCalls === false) {
    report("unsupported", "parallelToolCalls", "Gemini cannot be kept from parallel calls; the setting was left out");
  }
  // The session is ours to add usage up by, and no vendor's.
  if (request.metadata?.user !== undefined) {
    report("unsupported", "metadata.user", "Gemini has no field for the user; it was left out");
  }
  if (request.cache !== undefined && request.cache.length > 0 && request.cache.every(({ object }) => object === undefined)) {
    report("unsupported", "cache", "Gemini caches by itself; an explicit cache is named by vendorOptions.gemini.cachedContent");
  }
  for (const dialect of Object.keys(request.vendorOptions ?? {})) {
    if (dialect === "gemini") continue;
    report("unsupported", `vendorOptions.${dialect}`, `options of ${dialect} were not sent to Gemini`);
  }
}

/** An object that was made of this very beginning: it is named, and the beginning is not sent. */
function withObject(
  body: JsonObject,
  { object, stable }: CacheDirective,
  request: CompletionRequest,
  context: RenderContext,
  quirks: ResolvedQuirks,
): JsonObject {
  const { systemInstruction: _system, tools: _tools, toolConfig: _config, contents, ...rest } = body;
  const kept = typeof stable === "object" ? contentsOf(request.messages.slice(0, stable.messages), context, request, quirks) : 0;
  return { ...rest, cachedContent: object, contents: Array.isArray(contents) ? contents.slice(kept) : contents };
}

/** How many contents the first messages become. What they lose is reported where the whole is rendered. */
function contentsOf(
  messages: CompletionRequest["messages"],
  context: RenderContext,
  { model }: CompletionRequest,
  quirks: ResolvedQuirks,
): number {
  const row = modelRow(quirks, model);
  const init = { quirks, row: effectiveRow(row, context), mediaInResponses: mediaInResponses(row, context) };
  return renderContents(messages, { ...init, report: () => undefined }).contents.length;
}

/** A cached content holds system instruction and tools; the vendor refuses them beside it. */
function withoutCached(body: JsonObject, options: JsonObject, report: Report): JsonObject {
  if (options.cachedContent === undefined) return body;
  const { systemInstruction, tools, toolConfig, ...rest } = body;
  for (const [path, value] of Object.entries({ "messages[0]": systemInstruction, tools, toolChoice: toolConfig })) {
    if (value === undefined) continue;
    report("lossy", path, "the cached content holds system instruction and tools; what was given beside it was left out");
  }
  return rest;
}

/** The client's own `responseSchema` is dropped once the canonical schema says something else. */
function usableOptions(request: CompletionRequest, options: JsonObject, report: Report): JsonObject {
  const config = options.generationConfig;
  if (!isJsonObject(config) || !isJsonObject(config.responseSchema)) return options;
  const { output } = request;
  if (output?.type !== "json" || output.schema === undefined) return options;
  if (saysTheSame(config.responseSchema, output.schema)) return options;
  report("other", "vendorOptions.gemini.generationConfig.responseSchema", "output.schema says something else and was sent");
  const { responseSchema: _schema, ...rest } = config;
  return { ...options, generationConfig: rest };
}
