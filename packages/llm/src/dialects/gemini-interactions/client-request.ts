import type { ClientRequest, ParsedRequest } from "../../dialect.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import { systemMessage } from "../../message.ts";
import type { CompletionRequest, OutputRequest, ReasoningEffort, ReasoningRequest } from "../../request.ts";
import type { Tool, ToolChoice } from "../../tool.ts";
import type { Warning } from "../../warning.ts";
import {
  checkedList,
  checkedObject,
  optionalBoolean,
  optionalList,
  optionalNumber,
  optionalObject,
  optionalString,
  refused,
  requiredString,
} from "./checked-fields.ts";
import { parseInput } from "./client-input.ts";
import { fieldsBeyond } from "./fields.ts";
import { GEMINI_INTERACTIONS, vendorDataOf } from "./vendor-data.ts";

/** Fields of the wire without a canonical form: they go on as they are. */
const PASSED_ON: ReadonlySet<string> = new Set([
  "agent",
  "agent_config",
  "background",
  "cached_content",
  "continuation_token",
  "environment",
  "previous_interaction_id",
  "response_modalities",
  "safety_settings",
  "service_tier",
  "store",
  "webhook_config",
]);

const READ: ReadonlySet<string> = new Set([
  "model",
  "input",
  "system_instruction",
  "tools",
  "generation_config",
  "response_format",
  "response_mime_type",
  "labels",
  "stream",
]);

export function parseRequest({ body }: ClientRequest): ParsedRequest {
  if (!isJsonObject(body)) throw refused("body", "must be a JSON object");
  const warnings: Warning[] = [];
  const model = modelOf(body, warnings);
  const system = optionalString(body, "system_instruction", "");
  const tools = optionalList(body, "tools", "")?.map(parseTool);
  const { settings, rest } = parseGenerationConfig(optionalObject(body, "generation_config", "") ?? {});
  const { output, passedOn } = parseOutput(body);
  const options: JsonObject = {
    ...unread(body, warnings),
    ...passedOn,
    ...(Object.keys(rest).length === 0 ? {} : { generation_config: rest }),
  };
  const request: CompletionRequest = {
    model,
    messages: [...(system === undefined ? [] : [systemMessage(system)]), ...parseInput(body.input)],
    ...(tools === undefined || tools.length === 0 ? {} : { tools }),
    ...settings,
    ...(output === undefined ? {} : { output }),
    ...parseLabels(optionalObject(body, "labels", "")),
    ...(Object.keys(options).length === 0 ? {} : { vendorOptions: { [GEMINI_INTERACTIONS]: options } }),
  };
  const echo = typeof body.agent === "string" ? { agent: body.agent } : {};
  return { request, stream: optionalBoolean(body, "stream", "") ?? false, warnings, client: { model, echo } };
}

/** A model or an agent; where both are named the agent answers. */
function modelOf(body: JsonObject, warnings: Warning[]): string {
  const agent = optionalString(body, "agent", "");
  if (agent === undefined) return requiredString(body, "model", "");
  const model = optionalString(body, "model", "");
  if (model !== undefined && model !== agent) {
    warnings.push({ type: "unknown-field", path: "model", detail: "an agent has no model beside it; left out", value: model });
  }
  return agent;
}

function unread(body: JsonObject, warnings: Warning[]): JsonObject {
  const options = fieldsBeyond(body, READ);
  for (const name of Object.keys(options)) {
    if (PASSED_ON.has(name)) continue;
    warnings.push({ type: "unknown-field", path: name, detail: `the dialect does not know ${name}; it was passed on unread` });
  }
  return options;
}

function parseLabels(labels: JsonObject | undefined): Pick<CompletionRequest, "metadata"> {
  if (labels === undefined) return {};
  const tags = Object.entries(labels).map(([name, value]): [string, string] => {
    if (typeof value !== "string") throw refused(`labels.${name}`, "must be a string");
    return [name, value];
  });
  return tags.length === 0 ? {} : { metadata: { tags: Object.fromEntries(tags) } };
}

// Tools

const FUNCTION_FIELDS: ReadonlySet<string> = new Set(["type", "name", "description", "parameters"]);

function parseTool(value: unknown, index: number): Tool {
  const path = `tools[${index}]`;
  const tool = checkedObject(value, path);
  const type = requiredString(tool, "type", path);
  if (type !== "function") return { type: "vendor", dialect: GEMINI_INTERACTIONS, name: type, value: tool };
  const description = optionalString(tool, "description", path);
  const vendor = vendorDataOf(fieldsBeyond(tool, FUNCTION_FIELDS));
  return {
    name: requiredString(tool, "name", path),
    ...(description === undefined ? {} : { description }),
    inputSchema: optionalObject(tool, "parameters", path) ?? { type: "object", properties: {} },
    ...(vendor === undefined ? {} : { vendor }),
  };
}

// Settings

const CONFIG = "generation_config";
const EFFORTS: ReadonlyMap<unknown, ReasoningEffort> = new Map(
  (["minimal", "low", "medium", "high"] as const).map((effort) => [effort, effort]),
);
const SUMMARIES: ReadonlyMap<unknown, "auto" | "none"> = new Map([
  ["auto", "auto"],
  ["none", "none"],
]);

interface Settings {
  readonly settings: Partial<CompletionRequest>;
  /** What has no canonical form. */
  readonly rest: JsonObject;
}

function parseGenerationConfig(config: JsonObject): Settings {
  const maxOutputTokens = optionalNumber(config, "max_output_tokens", CONFIG);
  const temperature = optionalNumber(config, "temperature", CONFIG);
  const topP = optionalNumber(config, "top_p", CONFIG);
  const seed = optionalNumber(config, "seed", CONFIG);
  const stopSequences = optionalList(config, "stop_sequences", CONFIG)?.map((text, index) => {
    if (typeof text !== "string") throw refused(`${CONFIG}.stop_sequences[${index}]`, "must be a string");
    return text;
  });
  const reasoning = parseReasoning(config);
  const toolChoice = parseToolChoice(config.tool_choice);
  const read = new Set(["max_output_tokens", "temperature", "top_p", "seed", "stop_sequences"]);
  if (reasoning?.effort !== undefined) read.add("thinking_level");
  if (reasoning?.summary !== undefined) read.add("thinking_summaries");
  if (toolChoice !== undefined) read.add("tool_choice");
  const settings = {
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { topP }),
    ...(seed === undefined ? {} : { seed }),
    ...(stopSequences === undefined ? {} : { stopSequences }),
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(toolChoice === undefined ? {} : { toolChoice }),
  };
  return { settings, rest: fieldsBeyond(config, read) };
}

function parseReasoning(config: JsonObject): ReasoningRequest | undefined {
  const effort = EFFORTS.get(config.thinking_level);
  const summary = SUMMARIES.get(config.thinking_summaries);
  if (effort === undefined && summary === undefined) return undefined;
  return { ...(effort === undefined ? {} : { effort }), ...(summary === undefined ? {} : { summary }) };
}

/** Undefined for a choice that has no canonical form, such as one among several tools. */
function parseToolChoice(choice: JsonValue | undefined): ToolChoice | undefined {
  if (choice === "auto" || choice === "none") return choice;
  if (choice === "any") return "required";
  const allowed = isJsonObject(choice) ? choice.allowed_tools : undefined;
  if (!isJsonObject(allowed) || allowed.mode !== "any" || !Array.isArray(allowed.tools)) return undefined;
  const [tool, ...more] = allowed.tools;
  return typeof tool === "string" && more.length === 0 ? { tool } : undefined;
}

// Output

interface ParsedOutput {
  readonly output?: OutputRequest;
  /** A form that is not text alone. */
  readonly passedOn?: JsonObject;
}

/** Before June 2026 `response_format` was the schema itself, beside `response_mime_type`. */
function parseOutput(body: JsonObject): ParsedOutput {
  const format = body.response_format ?? undefined;
  const mime = optionalString(body, "response_mime_type", "");
  if (format === undefined) return mime === undefined ? {} : outputOf(mime, undefined);
  if (Array.isArray(format)) {
    for (const [index, one] of checkedList(format, "response_format").entries()) checkedObject(one, `response_format[${index}]`);
    return { passedOn: { response_format: format } };
  }
  const form = checkedObject(format, "response_format");
  if (form.type === "text") {
    const schema = optionalObject(form, "schema", "response_format");
    return outputOf(optionalString(form, "mime_type", "response_format") ?? mime ?? "text/plain", schema);
  }
  return mime === "application/json" ? outputOf(mime, form) : { passedOn: { response_format: form } };
}

function outputOf(mime: string, schema: JsonObject | undefined): ParsedOutput {
  if (mime === "application/json") return { output: { type: "json", ...(schema === undefined ? {} : { schema }) } };
  if (mime === "text/plain") return { output: { type: "text" } };
  return { passedOn: { response_format: { type: "text", mime_type: mime, ...(schema === undefined ? {} : { schema }) } } };
}
