/** A client's tools and the choice among them. */
import type { JsonObject } from "../../json.ts";
import type { CompletionRequest } from "../../request.ts";
import type { Tool } from "../../tool.ts";
import { optional, readArray, readBoolean, readObject, readOneOf, readString } from "../wire-reader.ts";
import { COHERE, otherFieldsData, withVendorData } from "./vendor-data.ts";

const NO_PARAMETERS: JsonObject = { type: "object", properties: {} };
const FUNCTION_FIELDS: ReadonlySet<string> = new Set(["name", "description", "parameters"]);

/** `strict_tools` holds for each tool; without tools it says nothing. */
export function parseTools(body: JsonObject): Partial<CompletionRequest> {
  const strict = optional(body.strict_tools, "strict_tools", readBoolean);
  const tools = optional(body.tools, "tools", readArray);
  if (tools === undefined || tools.length === 0) return {};
  return { tools: tools.map((tool, index) => parseTool(readObject(tool, `tools[${index}]`), `tools[${index}]`, strict)) };
}

/** Any tool that is not a function goes on as it came. */
function parseTool(tool: JsonObject, path: string, strict: boolean | undefined): Tool {
  const type = readString(tool.type ?? "function", `${path}.type`);
  if (type !== "function") return { type: "vendor", dialect: COHERE, name: type, value: tool };
  const target = readObject(tool.function, `${path}.function`);
  const description = optional(target.description, `${path}.function.description`, readString);
  return {
    name: readString(target.name, `${path}.function.name`),
    ...(description === undefined ? {} : { description }),
    inputSchema: optional(target.parameters, `${path}.function.parameters`, readObject) ?? NO_PARAMETERS,
    ...(strict === undefined ? {} : { strict }),
    ...withVendorData(otherFieldsData(target, FUNCTION_FIELDS)),
  };
}

/** The service takes the words in lower case too. */
export function parseToolChoice(body: JsonObject): Partial<CompletionRequest> {
  const choice = optional(body.tool_choice, "tool_choice", (value, field) =>
    readOneOf(readString(value, field).toUpperCase(), ["REQUIRED", "NONE", "AUTO"], field),
  );
  if (choice === undefined) return {};
  return { toolChoice: choice === "REQUIRED" ? "required" : choice === "NONE" ? "none" : "auto" };
}
