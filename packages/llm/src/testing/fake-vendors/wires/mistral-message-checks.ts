/** What Mistral refuses of one message, in its words. */
import type { JsonObject, JsonValue } from "../../../json.ts";
import type { FakeModel } from "../fake-model.ts";
import { listOf, objectOf, objectsOf, stringOf } from "../json-reading.ts";
import { extraField, invalidField, mistralError } from "./mistral-error.ts";
import { hearsAudio, seesImages } from "./mistral-models.ts";

const CALL_ID = /^[a-zA-Z0-9]{9}$/;

const MESSAGE_FIELDS: Readonly<Record<string, ReadonlySet<string>>> = {
  system: new Set(["role", "content"]),
  user: new Set(["role", "content"]),
  assistant: new Set(["role", "content", "tool_calls", "prefix"]),
  tool: new Set(["role", "content", "tool_call_id", "name"]),
};

const CHUNK_FIELDS: Readonly<Record<string, ReadonlySet<string>>> = {
  text: new Set(["type", "text"]),
  image_url: new Set(["type", "image_url"]),
  document_url: new Set(["type", "document_url", "document_name"]),
  reference: new Set(["type", "reference_ids"]),
  file: new Set(["type", "file_id"]),
  thinking: new Set(["type", "thinking", "signature", "closed"]),
  input_audio: new Set(["type", "input_audio"]),
};

/** Throws a Refusal for the first thing that is wrong. */
export function checkMistralMessage(message: JsonObject, index: number, model: FakeModel): void {
  const role = stringOf(message.role);
  const fields = MESSAGE_FIELDS[role];
  const loc = ["messages", index];
  if (fields === undefined) {
    throw invalidField(
      "union_tag_invalid",
      loc,
      `Input tag '${role}' found using 'role' does not match any of the expected tags`,
      {},
    );
  }
  const unknown = Object.keys(message).find((field) => !fields.has(field));
  if (unknown !== undefined) throw extraField([...loc, role, unknown], message[unknown]);
  for (const [at, chunk] of listOf(message.content).entries()) checkChunk(chunk, [...loc, role, "content", at], model);
  if (role === "assistant") checkAssistant(message);
  if (role === "tool") checkCallId(stringOf(message.tool_call_id));
}

function checkChunk(value: JsonValue, loc: readonly (string | number)[], model: FakeModel): void {
  const chunk = objectOf(value);
  const type = stringOf(chunk.type);
  const fields = CHUNK_FIELDS[type];
  if (fields === undefined) {
    throw invalidField(
      "union_tag_invalid",
      loc,
      `Input tag '${type}' found using 'type' does not match any of the expected tags`,
      value,
    );
  }
  const unknown = Object.keys(chunk).find((field) => !fields.has(field));
  if (unknown !== undefined) throw extraField([...loc, type, unknown], chunk[unknown]);
  if (type === "image_url" && !seesImages(model)) throw notEnabled("Image");
  if (type === "input_audio" && !hearsAudio(model)) throw notEnabled("Audio");
  if (type === "thinking") checkThinking(chunk, loc);
}

function notEnabled(kind: string) {
  return mistralError(`${kind} input is not enabled for this model`, "invalid_request_invalid_args", "3051");
}

function checkThinking(chunk: JsonObject, loc: readonly (string | number)[]): void {
  const entries = objectsOf(chunk.thinking);
  const isText = entries.every(
    (entry) => typeof entry.text === "string" || Array.isArray(entry.reference_ids) || entry.tool !== undefined,
  );
  if (!Array.isArray(chunk.thinking) || entries.length !== chunk.thinking.length || !isText) {
    throw invalidField("list_type", [...loc, "thinking", "thinking"], "Input should be a valid list", chunk.thinking ?? null);
  }
}

function checkAssistant(message: JsonObject): void {
  const calls = objectsOf(message.tool_calls);
  const { content } = message;
  const isSilent = Array.isArray(content) ? content.length === 0 : content === undefined || content === null || content === "";
  if (isSilent && calls.length === 0) {
    const words = "Assistant message must have either content or tool_calls, but not none.";
    throw mistralError(words, "invalid_request_assistant_message", "3240");
  }
  for (const call of calls) {
    checkCallId(stringOf(call.id));
    const { name, arguments: given } = objectOf(call.function);
    if (stringOf(name) === "" || (typeof given !== "string" && (typeof given !== "object" || given === null))) {
      throw invalidField("missing", ["messages", "assistant", "tool_calls", "function"], "Field required", call);
    }
  }
}

function checkCallId(id: string): void {
  if (CALL_ID.test(id)) return;
  const message = `Tool call id was ${id} but must be a-z, A-Z, 0-9, with a length of 9.`;
  throw mistralError(message, "invalid_function_call", "3280");
}
