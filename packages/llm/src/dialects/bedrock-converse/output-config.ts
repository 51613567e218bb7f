/** The form of the answer: `outputConfig.textFormat`, both ways. The schema goes over as text and is always enforced. */
import { isJsonObject, type JsonObject } from "../../json.ts";
import type { OutputRequest } from "../../request.ts";
import { lowerSchema } from "../../schema.ts";
import { ANTHROPIC_OUTPUT } from "../schema-profiles.ts";
import { invalidField, optional, readString } from "../wire-reader.ts";
import { isRefused, type Rendering, unsupported } from "./rendering.ts";

/**
 * What is enforced is the subset that Anthropic has. Source: Amazon Bedrock User Guide, "Get validated JSON results from
 * models": no bounds, no lengths, no recursion, closed objects.
 */
export function renderTextFormat(rendering: Rendering): JsonObject | undefined {
  const { output } = rendering.request;
  if (output?.type !== "json") return undefined;
  if (output.schema === undefined) {
    return unsupported(rendering, "output", "Bedrock has no JSON output without a schema; the wish was left out");
  }
  if (isRefused(rendering, "jsonSchema", "output.schema")) return undefined;
  const { schema, warnings } = lowerSchema(output.schema, ANTHROPIC_OUTPUT, "output.schema");
  rendering.warnings.push(...warnings);
  const jsonSchema = {
    schema: JSON.stringify(schema),
    ...(output.name === undefined ? {} : { name: output.name }),
    ...(output.description === undefined ? {} : { description: output.description }),
  };
  return { type: "json_schema", structure: { jsonSchema } };
}

/** Undefined for a format that has no canonical form. Throws for a schema that is no JSON object. */
export function parseTextFormat(format: JsonObject): OutputRequest | undefined {
  const definition = isJsonObject(format.structure) ? format.structure.jsonSchema : undefined;
  if (format.type !== "json_schema" || !isJsonObject(definition)) return undefined;
  const field = "outputConfig.textFormat.structure.jsonSchema";
  const name = optional(definition.name, `${field}.name`, readString);
  const description = optional(definition.description, `${field}.description`, readString);
  return {
    type: "json",
    schema: readSchema(readString(definition.schema, `${field}.schema`), `${field}.schema`),
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    strict: true,
  };
}

function readSchema(text: string, field: string): JsonObject {
  let schema: unknown;
  try {
    schema = JSON.parse(text);
  } catch {
    throw invalidField(field, `${field} must be a JSON Schema as text`);
  }
  if (!isJsonObject(schema)) throw invalidField(field, `${field} must be a JSON Schema as text`);
  return schema;
}
