/** What Ollama refuses. Its errors are one string; the JSON ones are Go's own words. */
import type { JsonObject } from "../../../json.ts";
import type { FakeModel } from "../fake-model.ts";
import { objectOf, objectsOf, stringOf, stringsOf } from "../json-reading.ts";
import { Refusal } from "../reply.ts";
import type { FakeWorld } from "../world.ts";

const ROLES = new Set(["system", "user", "assistant", "tool"]);
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const LEVELS = new Set(["low", "medium", "high", "max"]);

export function ollamaError(status: number, error: string): Refusal {
  return new Refusal(status, { error }, { "content-type": "application/json; charset=utf-8" });
}

/** `name` is short for `name:latest`. Throws a Refusal for a missing or unknown name. */
export function ollamaModel(body: JsonObject, world: FakeWorld): FakeModel {
  const id = stringOf(body.model ?? body.name);
  if (id === "") throw ollamaError(400, "model is required");
  const model = world.model(id) ?? world.model(`${id}:latest`);
  if (model === undefined) throw ollamaError(404, `model '${id}' not found`);
  return model;
}

/** Throws a Refusal for the first thing that is wrong. */
export function checkOllamaRequest(body: JsonObject, model: FakeModel): void {
  for (const message of objectsOf(body.messages)) checkMessage(message);
  checkImages(stringsOf(body.images));
  if (objectsOf(body.tools).length > 0 && !model.tools) {
    throw ollamaError(400, `registry.ollama.ai/library/${model.id} does not support tools`);
  }
  checkThink(body, model);
  const { format } = body;
  if (typeof format === "string" && format !== "" && format !== "json") {
    throw ollamaError(400, `invalid format: "${format}"; expected "json" or a valid JSON Schema object`);
  }
}

function checkThink(body: JsonObject, model: FakeModel): void {
  const { think } = body;
  if (think === undefined || think === null) return;
  if (typeof think === "string" && !LEVELS.has(think)) {
    throw ollamaError(400, `invalid think value: "${think}" (must be "high", "medium", "low", "max", true, or false)`);
  }
  if (think !== false && model.reasoning === "no") throw ollamaError(400, `"${model.id}" does not support thinking`);
}

function checkMessage(message: JsonObject): void {
  const role = stringOf(message.role);
  if (!ROLES.has(role)) throw ollamaError(400, `invalid role: ${role}, must be one of [system, user, assistant, tool]`);
  if (message.content !== undefined && typeof message.content !== "string" && message.content !== null) {
    throw ollamaError(400, "json: cannot unmarshal array into Go struct field ChatRequest.messages.content of type string");
  }
  checkImages(stringsOf(message.images));
  for (const call of objectsOf(message.tool_calls)) {
    if (typeof objectOf(call.function).arguments !== "string") continue;
    throw ollamaError(
      400,
      "json: cannot unmarshal string into Go struct field ChatRequest.messages.tool_calls.function.arguments of type api.ToolCallFunctionArguments",
    );
  }
}

/** Images are raw base64: no `data:` prefix, no address. */
function checkImages(images: readonly string[]): void {
  for (const image of images) {
    if (!BASE64.test(image)) throw ollamaError(400, `illegal base64 data at input byte ${image.search(/[^A-Za-z0-9+/=]/)}`);
  }
}
