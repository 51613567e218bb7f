/** What Bedrock refuses, in its words: the order of turns, blank text, tools and their results, documents, cache points. */
import type { JsonObject, JsonValue } from "../../../json.ts";
import type { FakeModel } from "../fake-model.ts";
import { listOf, numberOf, objectOf, objectsOf, stringOf } from "../json-reading.ts";
import type { FakeWorld } from "../world.ts";
import { bedrockError } from "./bedrock-error.ts";

const FIELDS = new Set(
  (
    "messages system inferenceConfig toolConfig guardrailConfig additionalModelRequestFields promptVariables " +
    "additionalModelResponseFieldPaths requestMetadata performanceConfig serviceTier outputConfig"
  ).split(" "),
);
const NAME = /^[a-zA-Z0-9_-]{1,64}$/;
const DOCUMENT_NAME = /^(?!.*\s\s)[\p{L}\p{N}\s()[\]-]{1,200}$/u;
const FORMATS: Readonly<Record<string, RegExp>> = {
  image: /^(?:png|jpeg|gif|webp)$/,
  document: /^(?:pdf|csv|doc|docx|xls|xlsx|html|txt|md)$/,
  video: /^(?:mkv|mov|mp4|webm|flv|mpeg|mpg|wmv|three_gp)$/,
};
const CACHE_POINTS_MAX = 4;
const BUDGET_MIN = 1024;

/** Throws a Refusal for the first thing that is wrong. */
export function checkBedrockRequest(body: JsonObject, model: FakeModel, world: FakeWorld): void {
  const unknown = Object.keys(body).find((field) => !FIELDS.has(field));
  if (unknown !== undefined) throw bedrockError(`The request contains the unknown field ${unknown}.`);
  const messages = objectsOf(body.messages);
  if (messages.length === 0)
    throw bedrockError(
      "A conversation must have at least one message. Try again with a conversation that has at least one message.",
    );
  for (const [index, message] of messages.entries()) checkMessage(message, index, world);
  checkOrder(messages, model);
  for (const index of messages.keys()) checkToolTurn(messages, index);
  for (const [index, block] of objectsOf(body.system).entries()) checkText(block, `system.${index}`);
  checkDocuments(messages);
  checkToolConfig(body, messages);
  checkThinking(body, model, messages);
  checkCachePoints(body, messages, model);
  checkOutput(objectOf(objectOf(body.outputConfig).textFormat));
}

export function contentOf(message: JsonObject | undefined): readonly JsonObject[] {
  return objectsOf(message?.content);
}

function checkMessage(message: JsonObject, index: number, world: FakeWorld): void {
  if (message.role !== "user" && message.role !== "assistant") {
    throw bedrockError(
      `1 validation error detected: Value '${stringOf(message.role)}' at 'messages.${index + 1}.member.role' failed to satisfy constraint: Member must satisfy enum value set: [user, assistant]`,
    );
  }
  const blocks = contentOf(message);
  if (blocks.length === 0) {
    throw bedrockError(
      `The content field in the Message object at messages.${index} is empty. Add a ContentBlock object to the content field and try again.`,
    );
  }
  for (const [at, block] of blocks.entries()) checkBlock(block, `messages.${index}.content.${at}`, world);
}

function checkBlock(block: JsonObject, path: string, world: FakeWorld): void {
  if (Object.keys(block).length !== 1) throw bedrockError(`The ContentBlock object at ${path} must set one of its members.`);
  checkText(block, path);
  for (const [kind, formats] of Object.entries(FORMATS)) {
    if (block[kind] !== undefined) checkMedia(objectOf(block[kind]), kind, formats, path);
  }
  if (block.toolUse !== undefined) checkToolUse(objectOf(block.toolUse), path);
  if (block.toolResult !== undefined) checkToolResult(objectOf(block.toolResult), path, world);
  if (block.reasoningContent !== undefined) checkReasoning(objectOf(block.reasoningContent), path, world);
}

function checkText(block: JsonObject, path: string): void {
  if (typeof block.text === "string" && block.text.trim() === "") {
    throw bedrockError(
      `The text field in the ContentBlock object at ${path} is blank. Add text to the text field, and try again.`,
    );
  }
}

function checkMedia({ format, source }: JsonObject, kind: string, formats: RegExp, path: string): void {
  if (!formats.test(stringOf(format))) {
    throw bedrockError(
      `The format field at ${path}.${kind} is not one of the formats that the model takes: ${stringOf(format)}.`,
    );
  }
  const place = objectOf(source);
  if (typeof place.bytes === "string" || (kind === "document" && (place.text !== undefined || place.content !== undefined)))
    return;
  const uri = objectOf(place.s3Location).uri;
  if (typeof uri !== "string" || !uri.startsWith("s3://")) throw bedrockError(`The source field at ${path}.${kind} is empty.`);
}

function checkToolUse({ toolUseId, name, input }: JsonObject, path: string): void {
  if (!NAME.test(stringOf(toolUseId)) || !NAME.test(stringOf(name))) {
    throw bedrockError(
      `2 validation errors detected: Value at '${path}.member.toolUse' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+`,
    );
  }
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw bedrockError(
      `The format of the value at ${path}.toolUse.input is invalid. Provide a json object for the field and try again.`,
    );
  }
}

function checkToolResult({ content }: JsonObject, path: string, world: FakeWorld): void {
  const items = objectsOf(content);
  if (items.length === 0) throw bedrockError(`The content field at ${path}.toolResult is empty.`);
  for (const [index, item] of items.entries()) {
    checkBlock(item, `${path}.toolResult.content.${index}`, world);
    if (item.json !== undefined && (typeof item.json !== "object" || item.json === null || Array.isArray(item.json))) {
      throw bedrockError(
        `The format of the value at ${path}.toolResult.content.${index}.json is invalid. Provide a json object for the field and try again.`,
      );
    }
  }
}

function checkReasoning({ reasoningText, redactedContent }: JsonObject, path: string, world: FakeWorld): void {
  if (typeof redactedContent === "string") {
    if (world.unseal(redactedContent) === undefined) {
      throw bedrockError(`The model returned the following errors: ${path}: Invalid \`data\` in \`redacted_thinking\` block`);
    }
    return;
  }
  const { text, signature } = objectOf(reasoningText);
  if (typeof signature !== "string") {
    throw bedrockError(`The model returned the following errors: ${path}.thinking.signature: Field required`);
  }
  if (!world.isSignature(signature, stringOf(text))) {
    throw bedrockError(`The model returned the following errors: ${path}: Invalid \`signature\` in \`thinking\` block`);
  }
}

function checkOrder(messages: readonly JsonObject[], model: FakeModel): void {
  if (messages[0]?.role !== "user") {
    throw bedrockError(
      "A conversation must start with a user message. Try again with a conversation that starts with a user message.",
    );
  }
  for (const [index, message] of messages.entries()) {
    if (message.role !== messages[index - 1]?.role) continue;
    throw bedrockError(
      "A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and assistant roles and try again.",
    );
  }
  const last = contentOf(messages.at(-1)).at(-1);
  if (messages.at(-1)?.role !== "assistant") return;
  if (!model.id.includes("anthropic.")) {
    throw bedrockError(
      "A conversation must end with a user message. Try again with a conversation that ends with a user message.",
    );
  }
  if (/\s$/.test(stringOf(last?.text))) {
    throw bedrockError(
      "The model returned the following errors: messages: final assistant content cannot end with trailing whitespace",
    );
  }
}

/** Results stand in the message after their calls, all of them, and nowhere else. */
function checkToolTurn(messages: readonly JsonObject[], index: number): void {
  const calls = idsOf(messages[index], "toolUse");
  const answered = new Set(idsOf(messages[index + 1], "toolResult"));
  const open = calls.filter((id) => !answered.has(id));
  if (open.length > 0) {
    throw bedrockError(`Expected toolResult blocks at messages.${index + 1}.content for the following Ids: ${open.join(", ")}`);
  }
  const before = new Set(idsOf(messages[index - 1], "toolUse"));
  if (idsOf(messages[index], "toolResult").some((id) => !before.has(id))) {
    throw bedrockError(
      `The number of toolResult blocks at messages.${index}.content exceeds the number of toolUse blocks of previous turn.`,
    );
  }
}

function idsOf(message: JsonObject | undefined, kind: "toolUse" | "toolResult"): readonly string[] {
  return contentOf(message)
    .filter((block) => block[kind] !== undefined)
    .map((block) => stringOf(objectOf(block[kind]).toolUseId));
}

function checkDocuments(messages: readonly JsonObject[]): void {
  const names = new Set<string>();
  for (const [index, message] of messages.entries()) {
    const documents = contentOf(message).filter((block) => block.document !== undefined);
    if (documents.length > 0 && !contentOf(message).some((block) => block.text !== undefined)) {
      throw bedrockError(`A text block is required beside the documents at messages.${index}.content.`);
    }
    for (const block of documents) {
      const name = stringOf(objectOf(block.document).name);
      if (!DOCUMENT_NAME.test(name)) {
        throw bedrockError(
          "The document file name can only contain alphanumeric characters, whitespace characters, hyphens, parentheses, and square brackets. The name can't contain more than one consecutive whitespace character.",
        );
      }
      if (names.has(name)) throw bedrockError("Messages contain duplicate document names. Use a unique name for each document.");
      names.add(name);
    }
  }
}

function checkToolConfig(body: JsonObject, messages: readonly JsonObject[]): void {
  const hasTools = messages.some((message) =>
    contentOf(message).some((block) => block.toolUse !== undefined || block.toolResult !== undefined),
  );
  if (body.toolConfig === undefined) {
    if (hasTools) throw bedrockError("The toolConfig field must be defined when using toolUse and toolResult content blocks.");
    return;
  }
  const { tools, toolChoice } = objectOf(body.toolConfig);
  const specs = objectsOf(tools)
    .filter((tool) => tool.toolSpec !== undefined)
    .map((tool) => objectOf(tool.toolSpec));
  if (specs.length === 0) throw bedrockError("The provided tools list is empty.");
  for (const [index, spec] of specs.entries()) checkToolSpec(spec, `toolConfig.tools.${index + 1}.member.toolSpec`);
  const names = specs.map((spec) => stringOf(spec.name));
  if (new Set(names).size < names.length) throw bedrockError("The toolConfig contains duplicate tool names.");
  const chosen = objectOf(objectOf(toolChoice).tool).name;
  if (chosen !== undefined && !names.includes(stringOf(chosen))) {
    throw bedrockError(`The tool ${stringOf(chosen)} in toolChoice is not defined in toolConfig.tools.`);
  }
}

function checkToolSpec({ name, description, inputSchema }: JsonObject, path: string): void {
  if (!NAME.test(stringOf(name))) {
    throw bedrockError(
      `1 validation error detected: Value '${stringOf(name)}' at '${path}.name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+`,
    );
  }
  if (description === "") {
    throw bedrockError(
      `1 validation error detected: Value at '${path}.description' failed to satisfy constraint: Member must have length greater than or equal to 1`,
    );
  }
  if (objectOf(objectOf(inputSchema).json).type !== "object") {
    throw bedrockError(`The value at ${path}.inputSchema.json.type must be one of the following: object.`);
  }
}

/** Claude's fields stand flat beside those of Converse, and are checked by the model itself. */
function checkThinking(body: JsonObject, model: FakeModel, messages: readonly JsonObject[]): void {
  const { thinking } = objectOf(body.additionalModelRequestFields);
  if (thinking === undefined) return;
  if (!model.id.includes("anthropic.")) throw malformed("extraneous key [thinking] is not permitted");
  const { type, budget_tokens: budget } = objectOf(thinking);
  if (type !== "enabled") return;
  const { maxTokens, temperature } = objectOf(body.inferenceConfig);
  if (typeof budget !== "number" || budget < BUDGET_MIN) {
    throw bedrockError(
      "The model returned the following errors: thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
    );
  }
  if (budget >= (numberOf(maxTokens) ?? 4096)) {
    throw bedrockError("The model returned the following errors: `max_tokens` must be greater than `thinking.budget_tokens`.");
  }
  if (temperature !== undefined && temperature !== 1) {
    throw bedrockError("The model returned the following errors: `temperature` may only be set to 1 when thinking is enabled.");
  }
  const choice = objectOf(objectOf(body.toolConfig).toolChoice);
  if (choice.any !== undefined || choice.tool !== undefined) {
    throw bedrockError("The model returned the following errors: Thinking may not be enabled when tool_choice forces tool use.");
  }
  checkThoughtsFirst(messages);
}

/** As on Anthropic's own wire: the turn whose results are being given must begin with thoughts. */
function checkThoughtsFirst(messages: readonly JsonObject[]): void {
  const isOfResults = (message: JsonObject): boolean => contentOf(message).some((block) => block.toolResult !== undefined);
  if (!messages.slice(-1).some(isOfResults)) return;
  const begins = messages.findLastIndex((message) => message.role === "user" && !isOfResults(message)) + 1;
  const index = messages.findIndex((message, at) => at >= begins && message.role === "assistant");
  if (index < 0 || contentOf(messages[index])[0]?.reasoningContent !== undefined) return;
  throw bedrockError(
    `The model returned the following errors: messages.${index}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`tool_use\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block.`,
  );
}

function malformed(detail: string) {
  return bedrockError(
    `The model returned the following errors: Malformed input request: ${detail}, please reformat your input and try again.`,
  );
}

function checkCachePoints(body: JsonObject, messages: readonly JsonObject[], model: FakeModel): void {
  const tools = pointsIn(objectOf(body.toolConfig).tools);
  const points = tools + pointsIn(body.system) + messages.reduce((sum, message) => sum + pointsIn(message.content), 0);
  if (points === 0) return;
  const takes = /anthropic\.|amazon\.nova/.test(model.id);
  if (!takes || (tools > 0 && !model.id.includes("anthropic."))) {
    throw bedrockError(
      "You invoked an unsupported model or your request did not allow prompt caching. See the documentation for more information.",
    );
  }
  if (points > CACHE_POINTS_MAX) {
    throw bedrockError(`A maximum of ${CACHE_POINTS_MAX} blocks with cache_control may be provided. Found ${points}.`);
  }
}

function pointsIn(blocks: JsonValue | undefined): number {
  return objectsOf(blocks).filter((block) => block.cachePoint !== undefined).length;
}

function checkOutput(format: JsonObject): void {
  if (format.type === undefined) return;
  const { schema } = objectOf(objectOf(format.structure).jsonSchema);
  if (format.type !== "json_schema" || typeof schema !== "string") {
    throw bedrockError("outputConfig.textFormat.structure.jsonSchema.schema must be a JSON Schema as text.");
  }
  checkClosed(objectOf(JSON.parse(schema)));
}

function checkClosed(schema: JsonObject): void {
  if (schema.type === "object" && schema.additionalProperties !== false) {
    throw bedrockError("output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false");
  }
  const inner = [...Object.values(objectOf(schema.properties)), schema.items, ...listOf(schema.anyOf)];
  for (const nested of inner) if (nested !== undefined) checkClosed(objectOf(nested));
}
