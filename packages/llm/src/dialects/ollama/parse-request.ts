/**
 * A client's `POST /api/chat` as a canonical request. What the wire defines and we have no word for goes on as vendor
 * options; so does a setting whose canonical form would not come out as the client wrote it.
 */
import type { ClientRequest, ParsedRequest } from "../../dialect.ts";
import type { JsonObject } from "../../json.ts";
import type { Tool } from "../../tool.ts";
import { optional, otherFields, readArray, readBody, readBoolean, readObject, readString } from "../wire-reader.ts";
import { parseMessages } from "./parse-messages.ts";
import { type ParsedSettings, parseSettings, readOtherFields } from "./parse-settings.ts";
import type { ResolvedQuirks } from "./quirks.ts";
import { OLLAMA, withOllamaData } from "./vendor-data.ts";

const CANONICAL_FIELDS: ReadonlySet<string> = new Set(["model", "messages", "tools", "stream", "format", "think", "options"]);

/** Fields that the wire defines besides. Source: ollama/ollama, api/types.go, ChatRequest. */
const PASSED_ON: ReadonlySet<string> = new Set(["keep_alive", "truncate", "shift", "logprobs", "top_logprobs"]);

export function parseRequest(input: ClientRequest, quirks: ResolvedQuirks): ParsedRequest {
  const body = readBody(input.body);
  const model = readString(body.model, "model");
  const parsed = parseSettings(body, model, quirks);
  const prompt = parseMessages(optional(body.messages, "messages", readArray) ?? []);
  const tools = optional(body.tools, "tools", readArray)?.map((tool, index) => parseTool(tool, `tools[${index}]`, parsed));
  readOtherFields(body, CANONICAL_FIELDS, PASSED_ON, parsed);
  return {
    request: {
      model,
      messages: prompt.messages,
      ...(tools === undefined ? {} : { tools }),
      ...parsed.settings,
      ...(Object.keys(parsed.options).length === 0 ? {} : { vendorOptions: { [OLLAMA]: parsed.options } }),
    },
    stream: optional(body.stream, "stream", readBoolean) ?? true,
    warnings: [...prompt.warnings, ...parsed.warnings],
    client: { model, echo: {} },
  };
}

const TOOL_FIELDS: ReadonlySet<string> = new Set(["type", "function"]);
const FUNCTION_FIELDS: ReadonlySet<string> = new Set(["name", "description", "parameters"]);
/** What a function without parameters takes. */
const NO_PARAMETERS: JsonObject = { type: "object", properties: {} };

function parseTool(value: unknown, path: string, parsed: ParsedSettings): Tool {
  const tool = readObject(value, path);
  const type = optional(tool.type, `${path}.type`, readString) ?? "function";
  if (type !== "function") return { type: "vendor", dialect: OLLAMA, name: type, value: tool };
  const body = readObject(tool.function, `${path}.function`);
  for (const field of Object.keys(otherFields(body, FUNCTION_FIELDS) ?? {})) {
    const detail = "Ollama does not define it; it was left out";
    parsed.warnings.push({ type: "unknown-field", path: `${path}.function.${field}`, detail });
  }
  const description = optional(body.description, `${path}.function.description`, readString);
  const fields = otherFields(tool, TOOL_FIELDS);
  return {
    name: readString(body.name, `${path}.function.name`),
    ...(description === undefined ? {} : { description }),
    inputSchema: optional(body.parameters, `${path}.function.parameters`, readObject) ?? NO_PARAMETERS,
    ...withOllamaData(fields === undefined ? {} : { fields }),
  };
}
