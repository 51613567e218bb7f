/**
 * What Cohere refuses, in its words where its documentation lists them: the order and content of turns, tools and their
 * results, ranges of settings, schemas, thinking. Where only the rule is documented the words are ours.
 */
import type { JsonObject } from "../../../json.ts";
import type { FakeModel } from "../fake-model.ts";
import { listOf, numberOf, objectOf, objectsOf, stringOf } from "../json-reading.ts";
import { cohereError } from "./cohere-error.ts";

const ROLES = new Set(["user", "assistant", "system", "tool"]);
const TOOL_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const STOP_SEQUENCES_MAX = 5;

/** Throws a Refusal for the first thing that is wrong. */
export function checkCohereRequest(body: JsonObject, model: FakeModel): void {
  const messages = objectsOf(body.messages);
  if (messages.length === 0) throw cohereError("invalid request: messages must not be empty.");
  for (const [index, message] of messages.entries()) checkMessage(message, index, model);
  checkSystem(messages);
  checkToolResults(messages);
  checkTools(body, model);
  checkRanges(body);
  checkThinking(objectOf(body.thinking), model);
  checkFormat(body);
}

export function cohereBlocks(message: JsonObject | undefined): readonly JsonObject[] {
  const { content } = message ?? {};
  return typeof content === "string" ? [{ type: "text", text: content }] : objectsOf(content);
}

function checkMessage(message: JsonObject, index: number, model: FakeModel): void {
  const role = stringOf(message.role);
  if (!ROLES.has(role)) throw cohereError(`invalid request: invalid role in messages at index ${index}: '${role}'.`);
  const blocks = cohereBlocks(message);
  const saysSomething = blocks.some((block) => block.type !== "text" || stringOf(block.text) !== "");
  const calls = objectsOf(message.tool_calls);
  if (!saysSomething && calls.length === 0) throw cohereError("invalid request: all elements in history must have a message.");
  for (const block of blocks) checkBlock(role, block, model);
  for (const call of calls) {
    if (call.type !== "function") throw cohereError("tool call must be of type function");
    if (stringOf(call.id) === "") throw cohereError("invalid request: tool call id must not be empty.");
    if (typeof objectOf(call.function).arguments !== "string") throw cohereError("invalid request: arguments must be a string.");
  }
}

/** The blocks that each role may hold. */
const BLOCKS: Readonly<Record<string, readonly string[]>> = {
  user: ["text", "image_url"],
  assistant: ["text", "thinking"],
  system: ["text"],
  tool: ["text", "document"],
};

function checkBlock(role: string, block: JsonObject, model: FakeModel): void {
  const type = stringOf(block.type);
  if (BLOCKS[role]?.includes(type) !== true)
    throw cohereError(`invalid request: ${type} content is not supported in ${role} messages`);
  if (type === "image_url" && !seesImages(model)) {
    throw cohereError("invalid request: image content is not supported for this model");
  }
  if (type === "image_url" && stringOf(objectOf(block.image_url).url) === "") {
    throw cohereError("invalid request: image url must not be empty.");
  }
  if (type === "document" && Object.keys(objectOf(objectOf(block.document).data)).length === 0) {
    throw cohereError("invalid request: document at index 0 cannot be empty");
  }
}

/** The fake's own list says it by name; a model that only its name describes sees. */
export function seesImages({ id }: FakeModel): boolean {
  return !["command-a-03-2025", "command-a-reasoning-08-2025", "command-r7b-12-2024"].includes(id);
}

function checkSystem(messages: readonly JsonObject[]): void {
  if (messages.findLastIndex((message) => message.role === "system") > 0) {
    throw cohereError("system turn must be the first in the list");
  }
}

function checkToolResults(messages: readonly JsonObject[]): void {
  const called = new Set<string>();
  for (const message of messages) {
    const ids = objectsOf(message.tool_calls).map((call) => stringOf(call.id));
    for (const id of ids) {
      if (called.has(id)) throw cohereError("cannot have duplicate tool ids");
      called.add(id);
    }
    if (message.role !== "tool") continue;
    const id = stringOf(message.tool_call_id);
    if (id === "") throw cohereError("tool call id must be provided with tool message");
    if (!called.has(id)) throw cohereError("tool call id not found in previous tool calls");
  }
}

function checkTools(body: JsonObject, model: FakeModel): void {
  const tools = objectsOf(body.tools);
  if (tools.length > 0 && !model.tools) throw cohereError("invalid request: tools are not supported by the provided model.");
  for (const tool of tools) {
    const { name, parameters } = objectOf(tool.function);
    if (tool.type !== "function") throw cohereError("invalid request: tools must be of type function.");
    if (!TOOL_NAME.test(stringOf(name))) {
      throw cohereError(
        `invalid request: tool names can only contain certain characters (A-Za-z0-9_) and can't begin with a digit (provided name: '${stringOf(name)}').`,
      );
    }
    if (objectOf(parameters).type !== "object") throw cohereError("schema must be an object");
    if (body.strict_tools === true) checkSchema(objectOf(parameters));
  }
  const { tool_choice: choice } = body;
  if (choice === undefined) return;
  if (!["REQUIRED", "NONE"].includes(stringOf(choice).toUpperCase())) {
    throw cohereError("invalid request: tool_choice must be one of 'REQUIRED' or 'NONE'.");
  }
  if (tools.length === 0) throw cohereError("invalid request: tool_choice requires tools.");
}

const RANGES: readonly (readonly [field: string, min: number, max: number])[] = [
  ["temperature", 0, 1],
  ["presence_penalty", 0, 1],
  ["frequency_penalty", 0, 1],
  ["p", 0.01, 0.99],
  ["k", 0, 500],
];

function checkRanges(body: JsonObject): void {
  for (const [field, min, max] of RANGES) {
    const value = numberOf(body[field]);
    if (value === undefined ? body[field] !== undefined : value < min || value > max) {
      throw cohereError(`invalid request: ${field} must be between ${min} and ${max} inclusive.`);
    }
  }
  const most = numberOf(body.max_tokens);
  if (body.max_tokens !== undefined && (most === undefined || !Number.isInteger(most) || most < 1)) {
    throw cohereError("invalid request: max_tokens must be a positive integer.");
  }
  if (listOf(body.stop_sequences).length > STOP_SEQUENCES_MAX) {
    throw cohereError(`invalid request: at most ${STOP_SEQUENCES_MAX} stop sequences can be specified.`);
  }
}

function checkThinking(thinking: JsonObject, model: FakeModel): void {
  const { type, token_budget: budget } = thinking;
  if (type === undefined) return;
  if (type !== "enabled" && type !== "disabled") {
    throw cohereError("invalid request: thinking type must be 'enabled' or 'disabled'.");
  }
  if (type === "enabled" && model.reasoning === "no") {
    throw cohereError("invalid request: thinking is not supported for this model.");
  }
  if (budget !== undefined && !(Number.isInteger(budget) && Number(budget) > 0)) {
    throw cohereError("invalid request: token_budget must be a positive integer.");
  }
}

function checkFormat(body: JsonObject): void {
  const format = objectOf(body.response_format);
  if (format.type === undefined || format.type === "text") return;
  if (format.type !== "json_object" && format.type !== "json_schema") {
    throw cohereError("invalid request: response_format type must be 'text' or 'json_object'.");
  }
  if (listOf(body.documents).length > 0) throw cohereError("invalid request: response_format is not supported with RAG.");
  if (listOf(body.tools).length > 0) throw cohereError("invalid request: response_format is not supported with tools.");
  if (format.json_schema !== undefined) checkSchema(objectOf(format.json_schema));
}

const KEYWORDS = new Set(
  "type title description properties required additionalProperties items enum const pattern format $schema".split(" "),
);

function checkSchema(schema: JsonObject): void {
  if (schema.type !== "object") throw cohereError("schema must be an object");
  checkSchemaNode(schema);
}

function checkSchemaNode(schema: JsonObject): void {
  const foreign = Object.keys(schema).find((keyword) => !KEYWORDS.has(keyword));
  if (foreign !== undefined) throw cohereError(`invalid json schema: ${foreign} is not supported`);
  const properties = objectOf(schema.properties);
  for (const name of listOf(schema.required)) {
    if (!Object.hasOwn(properties, stringOf(name))) throw cohereError(`required field ${stringOf(name)} not found in properties`);
  }
  for (const [name, property] of Object.entries(properties)) {
    const inner = objectOf(property);
    if (inner.type === undefined && inner.enum === undefined && inner.const === undefined) {
      throw cohereError(`property ${name} must have a type`);
    }
    checkSchemaNode(inner);
  }
  if (schema.items !== undefined) checkSchemaNode(objectOf(schema.items));
}
