/** What Gemini refuses, in its words: unknown fields and schema keywords, the order of turns, unsigned function calls. */
import type { JsonObject } from "../../../json.ts";
import type { FakeModel } from "../fake-model.ts";
import { objectOf, objectsOf, stringOf } from "../json-reading.ts";
import type { FakeWorld } from "../world.ts";
import { geminiError } from "./gemini-error.ts";
import { protoField } from "./proto-field.ts";

const FIELDS = words(
  "contents systemInstruction tools toolConfig generationConfig safetySettings cachedContent labels model store serviceTier",
);
const CONFIG_FIELDS = words(
  "stopSequences responseMimeType responseSchema responseJsonSchema responseModalities candidateCount maxOutputTokens temperature " +
    "topP topK seed presencePenalty frequencyPenalty responseLogprobs logprobs enableEnhancedCivicAnswers speechConfig thinkingConfig " +
    "mediaResolution imageConfig audioTimestamp routingConfig modelSelectionConfig responseFormat",
);
const SCHEMA_FIELDS = words(
  "type format title description nullable enum maxItems minItems properties required minProperties maxProperties minLength maxLength " +
    "pattern example anyOf propertyOrdering default items minimum maximum",
);
const TYPES = new Set(["STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL", "TYPE_UNSPECIFIED"]);
const FUNCTION_NAME = /^[a-zA-Z_][\w.:-]{0,127}$/;

/** The values that Google documents for function calls of another maker. */
const SKIPPED_SIGNATURES = new Set(["skip_thought_signature_validator", "context_engineering_is_the_way_to_go"]);

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(" "));
}

/** Throws a Refusal for the first thing that is wrong. */
export function checkGeminiRequest(body: JsonObject, model: FakeModel, world: FakeWorld): void {
  refuseUnknown(body, FIELDS, "");
  const config = objectOf(protoField(body, "generationConfig"));
  refuseUnknown(config, CONFIG_FIELDS, "generation_config");
  const contents = objectsOf(body.contents);
  if (contents.length === 0) throw geminiError("* GenerateContentRequest.contents: contents is not specified\n");
  for (const [index, content] of contents.entries()) checkContent(content, index);
  checkTurns(contents);
  checkTools(body, model, config);
  checkSchema(protoField(config, "responseSchema"), "generation_config.response_schema");
  checkThinking(objectOf(protoField(config, "thinkingConfig")), model);
  checkSignatures(contents, model, world);
}

/** Proto fields may be spelt in camel case or with underscores. */
function refuseUnknown(object: JsonObject, known: ReadonlySet<string>, path: string): void {
  for (const name of Object.keys(object)) {
    if (known.has(name.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase()))) continue;
    const at = path === "" ? "" : ` at '${path}'`;
    throw geminiError(`Invalid JSON payload received. Unknown name "${name}"${at}: Cannot find field.`);
  }
}

function checkContent(content: JsonObject, index: number): void {
  const role = content.role ?? "user";
  if (role !== "user" && role !== "model" && role !== "function") {
    throw geminiError("Please use a valid role: user, model.");
  }
  const parts = objectsOf(content.parts);
  if (parts.length === 0)
    throw geminiError(`* GenerateContentRequest.contents[${index}].parts: contents.parts must not be empty.\n`);
  for (const part of parts) {
    if (Object.keys(part).some((key) => PART_DATA.has(key))) continue;
    throw geminiError(
      `* GenerateContentRequest.contents[${index}].parts[0].data: required oneof field 'data' must have one initialized field\n`,
    );
  }
}

const PART_DATA = words(
  "text inlineData inline_data fileData file_data functionCall function_call functionResponse function_response executableCode codeExecutionResult",
);

export function callsOf(content: JsonObject | undefined): readonly JsonObject[] {
  return objectsOf(content?.parts).filter((part) => protoField(part, "functionCall") !== undefined);
}

export function responsesOf(content: JsonObject | undefined): readonly JsonObject[] {
  return objectsOf(content?.parts).filter((part) => protoField(part, "functionResponse") !== undefined);
}

/** Calls follow a user's turn, responses follow calls, and there are as many of one as of the other. */
function checkTurns(contents: readonly JsonObject[]): void {
  for (const [index, content] of contents.entries()) {
    const calls = callsOf(content).length;
    const responses = responsesOf(content).length;
    const before = callsOf(contents[index - 1]).length;
    const after = responsesOf(contents[index + 1]).length;
    if (responses > 0 && before === 0) {
      throw geminiError("Please ensure that function response turn comes immediately after a function call turn.");
    }
    if (calls > 0 && (index === 0 || contents[index - 1]?.role === "model")) {
      throw geminiError(
        "Please ensure that function call turn comes immediately after a user turn or after a function response turn.",
      );
    }
    if (calls > 0 && after !== calls) {
      throw geminiError(
        "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.",
      );
    }
  }
}

function checkTools(body: JsonObject, model: FakeModel, config: JsonObject): void {
  for (const [index, tool] of objectsOf(body.tools).entries()) {
    for (const [at, declaration] of objectsOf(protoField(tool, "functionDeclarations")).entries()) {
      const path = `tools[${index}].function_declarations[${at}]`;
      if (!model.tools) throw geminiError("Tool use with function calling is unsupported");
      if (!FUNCTION_NAME.test(stringOf(declaration.name))) {
        throw geminiError(
          `* GenerateContentRequest.${path}.name: Invalid function name. Must start with a letter or an underscore. Must be alphanumeric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 128.\n`,
        );
      }
      if (declaration.parameters !== undefined && protoField(declaration, "parametersJsonSchema") !== undefined) {
        throw geminiError(`* GenerateContentRequest.${path}: parameters and parameters_json_schema cannot both be set.\n`);
      }
      checkSchema(declaration.parameters, `${path}.parameters`);
      if (!isThird(model.id) && protoField(config, "responseMimeType") === "application/json") {
        throw geminiError("Function calling with a response mime type: 'application/json' is unsupported");
      }
    }
  }
}

function checkSchema(given: unknown, path: string): void {
  if (given === undefined || given === null) return;
  const schema = objectOf(given);
  refuseUnknown(schema, SCHEMA_FIELDS, path);
  if (Array.isArray(schema.type))
    throw geminiError(
      `Invalid JSON payload received. Unknown name "type" at '${path}': Proto field is not repeating, cannot start list.`,
    );
  if (schema.type !== undefined && !TYPES.has(stringOf(schema.type).toUpperCase())) {
    throw geminiError(
      `Invalid value at '${path}.type' (type.googleapis.com/google.ai.generativelanguage.v1beta.Type), "${stringOf(schema.type)}"`,
    );
  }
  if (schema.enum !== undefined && stringOf(schema.type).toUpperCase() !== "STRING") {
    throw geminiError(`* GenerateContentRequest.${path}.enum: only allowed for STRING type\n`);
  }
  for (const [name, property] of Object.entries(objectOf(schema.properties)))
    checkSchema(property, `${path}.properties[${name}].value`);
  checkSchema(schema.items, `${path}.items`);
  for (const [index, branch] of objectsOf(schema.anyOf).entries()) checkSchema(branch, `${path}.any_of[${index}]`);
}

export function isThird(model: string): boolean {
  return /gemini-3/.test(model);
}

function checkThinking(thinking: JsonObject, model: FakeModel): void {
  const asked = protoField(thinking, "thinkingBudget") ?? protoField(thinking, "thinkingLevel");
  if (model.reasoning === "no" && asked !== undefined && asked !== 0) throw geminiError("Thinking is not enabled for this model");
  if (protoField(thinking, "thinkingLevel") !== undefined && /gemini-2/.test(model.id)) {
    throw geminiError("Thinking level is not supported for this model.");
  }
}

/**
 * In the turn that is still open, the first call of each step must be signed by Gemini 3; a signature that is there must
 * be ours. Source: the "Thought signatures" page of the Gemini API.
 */
function checkSignatures(contents: readonly JsonObject[], model: FakeModel, world: FakeWorld): void {
  const lastWords = contents.findLastIndex((content) => content.role !== "model" && responsesOf(content).length === 0);
  for (const [index, content] of contents.entries()) {
    for (const part of objectsOf(content.parts)) checkSignature(stringOf(protoField(part, "thoughtSignature")), world);
    const [first] = callsOf(content);
    if (first === undefined || index < lastWords || !isThird(model.id)) continue;
    if (stringOf(protoField(first, "thoughtSignature")) !== "") continue;
    const name = stringOf(objectOf(protoField(first, "functionCall")).name);
    throw geminiError(
      `Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call \`default_api:${name}\` , position ${index + 1}. Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details.`,
    );
  }
}

function checkSignature(signature: string, world: FakeWorld): void {
  if (signature === "" || SKIPPED_SIGNATURES.has(signature) || world.unseal(signature) !== undefined) return;
  throw geminiError("Corrupted thought signature.");
}
