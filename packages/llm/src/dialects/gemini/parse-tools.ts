/** A client's `tools` and `toolConfig` -> tools, the choice among them, and what only Gemini reads. */
import type { JsonObject } from "../../json.ts";
import type { Tool, ToolChoice, ToolDefinition, VendorTool } from "../../tool.ts";
import { invalidField, optional, readArray, readObject, readString } from "../wire-reader.ts";
import { camelFields, listField } from "./field-names.ts";
import { inputSchemaOf, takesNothing } from "./render-tools.ts";
import { withGeminiData } from "./vendor-data.ts";

/** Each entry holds function declarations and tools of Google's, in any mixture. */
export function parseTools(value: unknown, path: string): Tool[] {
  return listField(value).flatMap((entry, index) => parseEntry(entry, `${path}[${index}]`));
}

function parseEntry(entry: unknown, path: string): Tool[] {
  const fields = camelFields(readObject(entry, path));
  return Object.entries(fields).flatMap(([name, value]): Tool[] => {
    const at = `${path}.${name}`;
    if (name !== "functionDeclarations") return [vendorTool(name, value, at)];
    return readArray(value, at).map((declaration, index) => parseDeclaration(declaration, `${at}[${index}]`));
  });
}

function vendorTool(name: string, value: unknown, path: string): VendorTool {
  // `mcpServers` is a list: it stands under its own name, as in the entry that it came from.
  const list = Array.isArray(value) ? { [name]: readArray(value, path) } : undefined;
  return { type: "vendor", dialect: "gemini", name, value: list ?? readObject(value, path) };
}

const DECLARATION_FIELDS: ReadonlySet<string> = new Set(["name", "description", "parameters", "parametersJsonSchema"]);

function parseDeclaration(value: unknown, path: string): ToolDefinition {
  const declaration = camelFields(readObject(value, path));
  const name = readString(declaration.name, `${path}.name`);
  const description = optional(declaration.description, `${path}.description`, readString);
  optional(declaration.parameters, `${path}.parameters`, readObject);
  const schema = optional(declaration.parametersJsonSchema, `${path}.parametersJsonSchema`, readObject);
  return {
    name,
    ...(description === undefined ? {} : { description }),
    inputSchema: inputSchemaOf(declaration),
    ...withGeminiData(keptDeclaration(declaration, schema)),
  };
}

/** Fields that our own rendering would not write again as they came. */
function keptDeclaration(declaration: JsonObject, schema: JsonObject | undefined): { declaration?: JsonObject } {
  const kept = Object.entries(declaration).filter(([key]) => {
    if (key === "parameters") return true;
    return key === "parametersJsonSchema" ? schema !== undefined && takesNothing(schema) : !DECLARATION_FIELDS.has(key);
  });
  return kept.length === 0 ? {} : { declaration: Object.fromEntries(kept) };
}

export interface ParsedToolConfig {
  readonly toolChoice: ToolChoice | undefined;
  /** The client asked that calls keep to their schemas (`VALIDATED`). */
  readonly strict: boolean;
  /** What has no canonical form, for the vendor options. */
  readonly rest: JsonObject | undefined;
}

const MODES: readonly string[] = ["MODE_UNSPECIFIED", "AUTO", "ANY", "NONE"];

export function parseToolConfig(value: unknown, path: string): ParsedToolConfig {
  const config = optional(value, path, readObject);
  if (config === undefined) return { toolChoice: undefined, strict: false, rest: undefined };
  const { functionCallingConfig, ...others } = camelFields(config);
  const at = `${path}.functionCallingConfig`;
  const calling = camelFields(optional(functionCallingConfig, at, readObject) ?? {});
  const { mode, allowedFunctionNames, ...callingOthers } = calling;
  const names = (optional(allowedFunctionNames, `${at}.allowedFunctionNames`, readArray) ?? []).map((name, index) =>
    readString(name, `${at}.allowedFunctionNames[${index}]`),
  );
  const { toolChoice, strict } = choiceOf(readMode(mode, `${at}.mode`), names, `${at}.mode`);
  const restNames = names.length > 0 && typeof toolChoice !== "object" ? { allowedFunctionNames: names } : {};
  const restCalling = { ...callingOthers, ...restNames };
  const rest = { ...others, ...(Object.keys(restCalling).length === 0 ? {} : { functionCallingConfig: restCalling }) };
  return { toolChoice, strict, rest: Object.keys(rest).length === 0 ? undefined : rest };
}

function readMode(value: unknown, path: string): string | undefined {
  if (typeof value === "number" && MODES[value] !== undefined) return MODES[value];
  return optional(value, path, readString)?.toUpperCase();
}

function choiceOf(
  mode: string | undefined,
  names: readonly string[],
  path: string,
): Pick<ParsedToolConfig, "toolChoice" | "strict"> {
  const [only, second] = names;
  switch (mode) {
    case undefined:
    case "MODE_UNSPECIFIED":
      return { toolChoice: undefined, strict: false };
    case "AUTO":
      return { toolChoice: "auto", strict: false };
    case "VALIDATED":
      return { toolChoice: "auto", strict: true };
    case "NONE":
      return { toolChoice: "none", strict: false };
    case "ANY":
      return { toolChoice: only !== undefined && second === undefined ? { tool: only } : "required", strict: false };
    default:
      throw invalidField(path, `${path} must be one of AUTO, ANY, NONE, VALIDATED, not ${JSON.stringify(mode)}`);
  }
}
