/**
 * A client's generateContent or streamGenerateContent request -> canonical request. Field names in camelCase and
 * snake_case are read alike. What only Gemini understands goes into `vendorOptions.gemini`.
 */
import type { ClientRequest, ParsedRequest } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import type { JsonObject, JsonValue } from "../../json.ts";
import type { CompletionRequest } from "../../request.ts";
import type { Tool } from "../../tool.ts";
import type { Warning } from "../../warning.ts";
import { readArray, readBody } from "../wire-reader.ts";
import { camelFields, listField } from "./field-names.ts";
import { ContentsParser } from "./parse-contents.ts";
import { parseGenerationConfig } from "./parse-generation-config.ts";
import { parseToolConfig, parseTools } from "./parse-tools.ts";
import type { ResolvedQuirks } from "./quirks.ts";
import { createReporter, type Report } from "./report.ts";
import { parsePath } from "./request-path.ts";

/** Fields of the body that Google defines and that have no canonical form. */
const VENDOR_FIELDS: ReadonlySet<string> = new Set([
  "cachedContent",
  "labels",
  "modelArmorConfig",
  "safetySettings",
  "serviceTier",
  "store",
]);

export function parseRequest(input: ClientRequest, quirks: ResolvedQuirks): ParsedRequest {
  const { model, method } = parsePath(input.path);
  if (method !== "generateContent" && method !== "streamGenerateContent") {
    throw new DragomanError({ code: "not_found", detail: `there is no method ${JSON.stringify(method)} on models` });
  }
  const { request, warnings } = parseBody(readBody(input.body), model, quirks);
  const echo = { alt: input.query.alt === "sse" ? "sse" : "json" };
  return { request, stream: method === "streamGenerateContent", warnings, client: { model, echo } };
}

export interface ParsedBody {
  readonly request: CompletionRequest;
  readonly warnings: readonly Warning[];
}

/** The body alone; `countTokens` has it too. `prefix` stands before the paths in errors, as in `generateContentRequest.`. */
export function parseBody(body: JsonObject, model: string, quirks: ResolvedQuirks, prefix = ""): ParsedBody {
  const reporter = createReporter();
  const { contents, systemInstruction, tools, toolConfig, generationConfig, model: named, ...others } = camelFields(body);
  const parser = new ContentsParser(quirks.fileKeeper);
  if (systemInstruction !== undefined) parser.system(systemInstruction, `${prefix}systemInstruction`);
  readContents(contents, parser, `${prefix}contents`);
  const config = parseGenerationConfig(generationConfig, `${prefix}generationConfig`, reporter.report);
  const choice = parseToolConfig(toolConfig, `${prefix}toolConfig`);
  const parsedTools = parseTools(tools, `${prefix}tools`);
  reportFields(others, named, model, prefix, reporter.report);
  const options: JsonObject = {
    ...others,
    ...(config.rest === undefined ? {} : { generationConfig: config.rest }),
    ...(choice.rest === undefined ? {} : { toolConfig: choice.rest }),
  };
  const request: CompletionRequest = {
    model,
    messages: parser.messages,
    ...(parsedTools.length === 0 ? {} : { tools: choice.strict ? parsedTools.map(strictTool) : parsedTools }),
    ...(choice.toolChoice === undefined ? {} : { toolChoice: choice.toolChoice }),
    ...config.settings,
    ...(Object.keys(options).length === 0 ? {} : { vendorOptions: { gemini: options } }),
  };
  return { request, warnings: reporter.warnings };
}

/** A list of contents; a lone content, or a string, stands for a list of one. */
function readContents(contents: JsonValue | undefined, parser: ContentsParser, path: string): void {
  if (contents === undefined) {
    readArray(contents, path);
    return;
  }
  for (const [index, content] of listField(contents).entries()) {
    const lone = typeof content === "string" ? { parts: [{ text: content }] } : content;
    parser.content(lone, Array.isArray(contents) ? `${path}[${index}]` : path);
  }
}

function strictTool(tool: Tool): Tool {
  return tool.type === "vendor" ? tool : { ...tool, strict: true };
}

function reportFields(others: JsonObject, named: unknown, model: string, prefix: string, report: Report): void {
  for (const key of Object.keys(others)) {
    if (!VENDOR_FIELDS.has(key)) report("unknown-field", `${prefix}${key}`, "Google defines no such field; it was passed on");
  }
  if (typeof named !== "string" || named === model || named.endsWith(`/${model}`)) return;
  report("other", `${prefix}model`, `the path names the model ${model}; ${named} in the body was left out`);
}
