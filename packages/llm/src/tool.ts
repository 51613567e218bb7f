/**
 * Tools in one form: a name, a sentence and a JSON Schema. Dialects lower the schema; the full one is checked when the
 * arguments come back (`schema.ts`).
 */
import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import { DragomanError } from "./errors.ts";
import { isJsonObject, type JsonObject, type JsonSchema } from "./json.ts";
import type { VendorData } from "./message.ts";

/** A tool that the caller runs. */
export interface ToolDefinition {
  readonly type?: "function";
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the arguments; its root is an object. */
  readonly inputSchema: JsonSchema;
  /** Ask the vendor to enforce the schema while it samples. Left to the vendor's default when absent. */
  readonly strict?: boolean;
  readonly vendor?: VendorData;
}

/** A tool that the vendor itself offers (its web search, its code interpreter), in the vendor's own words. */
export interface VendorTool {
  readonly type: "vendor";
  readonly dialect: string;
  readonly name: string;
  readonly value: JsonObject;
}

/** Something that a model may ask for: a function of the program's, or a tool that its vendor runs. */
export type Tool = ToolDefinition | VendorTool;

/** `auto`: the model decides. `required`: it must call one. `none`: it must not. `{ tool }`: it must call this one. */
export type ToolChoice = "auto" | "required" | "none" | { readonly tool: string };

/** A schema library's object that can also print itself as JSON Schema, such as a zod 4 schema. */
export type SchemaWithJson = StandardSchemaV1 & StandardJSONSchemaV1;

/** What a tool is declared with. */
export interface ToolInit {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema, or any Standard Schema that offers JSON Schema (zod 4, valibot, arktype). */
  readonly input: JsonSchema | SchemaWithJson;
  readonly strict?: boolean;
}

/** Declares a tool. Throws `schema_unsupported` when the schema library cannot print JSON Schema. */
export function defineTool(init: ToolInit): ToolDefinition {
  return {
    name: init.name,
    ...(init.description === undefined ? {} : { description: init.description }),
    inputSchema: toJsonSchema(init.input, `tool ${init.name}`),
    ...(init.strict === undefined ? {} : { strict: init.strict }),
  };
}

/** The JSON Schema of a schema in either form. `subject` names it in errors. */
export function toJsonSchema(schema: JsonSchema | SchemaWithJson, subject: string): JsonSchema {
  if (!isStandardSchema(schema)) return schema;
  const converter = schema["~standard"].jsonSchema;
  if (converter === undefined) {
    throw new DragomanError({
      code: "schema_unsupported",
      detail: `${subject}: the schema of ${schema["~standard"].vendor} does not offer JSON Schema`,
      advice: "use a schema library with Standard JSON Schema (zod 4.2 or later), or pass JSON Schema",
    });
  }
  const { $schema: _draft, ...converted } = converter.input({ target: "draft-2020-12" });
  if (!isJsonObject(converted))
    throw new DragomanError({ code: "schema_unsupported", detail: `${subject}: not a JSON Schema object` });
  return converted;
}

function isStandardSchema(schema: JsonSchema | SchemaWithJson): schema is SchemaWithJson {
  return "~standard" in schema;
}

/** Whether the vendor runs it. */
export function isVendorTool(tool: Tool): tool is VendorTool {
  return tool.type === "vendor";
}
