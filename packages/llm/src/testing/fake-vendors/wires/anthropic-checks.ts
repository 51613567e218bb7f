/** What Anthropic refuses, in its words: the shape of turns, tools and their results, thinking, cache marks. */
import type { JsonObject, JsonValue } from "../../../json.ts";
import type { FakeModel } from "../fake-model.ts";
import { listOf, numberOf, objectOf, objectsOf, stringOf } from "../json-reading.ts";
import type { FakeWorld } from "../world.ts";
import { anthropicError } from "./anthropic-error.ts";

const FIELDS = new Set(
  (
    "max_tokens messages model cache_control container context_management diagnostics inference_geo mcp_servers metadata output_config " +
    "service_tier speed stop_sequences stream system temperature thinking tool_choice tools top_k top_p user_profile_id workspace_id"
  ).split(" "),
);
const TOOL_ID = /^[a-zA-Z0-9_-]+$/;
const TOOL_NAME = /^[a-zA-Z0-9_-]{1,128}$/;
const BREAKPOINTS_MAX = 4;
const BUDGET_MIN = 1024;

/** Throws a Refusal for the first thing that is wrong. `counting` needs no `max_tokens`. */
export function checkAnthropicRequest(body: JsonObject, model: FakeModel, world: FakeWorld, counting: boolean): void {
  const unknown = Object.keys(body).find((field) => !FIELDS.has(field));
  if (unknown !== undefined) throw anthropicError(`${unknown}: Extra inputs are not permitted`);
  if (body.max_tokens === undefined && !counting) throw anthropicError("max_tokens: Field required");
  if (body.max_tokens !== undefined && !(Number.isInteger(body.max_tokens) && Number(body.max_tokens) > 0)) {
    throw anthropicError("max_tokens: Input should be greater than or equal to 1");
  }
  if (body.messages === undefined) throw anthropicError("messages: Field required");
  const messages = objectsOf(body.messages);
  if (messages.length === 0) throw anthropicError("messages: at least one message is required");
  for (const [index, message] of messages.entries()) checkMessage(message, index, messages.length, world);
  if (messages[0]?.role !== "user") throw anthropicError('messages: first message must use the "user" role');
  for (const index of messages.keys()) checkToolTurn(messages, index);
  checkPrefill(messages, model);
  checkTools(body);
  checkThinking(body, messages, model);
  checkCacheMarks(body, messages);
  checkOutputFormat(objectOf(objectOf(body.output_config).format));
}

export function blocksOf(message: JsonObject | undefined): readonly JsonObject[] {
  const { content } = message ?? {};
  return typeof content === "string" ? [{ type: "text", text: content }] : objectsOf(content);
}

function checkMessage(message: JsonObject, index: number, count: number, world: FakeWorld): void {
  if (message.role !== "user" && message.role !== "assistant") {
    throw anthropicError(`messages.${index}.role: Input should be 'user' or 'assistant'`);
  }
  if (typeof message.content !== "string" && !Array.isArray(message.content))
    throw anthropicError(`messages.${index}.content: Field required`);
  const blocks = blocksOf(message);
  const optional = index === count - 1 && message.role === "assistant";
  if ((blocks.length === 0 || message.content === "") && !optional) {
    throw anthropicError(
      `messages.${index}: all messages must have non-empty content except for the optional final assistant message`,
    );
  }
  for (const [at, block] of blocks.entries())
    BLOCK_CHECKS[stringOf(block.type)]?.(block, `messages.${index}.content.${at}`, world);
  const foreign = blocks.findIndex((block) => !allowedIn(message.role, stringOf(block.type)));
  if (foreign >= 0) {
    throw anthropicError(
      `messages.${index}.content.${foreign}.type: Input tag '${stringOf(blocks[foreign]?.type)}' found using 'type' does not match any of the expected tags`,
    );
  }
}

const USER_BLOCKS = new Set(["text", "image", "document", "tool_result", "search_result"]);
const ASSISTANT_BLOCKS = new Set([
  "text",
  "thinking",
  "redacted_thinking",
  "tool_use",
  "server_tool_use",
  "web_search_tool_result",
]);

function allowedIn(role: JsonValue | undefined, type: string): boolean {
  return (role === "user" ? USER_BLOCKS : ASSISTANT_BLOCKS).has(type);
}

const BLOCK_CHECKS: Readonly<Record<string, (block: JsonObject, path: string, world: FakeWorld) => void>> = {
  text(block, _path) {
    if (stringOf(block.text).trim() === "")
      throw anthropicError("messages: text content blocks must contain non-whitespace text");
  },
  tool_use(block, path) {
    if (!TOOL_ID.test(stringOf(block.id)))
      throw anthropicError(`${path}.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'`);
    if (typeof block.input !== "object" || block.input === null || Array.isArray(block.input)) {
      throw anthropicError(`${path}.tool_use.input: Input should be a valid dictionary`);
    }
  },
  thinking(block, path, world) {
    if (typeof block.signature !== "string") throw anthropicError(`${path}.thinking.signature: Field required`);
    if (!world.isSignature(block.signature, stringOf(block.thinking)))
      throw anthropicError(`${path}: Invalid \`signature\` in \`thinking\` block`);
  },
  redacted_thinking(block, path, world) {
    if (world.unseal(stringOf(block.data)) === undefined)
      throw anthropicError(`${path}: Invalid \`data\` in \`redacted_thinking\` block`);
  },
  image(block, path) {
    const source = objectOf(block.source);
    if (source.type === "base64" && !/^image\/(jpeg|png|gif|webp)$/.test(stringOf(source.media_type))) {
      throw anthropicError(
        `${path}.image.source.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'`,
      );
    }
  },
};

/** Results stand first in the message after their calls, all of them, and nowhere else. */
function checkToolTurn(messages: readonly JsonObject[], index: number): void {
  const calls = blocksOf(messages[index])
    .filter((block) => block.type === "tool_use")
    .map((block) => stringOf(block.id));
  const next = blocksOf(messages[index + 1]);
  const leading = next.slice(0, next.findIndex((block) => block.type !== "tool_result") >>> 0);
  const answered = new Set(leading.map((block) => stringOf(block.tool_use_id)));
  const open = calls.filter((id) => !answered.has(id));
  if (open.length > 0) {
    throw anthropicError(
      `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${open.join(", ")}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
    );
  }
  const before = new Set(
    blocksOf(messages[index - 1])
      .filter((block) => block.type === "tool_use")
      .map((block) => stringOf(block.id)),
  );
  for (const [at, block] of blocksOf(messages[index]).entries()) {
    if (block.type !== "tool_result" || before.has(stringOf(block.tool_use_id))) continue;
    throw anthropicError(
      `messages.${index}.content.${at}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${stringOf(block.tool_use_id)}. Each \`tool_result\` block must have a corresponding \`tool_use\` block in the previous message.`,
    );
  }
}

function checkPrefill(messages: readonly JsonObject[], model: FakeModel): void {
  const last = messages.at(-1);
  if (last?.role !== "assistant") return;
  if (isAdaptive(model)) {
    throw anthropicError("This model does not support assistant message prefill. The conversation must end with a user message.");
  }
  if (/\s$/.test(stringOf(blocksOf(last).at(-1)?.text))) {
    throw anthropicError("messages: final assistant content cannot end with trailing whitespace");
  }
}

function checkTools(body: JsonObject): void {
  const tools = objectsOf(body.tools);
  for (const [index, tool] of tools.entries()) {
    if (tool.type !== undefined && tool.type !== "custom") continue;
    if (!TOOL_NAME.test(stringOf(tool.name)))
      throw anthropicError(`tools.${index}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`);
    if (tool.input_schema === undefined) throw anthropicError(`tools.${index}.custom.input_schema: Field required`);
    if (objectOf(tool.input_schema).type !== "object")
      throw anthropicError(`tools.${index}.custom.input_schema.type: Input should be 'object'`);
  }
  const names = tools.map((tool) => tool.name);
  if (new Set(names).size < names.length) throw anthropicError("tools: Tool names must be unique.");
  const choice = objectOf(body.tool_choice);
  if (choice.type === "tool" && !names.includes(choice.name))
    throw anthropicError(`tool_choice: Tool '${stringOf(choice.name)}' not found in provided tools`);
  if ((choice.type === "any" || choice.type === "auto") && tools.length === 0) {
    throw anthropicError("tool_choice: tool_choice may only be specified while providing tools");
  }
}

/** Newer models take no budget: they think as far as the effort says. */
export function isAdaptive(model: FakeModel): boolean {
  return /claude-(opus|sonnet|fable)-5|claude-opus-4-[7-9]/.test(model.id);
}

function checkThinking(body: JsonObject, messages: readonly JsonObject[], model: FakeModel): void {
  const thinking = objectOf(body.thinking);
  const temperature = numberOf(body.temperature);
  if (temperature !== undefined && (temperature < 0 || temperature > 1)) throw anthropicError("temperature: range: 0..1");
  if (isAdaptive(model)) {
    if (temperature !== undefined && temperature !== 1) throw anthropicError("`temperature` is deprecated for this model.");
    if (thinking.type === "enabled") {
      throw anthropicError(
        '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.',
      );
    }
  }
  if (thinking.type !== "enabled" && thinking.type !== "adaptive") return;
  if (model.reasoning === "no") throw anthropicError(`'${model.id}' does not support thinking.`);
  if (thinking.type === "enabled") checkBudget(body, numberOf(thinking.budget_tokens));
  if (temperature !== undefined && temperature !== 1) {
    throw anthropicError(
      "`temperature` may only be set to 1 when thinking is enabled. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking",
    );
  }
  const choice = objectOf(body.tool_choice).type;
  if (thinking.type === "enabled" && (choice === "any" || choice === "tool")) {
    throw anthropicError("Thinking may not be enabled when tool_choice forces tool use.");
  }
  if (thinking.type === "enabled") checkThoughtsFirst(messages);
}

function checkBudget(body: JsonObject, budget: number | undefined): void {
  if (budget === undefined) throw anthropicError("thinking.enabled.budget_tokens: Field required");
  if (budget < BUDGET_MIN)
    throw anthropicError(`thinking.enabled.budget_tokens: Input should be greater than or equal to ${BUDGET_MIN}`);
  if (typeof body.max_tokens === "number" && body.max_tokens <= budget) {
    throw anthropicError(
      "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size",
    );
  }
}

/** A turn that is still waiting for tool results must begin with the thoughts that led to its calls; later calls in it may have none. */
function checkThoughtsFirst(messages: readonly JsonObject[]): void {
  const isOfResults = (message: JsonObject): boolean => blocksOf(message).some((block) => block.type === "tool_result");
  if (!messages.slice(-1).some(isOfResults)) return;
  const begins = messages.findLastIndex((message) => message.role === "user" && !isOfResults(message)) + 1;
  const index = messages.findIndex((message, at) => at >= begins && message.role === "assistant");
  const first = stringOf(blocksOf(messages[index])[0]?.type);
  if (index < 0 || first === "thinking" || first === "redacted_thinking") return;
  throw anthropicError(
    `messages.${index}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${first}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block (preceeding the lastmost set of \`tool_use\` and \`tool_result\` blocks).`,
  );
}

function checkCacheMarks(body: JsonObject, messages: readonly JsonObject[]): void {
  const blocks = [...objectsOf(body.tools), ...objectsOf(body.system), ...messages.flatMap(blocksOf)];
  const marked = blocks.filter((block) => block.cache_control !== undefined && block.cache_control !== null);
  if (marked.length > BREAKPOINTS_MAX) {
    throw anthropicError(`A maximum of ${BREAKPOINTS_MAX} blocks with cache_control may be provided. Found ${marked.length}.`);
  }
  const thought = marked.find((block) => block.type === "thinking" || block.type === "redacted_thinking");
  if (thought !== undefined) throw anthropicError("messages: thinking.cache_control: Extra inputs are not permitted");
}

const NUMBER_BOUNDS = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"];
const STRING_BOUNDS = ["minLength", "maxLength"];

function checkOutputFormat(format: JsonObject): void {
  if (format.type === undefined) return;
  if (format.type !== "json_schema") throw anthropicError("output_config.format.type: Input should be 'json_schema'");
  if (format.schema === undefined) throw anthropicError("output_config.format.schema: Field required");
  checkOutputSchema(objectOf(format.schema));
}

function checkOutputSchema(schema: JsonObject): void {
  const type = stringOf(schema.type);
  const bounds = type === "string" ? STRING_BOUNDS : type === "integer" || type === "number" ? NUMBER_BOUNDS : [];
  const bound = bounds.find((keyword) => schema[keyword] !== undefined);
  if (bound !== undefined)
    throw anthropicError(`output_config.format.schema: For '${type}' type, property '${bound}' is not supported`);
  if (type === "object" && schema.additionalProperties !== false) {
    throw anthropicError(
      "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false",
    );
  }
  if (schema.oneOf !== undefined) throw anthropicError("output_config.format.schema: Schema type 'oneOf' is not supported");
  const inner = [
    ...Object.values(objectOf(schema.properties)),
    ...Object.values(objectOf(schema.$defs)),
    schema.items,
    ...listOf(schema.anyOf),
  ];
  for (const nested of inner) if (nested !== undefined) checkOutputSchema(objectOf(nested));
}
