/** What every server of the chat wire refuses, in OpenAI's words. */
import type { JsonObject, JsonValue } from "../../../json.ts";
import { listOf, numberOf, objectOf, objectsOf, stringOf } from "../json-reading.ts";
import { openAiError } from "./openai-error.ts";

const ROLES = new Set(["system", "developer", "user", "assistant", "tool", "function"]);
const PART_TYPES = new Set(["text", "image_url", "input_audio", "file", "refusal", "thinking", "reasoning"]);
const CALL_ID_LENGTH_MAX = 40;
const TOOL_NAME = /^[a-zA-Z0-9_-]+$/;

/** Throws a Refusal for the first thing that is wrong. */
export function checkChatRequest(body: JsonObject): void {
  if (body.messages === undefined)
    throw openAiError("Missing required parameter: 'messages'.", { param: "messages", code: "missing_required_parameter" });
  const messages = objectsOf(body.messages);
  if (messages.length === 0 || messages.length !== listOf(body.messages).length) {
    throw openAiError(
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      {
        param: "messages",
        code: "empty_array",
      },
    );
  }
  for (const [index, message] of messages.entries()) checkMessage(message, index);
  checkToolTurns(messages);
  checkTools(body);
  checkSettings(body);
}

function checkMessage(message: JsonObject, index: number): void {
  const param = `messages[${index}]`;
  const role = stringOf(message.role);
  if (!ROLES.has(role)) {
    throw openAiError(
      `Invalid value: '${role}'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'.`,
      { param: `${param}.role`, code: "invalid_value" },
    );
  }
  const hasCalls = objectsOf(message.tool_calls).length > 0;
  if ((message.content === undefined || message.content === null) && !(role === "assistant" && (hasCalls || message.refusal))) {
    throw openAiError(`Invalid value for 'content': expected a string, got null.`, { param: `${param}.content` });
  }
  for (const [at, part] of listOf(message.content).entries()) checkPart(part, `${param}.content[${at}]`);
  for (const [at, call] of objectsOf(message.tool_calls).entries()) checkCall(call, `${param}.tool_calls[${at}]`);
}

function checkPart(part: JsonValue, param: string): void {
  const type = stringOf(objectOf(part).type);
  if (PART_TYPES.has(type)) return;
  throw openAiError(
    `Invalid value: '${type}'. Supported values are: 'text', 'image_url', 'input_audio', 'refusal', 'audio', and 'file'.`,
    { param, code: "invalid_value" },
  );
}

function checkCall(call: JsonObject, param: string): void {
  const { name, arguments: json } = objectOf(call.function);
  if (stringOf(call.id).length > CALL_ID_LENGTH_MAX) {
    throw openAiError(
      `Invalid '${param}.id': string too long. Expected a string with maximum length ${CALL_ID_LENGTH_MAX}, but got a string with length ${stringOf(call.id).length} instead.`,
      { param: `${param}.id`, code: "string_above_max_length" },
    );
  }
  if (call.type !== "function" || stringOf(call.id) === "" || stringOf(name) === "") {
    throw openAiError(`Missing required parameter: '${param}.function.name'.`, { param, code: "missing_required_parameter" });
  }
  if (typeof json !== "string") {
    throw openAiError(`Invalid type for '${param}.function.arguments': expected a string, but got an object instead.`, {
      param: `${param}.function.arguments`,
      code: "invalid_type",
    });
  }
}

/** Every call has its result directly after, every result its call directly before. */
function checkToolTurns(messages: readonly JsonObject[]): void {
  let open = new Set<string>();
  let answering = false;
  for (const [index, message] of messages.entries()) {
    if (message.role === "tool") {
      const id = stringOf(message.tool_call_id);
      if (!answering) {
        throw openAiError(
          "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
          {
            param: `messages.[${index}].role`,
          },
        );
      }
      if (!open.delete(id))
        throw openAiError(`Invalid parameter: 'tool_call_id' of '${id}' not found in 'tool_calls' of previous message.`, {
          param: `messages.[${index}].tool_call_id`,
        });
      continue;
    }
    refuseOpenCalls(open, index);
    open = new Set(objectsOf(message.tool_calls).map((call) => stringOf(call.id)));
    answering = open.size > 0;
  }
  refuseOpenCalls(open, messages.length);
}

function refuseOpenCalls(open: ReadonlySet<string>, index: number): void {
  if (open.size === 0) return;
  throw openAiError(
    `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${[...open].join(", ")}`,
    { param: `messages.[${index}].role` },
  );
}

function checkTools(body: JsonObject): void {
  const tools = objectsOf(body.tools);
  if (Array.isArray(body.tools) && tools.length === 0) {
    throw openAiError("Invalid 'tools': empty array. Expected an array with minimum length 1, but got an empty array instead.", {
      param: "tools",
      code: "empty_array",
    });
  }
  if (tools.length === 0 && body.tool_choice !== undefined && body.tool_choice !== null) {
    throw openAiError("Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.", {
      param: "tool_choice",
    });
  }
  for (const [index, tool] of tools.entries()) checkTool(tool, `tools[${index}]`);
  const named = stringOf(objectOf(objectOf(body.tool_choice).function).name);
  if (named !== "" && !tools.some((tool) => objectOf(tool.function).name === named)) {
    throw openAiError(`Tool choice '${named}' not found in 'tools' parameter.`, { param: "tool_choice" });
  }
}

function checkTool(tool: JsonObject, param: string): void {
  const name = stringOf(objectOf(tool.function).name);
  if (tool.type !== "function" || name === "") {
    throw openAiError(`Missing required parameter: '${param}.function'.`, {
      param: `${param}.function`,
      code: "missing_required_parameter",
    });
  }
  if (!TOOL_NAME.test(name) || name.length > 64) {
    throw openAiError(
      `Invalid '${param}.function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
      {
        param: `${param}.function.name`,
        code: "invalid_value",
      },
    );
  }
}

function checkSettings(body: JsonObject): void {
  const temperature = numberOf(body.temperature);
  if (temperature !== undefined && (temperature < 0 || temperature > 2)) {
    throw openAiError(
      `Invalid 'temperature': decimal out of range. Expected a value between 0 and 2, but got ${temperature} instead.`,
      { param: "temperature" },
    );
  }
  if (body.stream_options !== undefined && body.stream_options !== null && body.stream !== true) {
    throw openAiError("The 'stream_options' parameter is only allowed when 'stream' is enabled.", { param: "stream_options" });
  }
  const format = objectOf(body.response_format);
  if (format.type === "json_schema" && format.json_schema !== undefined && stringOf(objectOf(format.json_schema).name) === "") {
    throw openAiError("Missing required parameter: 'response_format.json_schema.name'.", {
      param: "response_format.json_schema.name",
      code: "missing_required_parameter",
    });
  }
}
