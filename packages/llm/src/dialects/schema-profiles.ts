/**
 * The part of JSON Schema that each vendor takes. Facts are the vendors' own documentation and types, as named at each
 * profile; what is not listed there is dropped, so that a request is not refused for it.
 */
import type { SchemaProfile } from "../schema.ts";

/**
 * Strict function tools and `json_schema` output of OpenAI, chat and responses alike.
 * Source: platform.openai.com/docs/guides/structured-outputs, "Supported schemas". `default` and look-around in patterns
 * are refused with 400.
 */
export const OPENAI_STRICT: SchemaProfile = {
  name: "OpenAI strict",
  keywords: new Set([
    "type",
    "title",
    "description",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "enum",
    "const",
    "anyOf",
    "$ref",
    "$defs",
    "definitions",
    "pattern",
    "format",
    "multipleOf",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minItems",
    "maxItems",
  ]),
  values: {
    format: new Set(["date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"]),
    pattern: /^(?!.*\(\?<?[=!])/s,
  },
  allRequired: true,
  closedObjects: true,
  references: "keep",
  oneOfAsAnyOf: true,
  rootObject: true,
};

/**
 * `output_config.format` and strict tools of Anthropic.
 * Source: docs.claude.com, "Structured outputs", and the schema transformation of @anthropic-ai/sdk: bounds, lengths and
 * patterns are refused, `minItems` only as 0 or 1, no recursion, every object closed.
 */
export const ANTHROPIC_OUTPUT: SchemaProfile = {
  name: "Anthropic structured output",
  keywords: new Set([
    "type",
    "title",
    "description",
    "default",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "minItems",
    "enum",
    "const",
    "anyOf",
    "format",
  ]),
  values: {
    format: new Set(["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"]),
    minItems: new Set([0, 1]),
  },
  closedObjects: true,
  references: "inline",
  oneOfAsAnyOf: true,
};

/**
 * `parametersJsonSchema` and `responseJsonSchema` of Gemini.
 * Source: ai.google.dev/api/generate-content, GenerationConfig.responseJsonSchema (also in the types of @google/genai):
 * the list of keywords; nothing beside a `$ref`.
 */
export const GEMINI_JSON_SCHEMA: SchemaProfile = {
  name: "Gemini JSON Schema",
  keywords: new Set([
    "$defs",
    "$ref",
    "$anchor",
    "type",
    "format",
    "title",
    "description",
    "enum",
    "items",
    "prefixItems",
    "minItems",
    "maxItems",
    "minimum",
    "maximum",
    "anyOf",
    "properties",
    "additionalProperties",
    "required",
    "propertyOrdering",
  ]),
  references: "keep",
  oneOfAsAnyOf: true,
  constAsEnum: true,
};

/**
 * Parameters of a tool of Ollama, which reads them into fixed fields and forgets the rest.
 * Source: ollama/ollama, api/types.go, ToolFunctionParameters and ToolProperty.
 */
export const OLLAMA_TOOL: SchemaProfile = {
  name: "Ollama tools",
  keywords: new Set(["type", "items", "description", "enum", "properties", "required", "anyOf"]),
  references: "inline",
  oneOfAsAnyOf: true,
  constAsEnum: true,
};

/**
 * Moonshot's own flavour of JSON Schema (MFJS), for tools and output of Kimi models.
 * Source: github.com/MoonshotAI/walle and vercel/ai packages/moonshotai: an object at the root, no `type` beside `anyOf`,
 * tuples as `prefixItems`; everything else passes.
 */
export const MOONSHOT_MFJS: SchemaProfile = {
  name: "Moonshot MFJS",
  keywords: "all",
  removedKeywords: new Set(["$schema"]),
  typeInAnyOf: true,
  rootObject: true,
};

/**
 * `response_format.json_schema` and strict tools of Cohere.
 * Source: docs.cohere.com, "Structured Outputs", unsupported schema features: no composition, no bounds, no lengths, no
 * anchors and look-around in patterns, four formats.
 */
export const COHERE_STRUCTURED: SchemaProfile = {
  name: "Cohere structured output",
  keywords: new Set([
    "type",
    "title",
    "description",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "enum",
    "const",
    "pattern",
    "format",
  ]),
  values: {
    format: new Set(["date-time", "date", "time", "uuid"]),
    pattern: /^(?!.*(?:\(\?<?[=!]|[\^$]))/s,
  },
  references: "inline",
};
