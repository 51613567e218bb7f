/** The rules between items: what must follow what, which ids exist, whose encrypted reasoning it is. */
import type { JsonObject } from "../../../json.ts";
import { objectsOf, stringOf } from "../json-reading.ts";
import type { FakeWorld } from "../world.ts";
import { openAiError } from "./openai-error.ts";

const ROLES = new Set(["assistant", "system", "developer", "user"]);
const CALL_ID_LENGTH_MAX = 64;

/** Items named by id, put in from what this server stored. Throws a Refusal for an unknown id. */
export function expandReferences(items: readonly JsonObject[], world: FakeWorld): readonly JsonObject[] {
  return items.map((item) => {
    if (item.type !== "item_reference") return item;
    const stored = world.storedItems.get(stringOf(item.id));
    if (stored === undefined) throw itemNotFound(stringOf(item.id));
    return stored;
  });
}

/** Throws a Refusal for the first breach. */
export function checkItems(items: readonly JsonObject[], world: FakeWorld): void {
  for (const [index, item] of items.entries()) {
    if (item.type === undefined || item.type === "message") checkMessage(item, index);
    if (item.type === "reasoning") checkReasoning(items, index, world);
    if (item.type === "function_call") checkCall(items, index, world);
    if (item.type === "function_call_output") checkOutput(items, index);
  }
}

function checkMessage(item: JsonObject, index: number): void {
  const role = stringOf(item.role);
  if (!ROLES.has(role)) {
    throw openAiError(`Invalid value: '${role}'. Supported values are: 'assistant', 'system', 'developer', and 'user'.`, {
      param: `input[${index}]`,
      code: "invalid_value",
    });
  }
  const expected = role === "assistant" ? ["output_text", "refusal"] : ["input_text", "input_image", "input_file", "input_audio"];
  const foreign = objectsOf(item.content).findIndex((part) => !expected.includes(stringOf(part.type)));
  if (foreign < 0) return;
  const given = stringOf(objectsOf(item.content)[foreign]?.type);
  throw openAiError(`Invalid value: '${given}'. Supported values are: ${expected.map((type) => `'${type}'`).join(" and ")}.`, {
    param: `input[${index}].content[${foreign}]`,
    code: "invalid_value",
  });
}

function checkReasoning(items: readonly JsonObject[], index: number, world: FakeWorld): void {
  const item = items[index] ?? {};
  const id = stringOf(item.id);
  if (typeof item.encrypted_content === "string") {
    if (world.unseal(item.encrypted_content) === undefined) {
      throw openAiError(
        `The encrypted content for item ${id} could not be verified. Reason: Encrypted content could not be decrypted or parsed.`,
        {
          code: "invalid_encrypted_content",
        },
      );
    }
  } else if (!world.storedItems.has(id)) throw itemNotFound(id);
  const next = items[index + 1];
  const follows = next !== undefined && (next.type === "reasoning" || next.type === "function_call" || next.role === "assistant");
  if (!follows) {
    throw openAiError(`Item '${id}' of type 'reasoning' was provided without its required following item.`, { param: "input" });
  }
}

function checkCall(items: readonly JsonObject[], index: number, world: FakeWorld): void {
  const item = items[index] ?? {};
  const callId = stringOf(item.call_id);
  if (callId.length > CALL_ID_LENGTH_MAX) {
    throw openAiError(
      `Invalid 'input[${index}].call_id': string too long. Expected a string with maximum length ${CALL_ID_LENGTH_MAX}, but got a string with length ${callId.length} instead.`,
      { param: `input[${index}].call_id`, code: "string_above_max_length" },
    );
  }
  if (!items.some((other) => other.type === "function_call_output" && other.call_id === callId)) {
    throw openAiError(`No tool output found for function call ${callId}.`, { param: "input" });
  }
  const id = stringOf(item.id);
  const partner = world.reasoningOfItem.get(id);
  if (partner === undefined || items.slice(0, index).some((other) => other.id === partner)) return;
  throw openAiError(`Item '${id}' of type 'function_call' was provided without its required 'reasoning' item: '${partner}'.`, {
    param: "input",
  });
}

function checkOutput(items: readonly JsonObject[], index: number): void {
  const callId = stringOf(items[index]?.call_id);
  if (items.slice(0, index).some((other) => other.type === "function_call" && other.call_id === callId)) return;
  throw openAiError(`No tool call found for function call output with call_id ${callId}.`, { param: "input" });
}

function itemNotFound(id: string) {
  return openAiError(
    `Item with id '${id}' not found. Items are not persisted when \`store\` is set to false. Try again with \`store\` set to true, or remove this item from your input.`,
    { status: 404, param: "input" },
  );
}
