/**
 * What Mistral refuses of a chat request, in its words: fields that it does not define, the order of messages, ids of tool
 * calls, abilities that the model lacks. Facts: the request validator of mistral-common, the types of @mistralai/mistralai,
 * and refusals of the API.
 */
import type { JsonObject, JsonValue } from "../../../json.ts";
import type { FakeModel } from "../fake-model.ts";
import { listOf, numberOf, objectOf, objectsOf, stringOf } from "../json-reading.ts";
import { extraField, invalidField, mistralError } from "./mistral-error.ts";
import { checkMistralMessage } from "./mistral-message-checks.ts";

const FIELDS = new Set(
  (
    "model temperature top_p max_tokens stream stop random_seed metadata messages response_format tools tool_choice presence_penalty " +
    "frequency_penalty n prediction parallel_tool_calls reasoning_effort prompt_mode guardrails prompt_cache_key service_tier safe_prompt " +
    // Undocumented, and taken.
    "stream_options"
  ).split(" "),
);
const TEMPERATURE_MAX = 1.5;
const CHOICES = new Set<JsonValue>(["auto", "none", "any", "required"]);
const EFFORTS = new Set<JsonValue>(["none", "high"]);
const TOOL_NAME = /^[a-zA-Z0-9_-]{1,64}$/;

/** Throws a Refusal for the first thing that is wrong. */
export function checkMistralRequest(body: JsonObject, model: FakeModel): void {
  const unknown = Object.keys(body).find((field) => !FIELDS.has(field));
  if (unknown !== undefined) throw extraField([unknown], body[unknown]);
  checkSettings(body, model);
  checkTools(body);
  const messages = objectsOf(body.messages);
  if (body.messages === undefined || messages.length !== listOf(body.messages).length) {
    throw invalidField("missing", ["messages"], "Field required", {});
  }
  for (const [index, message] of messages.entries()) checkMistralMessage(message, index, model);
  checkOrder(messages);
}

function checkSettings(body: JsonObject, model: FakeModel): void {
  const temperature = numberOf(body.temperature);
  if (temperature !== undefined && (temperature < 0 || temperature > TEMPERATURE_MAX)) {
    throw invalidField("less_than_equal", ["temperature"], "Input should be less than or equal to 1.5", temperature);
  }
  const { reasoning_effort: effort, prompt_mode: mode } = body;
  if (effort !== undefined && effort !== null && !EFFORTS.has(effort)) {
    throw invalidField("enum", ["reasoning_effort"], "Input should be 'high' or 'none'", effort);
  }
  if (effort === "high" && model.reasoning === "no") {
    throw mistralError("reasoning_effort is not enabled for this model", "invalid_request_invalid_args", "3051");
  }
  if (mode !== undefined && mode !== null && mode !== "reasoning") {
    throw invalidField("enum", ["prompt_mode"], "Input should be 'reasoning'", mode);
  }
  const format = objectOf(body.response_format);
  if (format.type === "json_schema" && stringOf(objectOf(format.json_schema).name) === "") {
    throw invalidField("missing", ["response_format", "json_schema", "name"], "Field required", format.json_schema ?? null);
  }
}

function checkTools(body: JsonObject): void {
  for (const [index, tool] of objectsOf(body.tools).entries()) {
    const loc = ["tools", "list[Tool]", index];
    if ((tool.type ?? "function") !== "function") {
      throw invalidField("enum", [...loc, "type"], "Input should be 'function'", tool.type ?? null);
    }
    const target = objectOf(tool.function);
    if (target.parameters === undefined)
      throw invalidField("missing", [...loc, "function", "parameters"], "Field required", target);
    if (!TOOL_NAME.test(stringOf(target.name))) throw badName(stringOf(target.name));
  }
  const choice = body.tool_choice;
  if (choice === undefined || choice === null || CHOICES.has(choice)) return;
  if (stringOf(objectOf(objectOf(choice).function).name) === "") {
    throw invalidField("enum", ["tool_choice"], "Input should be 'auto', 'none', 'any' or 'required'", choice);
  }
}

export function badName(name: string) {
  const message = `Function name was ${name} but must be a-z, A-Z, 0-9, or contain underscores and dashes, with a maximum length of 64.`;
  return mistralError(message, "invalid_request_function", "3270");
}

const MAY_FOLLOW: Readonly<Record<string, ReadonlySet<string>>> = {
  system: new Set(["user", "assistant", "system"]),
  user: new Set(["assistant", "system", "user"]),
  assistant: new Set(["assistant", "user", "tool"]),
  tool: new Set(["assistant", "tool"]),
};

function checkOrder(messages: readonly JsonObject[]): void {
  const [first, last] = [messages[0], messages.at(-1)];
  if (first === undefined) throw badOrder("Conversation must have at least one message");
  if (last?.role === "assistant" && last.prefix !== true) {
    throw badOrder("Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant");
  }
  let open = 0;
  for (const [index, message] of messages.entries()) {
    const role = stringOf(message.role);
    const before = stringOf(messages[index - 1]?.role);
    if (before !== "" && MAY_FOLLOW[before]?.has(role) !== true)
      throw badOrder(`Unexpected role '${role}' after role '${before}'`);
    if (message.prefix === true && index < messages.length - 1) {
      throw mistralError("Assistant message with prefix True must be last message", "invalid_request_assistant_message", "3240");
    }
    if (role === "tool") open--;
    if (role === "assistant") {
      if (open !== 0) throw badOrder("Not the same number of function calls and responses");
      open = objectsOf(message.tool_calls).length;
    }
  }
  if (open !== 0) throw badOrder("Not the same number of function calls and responses");
}

function badOrder(message: string) {
  return mistralError(message, "invalid_request_message_order", "3230");
}
