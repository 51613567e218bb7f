/** Reads and checks a request of the Responses API: fields, then items, then the question they put. */
import type { JsonObject } from "../../../json.ts";
import type { Question, SeenMedia } from "../brain.ts";
import type { FakeModel } from "../fake-model.ts";
import type { Reading } from "../generate.ts";
import { numberOf, objectOf, objectsOf, stringOf, stringsOf } from "../json-reading.ts";
import type { FakeRequest } from "../reply.ts";
import type { FakeWorld } from "../world.ts";
import { seenUrl } from "./media.ts";
import { openAiError } from "./openai-error.ts";
import { checkStrictFunction } from "./openai-flavour.ts";
import { checkItems, expandReferences } from "./openai-responses-items.ts";
import { strictSchemaBreach } from "./strict-schema.ts";

export interface ResponsesReading extends Reading {
  readonly body: JsonObject;
  /** The whole conversation: what was stored, then what came. */
  readonly items: readonly JsonObject[];
  readonly showsSummary: boolean;
  readonly wantsEncrypted: boolean;
}

const FIELDS = new Set(
  (
    "access_programs background context_management conversation image include input instructions max_output_tokens max_tool_calls " +
    "metadata model moderation parallel_tool_calls previous_response_id prompt prompt_cache_key prompt_cache_options " +
    "prompt_cache_retention reasoning safety_identifier service_tier store stream stream_options temperature text tool_choice " +
    "tools top_logprobs top_p truncation user"
  ).split(" "),
);

export function readResponses(request: FakeRequest, world: FakeWorld): ResponsesReading {
  const { body } = request;
  const model = checkFields(body, world);
  const items = conversationOf(body, world);
  checkItems(items, world);
  checkTools(body, model);
  const { effort, summary } = objectOf(body.reasoning);
  const reasoning = effort !== "none" && (model.reasoning === "always" || (effort !== undefined && effort !== null));
  if (reasoning) refuseSampling(body);
  return {
    model: model.id,
    stream: body.stream === true,
    question: questionOf(body, items, reasoning),
    body,
    items,
    showsSummary: typeof summary === "string",
    wantsEncrypted: stringsOf(body.include).includes("reasoning.encrypted_content"),
  };
}

function checkFields(body: JsonObject, world: FakeWorld): FakeModel {
  const unknown = Object.keys(body).find((field) => !FIELDS.has(field));
  if (unknown !== undefined) throw openAiError(`Unknown parameter: '${unknown}'.`, { param: unknown, code: "unknown_parameter" });
  const id = stringOf(body.model);
  if (id === "")
    throw openAiError("Missing required parameter: 'model'.", { param: "model", code: "missing_required_parameter" });
  const model = world.model(id);
  if (model === undefined) {
    throw openAiError(`The requested model '${id}' does not exist.`, { param: "model", code: "model_not_found" });
  }
  const limit = numberOf(body.max_output_tokens);
  if (limit !== undefined && limit < 16) {
    throw openAiError(
      `Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got ${limit} instead.`,
      { param: "max_output_tokens", code: "integer_below_min_value" },
    );
  }
  if (model.reasoning === "no" && objectOf(body.reasoning).effort !== undefined && objectOf(body.reasoning).effort !== null) {
    throw openAiError("Unsupported parameter: 'reasoning.effort' is not supported with this model.", {
      param: "reasoning.effort",
      code: "unsupported_parameter",
    });
  }
  return model;
}

function refuseSampling(body: JsonObject): void {
  for (const field of ["temperature", "top_p"]) {
    if (body[field] === undefined || body[field] === null) continue;
    throw openAiError(`Unsupported parameter: '${field}' is not supported with this model.`, {
      param: field,
      code: "unsupported_parameter",
    });
  }
}

function conversationOf(body: JsonObject, world: FakeWorld): readonly JsonObject[] {
  const { input, previous_response_id: previous } = body;
  if (input === undefined || input === null || (Array.isArray(input) && input.length === 0)) {
    throw openAiError("Missing required parameter: 'input'.", { param: "input", code: "missing_required_parameter" });
  }
  const stored = typeof previous === "string" ? world.storedResponses.get(previous) : [];
  if (stored === undefined) {
    throw openAiError(`Previous response with id '${String(previous)}' not found.`, {
      param: "previous_response_id",
      code: "previous_response_not_found",
    });
  }
  const given = typeof input === "string" ? [{ type: "message", role: "user", content: input }] : objectsOf(input);
  return [...stored, ...expandReferences(given, world)];
}

function checkTools(body: JsonObject, model: FakeModel): void {
  const tools = objectsOf(body.tools);
  if (tools.length > 0 && !model.tools)
    throw openAiError("Tools are not supported with this model.", { param: "tools", code: "unsupported_parameter" });
  for (const [index, tool] of tools.entries()) {
    if (tool.type !== "function") continue;
    if (stringOf(tool.name) === "") {
      throw openAiError(`Missing required parameter: 'tools[${index}].name'.`, {
        param: `tools[${index}].name`,
        code: "missing_required_parameter",
      });
    }
    if (tool.strict === true) checkStrictFunction(tool, `tools[${index}].parameters`);
  }
  const { type, name, schema, strict } = objectOf(objectOf(body.text).format);
  if (type === "json_schema" && stringOf(name) === "") {
    throw openAiError("Missing required parameter: 'text.format.name'.", {
      param: "text.format.name",
      code: "missing_required_parameter",
    });
  }
  const breach = type === "json_schema" && strict === true ? strictSchemaBreach(objectOf(schema)) : undefined;
  if (breach !== undefined) {
    throw openAiError(`Invalid schema for response_format '${stringOf(name)}': ${breach}`, {
      param: "text.format.schema",
      code: "invalid_json_schema",
    });
  }
}

function questionOf(body: JsonObject, items: readonly JsonObject[], reasoning: boolean): Question {
  const lastUser = items.findLastIndex((item) => item.role === "user");
  const outputs = items.slice(lastUser + 1).filter((item) => item.type === "function_call_output");
  const { format } = objectOf(body.text);
  const { type, schema } = objectOf(format);
  return {
    model: stringOf(body.model),
    prompt: [
      ...objectsOf(body.tools).map((tool) => JSON.stringify(tool)),
      stringOf(body.instructions),
      ...items.map(itemText),
    ].filter(Boolean),
    lastUserText: partsText(items[lastUser]?.content),
    tools: objectsOf(body.tools)
      .filter((tool) => tool.type === "function")
      .map((tool) => ({ name: stringOf(tool.name), parameters: objectOf(tool.parameters) })),
    toolChoice: toolChoiceOf(body),
    parallelToolCalls: body.parallel_tool_calls !== false,
    toolResults: outputs.map((output) => ({ name: nameOfCall(items, output.call_id), text: partsText(output.output) })),
    schema: type === "json_schema" ? objectOf(schema) : type === "json_object" ? {} : undefined,
    media: mediaOf(items[lastUser]?.content),
    reasoning,
    outputTokensMax: numberOf(body.max_output_tokens),
    stopSequences: [],
  };
}

function toolChoiceOf(body: JsonObject): Question["toolChoice"] {
  const choice = body.tool_choice;
  if (choice === "none" || choice === "required") return choice;
  const name = stringOf(objectOf(choice).name);
  return name === "" ? "auto" : { tool: name };
}

function nameOfCall(items: readonly JsonObject[], callId: unknown): string {
  return stringOf(items.find((item) => item.type === "function_call" && item.call_id === callId)?.name);
}

function itemText(item: JsonObject): string {
  const call = item.type === "function_call" ? `${stringOf(item.name)} ${stringOf(item.arguments)}` : "";
  return [stringOf(item.role), partsText(item.content ?? item.output), call].filter(Boolean).join(" ");
}

function partsText(value: unknown): string {
  if (typeof value === "string") return value;
  return objectsOf(value)
    .map((part) => stringOf(part.text ?? part.refusal))
    .filter(Boolean)
    .join("\n");
}

function mediaOf(value: unknown): readonly SeenMedia[] {
  return objectsOf(value).flatMap((part) => {
    if (part.type === "input_image") return [seenUrl(stringOf(part.image_url))];
    return part.type === "input_file" ? [seenUrl(stringOf(part.file_data ?? part.file_url))] : [];
  });
}
