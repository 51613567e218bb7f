/** The form of the answer: `response_format`, in OpenAI's shape and two others, both ways. */
import { isJsonObject, type JsonObject, type JsonSchema } from "../../json.ts";
import type { OutputRequest } from "../../request.ts";
import { lowerSchema } from "../../schema.ts";
import type { Warning } from "../../warning.ts";
import { systemRoleOf } from "./quirks.ts";
import { type Body, type Rendering, unsupported } from "./rendering.ts";
import { unknownFields } from "./vendor-data.ts";

export interface RenderedFormat {
  readonly fields: Body;
  /** What a system message has to tell, where the vendor cannot be told otherwise. */
  readonly instruction?: string;
}

/** The canonical default, so a format under this name says nothing. */
const DEFAULT_NAME = "output";

type JsonOutput = Extract<OutputRequest, { readonly type: "json" }>;

export function renderResponseFormat(rendering: Rendering): RenderedFormat {
  const { output } = rendering.request;
  if (output === undefined) return { fields: {} };
  if (output.type === "text") return { fields: { response_format: { type: "text" } } };
  return output.schema === undefined ? anyJson(rendering) : jsonWithSchema(rendering, output, output.schema);
}

function anyJson(rendering: Rendering): RenderedFormat {
  if (canSend(rendering, "jsonMode")) return { fields: { response_format: { type: "json_object" } } };
  unsupported(rendering, "output", "the model has no JSON mode; a system message asks for JSON instead");
  return { fields: {}, instruction: "Answer with one JSON object and nothing else." };
}

/** The messages with the instruction: at their end, or in the system message that leads where none may stand later. */
export function withInstruction(
  { quirks, request }: Rendering,
  messages: readonly JsonObject[],
  instruction: string | undefined,
): readonly JsonObject[] {
  if (instruction === undefined) return messages;
  const message: JsonObject = { role: systemRoleOf(request.model, quirks.systemRoles), content: instruction };
  if (quirks.systemMessages !== "leading") return [...messages, message];
  const [first, ...others] = messages;
  return first?.role === message.role && typeof first?.content === "string" && first.role !== "user"
    ? [{ ...first, content: `${first.content}\n\n${instruction}` }, ...others]
    : [message, ...messages];
}

function jsonWithSchema(rendering: Rendering, output: JsonOutput, schema: JsonSchema): RenderedFormat {
  const form = rendering.quirks.responseFormat;
  if (form === "json_object" || form === "none" || !canSend(rendering, "jsonSchema")) return schemaInPrompt(rendering, schema);
  const { quirks } = rendering;
  const lowered = lowerSchema(schema, output.strict === true ? quirks.strictSchema : quirks.schema, "output.schema");
  rendering.warnings.push(...lowered.warnings);
  if (form === "top-level") return { fields: { response_format: { type: "json_schema", schema: lowered.schema } } };
  const named = {
    name: output.name ?? DEFAULT_NAME,
    ...(output.description === undefined ? {} : { description: output.description }),
    schema: lowered.schema,
    ...(output.strict === undefined ? {} : { strict: output.strict }),
  };
  return { fields: { response_format: { type: "json_schema", json_schema: named } } };
}

function canSend(rendering: Rendering, capability: "jsonMode" | "jsonSchema"): boolean {
  return rendering.quirks.responseFormat !== "none" && rendering.capabilities[capability].answer !== "no";
}

/** The message names JSON, as JSON mode demands of some message (OpenAI, DeepSeek). */
function schemaInPrompt(rendering: Rendering, schema: JsonSchema): RenderedFormat {
  rendering.warnings.push({
    type: "lossy",
    path: "output.schema",
    detail: "the vendor does not enforce a schema; it was told to the model in a system message",
  });
  const instruction = `Answer with one JSON object that satisfies this JSON Schema, and nothing else:\n${JSON.stringify(schema)}`;
  const fields: Body = canSend(rendering, "jsonMode") ? { response_format: { type: "json_object" } } : {};
  return { fields, instruction };
}

/** The canonical form, or undefined for a format that only its vendor knows. */
export function parseResponseFormat(value: JsonObject): OutputRequest | undefined {
  if (value.type === "text") return { type: "text" };
  if (value.type !== "json_object" && value.type !== "json_schema") return undefined;
  if (isJsonObject(value.schema)) return { type: "json", schema: value.schema };
  if (value.type === "json_object") return { type: "json" };
  return isJsonObject(value.json_schema) ? namedSchema(value.json_schema) : undefined;
}

const FORMAT_FIELDS: ReadonlySet<string> = new Set(["type", "json_schema", "schema"]);
const NAMED_FIELDS: ReadonlySet<string> = new Set(["name", "description", "schema", "strict"]);

/** What a format that has a canonical form says beyond it. */
export function unreadFormatFields(value: JsonObject): readonly Warning[] {
  const named = isJsonObject(value.json_schema) ? value.json_schema : {};
  const fields = [
    ...Object.keys(unknownFields(value, FORMAT_FIELDS) ?? {}),
    ...Object.keys(unknownFields(named, NAMED_FIELDS) ?? {}).map((field) => `json_schema.${field}`),
  ];
  const detail = "the wire does not define it; it was left out";
  return fields.map((field) => ({ type: "unknown-field", path: `response_format.${field}`, detail }));
}

function namedSchema(named: JsonObject): OutputRequest | undefined {
  if (!isJsonObject(named.schema)) return undefined;
  return {
    type: "json",
    schema: named.schema,
    ...(typeof named.name === "string" && named.name !== "" && named.name !== DEFAULT_NAME ? { name: named.name } : {}),
    ...(typeof named.description === "string" ? { description: named.description } : {}),
    ...(typeof named.strict === "boolean" ? { strict: named.strict } : {}),
  };
}
