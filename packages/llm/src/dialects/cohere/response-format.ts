/** The form of the answer: `response_format`, both ways. A schema stands inside `json_object`. */
import { isJsonObject, type JsonObject, type JsonSchema } from "../../json.ts";
import type { OutputRequest } from "../../request.ts";
import { lowerSchema } from "../../schema.ts";
import type { Warning } from "../../warning.ts";
import { COHERE_STRUCTURED } from "../schema-profiles.ts";
import { invalidField, optional, readObject, readString } from "../wire-reader.ts";
import { type Body, isRefused, type Rendering, unsupported } from "./rendering.ts";

export function renderResponseFormat(rendering: Rendering): Body {
  const { output } = rendering.request;
  if (output === undefined) return {};
  if (output.type === "text") return { response_format: { type: "text" } };
  if (output.description !== undefined) {
    unsupported(rendering, "output.description", "the wire has no description of an output; it was left out");
  }
  if (isRefused(rendering, "jsonMode", "output")) return {};
  const { schema } = output;
  if (schema === undefined || isRefused(rendering, "jsonSchema", "output.schema")) {
    return { response_format: { type: "json_object" } };
  }
  const lowered = lowerSchema(schema, COHERE_STRUCTURED, "output.schema");
  rendering.warnings.push(...lowered.warnings);
  return { response_format: { type: "json_object", json_schema: lowered.schema } };
}

const FORMAT_FIELDS: ReadonlySet<string> = new Set(["type", "json_schema", "schema"]);

/** Undefined for a format of a type that the wire does not define. What is enforced, clients count on: so it is strict. */
export function parseResponseFormat(value: JsonObject, warnings: Warning[]): OutputRequest | undefined {
  const type = readString(value.type, "response_format.type");
  if (type !== "text" && type !== "json_object" && type !== "json_schema") return undefined;
  for (const field of Object.keys(value)) {
    if (FORMAT_FIELDS.has(field)) continue;
    const detail = "the wire does not define it; it was left out";
    warnings.push({ type: "unknown-field", path: `response_format.${field}`, detail });
  }
  if (type === "text") return { type: "text" };
  const schema = schemaIn(value);
  if (schema !== undefined) return { type: "json", schema, strict: true };
  if (type === "json_schema") throw invalidField("response_format.json_schema", "response_format.json_schema is missing");
  return { type: "json" };
}

/** `schema` is the older spelling; some clients of other wires wrap the schema once more, with its name. */
function schemaIn(value: JsonObject): JsonSchema | undefined {
  const given =
    optional(value.json_schema, "response_format.json_schema", readObject) ??
    optional(value.schema, "response_format.schema", readObject);
  if (given === undefined) return undefined;
  const isWrapped = typeof given.name === "string" && isJsonObject(given.schema) && given.type === undefined;
  return isWrapped && isJsonObject(given.schema) ? given.schema : given;
}
