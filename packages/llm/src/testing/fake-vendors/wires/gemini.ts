/**
 * POST /v1beta/models/{model}:generateContent, :streamGenerateContent (SSE with `alt=sse`, else a JSON array) and
 * :countTokens. Facts: the types of `@google/genai`, and answers of the service. `candidatesTokenCount` leaves thoughts out.
 */
import type { JsonObject } from "../../../json.ts";
import { type Answer, countTokens, type OfferedTool, type Question, type SeenMedia } from "../brain.ts";
import type { FakeModel } from "../fake-model.ts";
import type { Composed, Delivery, GenerationWire, Reading } from "../generate.ts";
import { numberOf, objectOf, objectsOf, stringOf, stringsOf } from "../json-reading.ts";
import { content, end, type FakeRequest, type Frame, jsonReply, sse } from "../reply.ts";
import { textPieces } from "../text-pieces.ts";
import type { FakeWorld } from "../world.ts";
import { withCachedContent } from "./gemini-cached-contents.ts";
import { checkGeminiRequest, isThird, responsesOf } from "./gemini-checks.ts";
import { geminiError, geminiErrorBody, geminiFailure } from "./gemini-error.ts";
import { seenBase64 } from "./media.ts";
import { protoField } from "./proto-field.ts";

export interface GeminiReading extends Reading {
  readonly framing: "sse" | "json-array";
  readonly showsThoughts: boolean;
  /** Of the prompt: what an explicit cache holds. */
  readonly cachedTokens: number;
}

export const geminiWire: GenerationWire<GeminiReading> = {
  read: readContents,
  compose: composeContent,
  failure: geminiFailure,
};

export const GEMINI_CALL_PATH = /^\/v1(?:beta)?\/models\/([^/]+):(generateContent|streamGenerateContent|countTokens)$/;

function readContents(request: FakeRequest, world: FakeWorld): GeminiReading {
  const { id, model, method } = modelOf(request, world);
  const { body, cachedTokens } = withCachedContent(request.body, id, world);
  checkGeminiRequest(body, model, world);
  const config = objectOf(protoField(body, "generationConfig"));
  const thinking = objectOf(protoField(config, "thinkingConfig"));
  return {
    model: id,
    stream: method === "streamGenerateContent",
    framing: request.query.get("alt") === "sse" ? "sse" : "json-array",
    showsThoughts: protoField(thinking, "includeThoughts") === true,
    cachedTokens,
    question: questionOf(body, id, thinksOf(model, thinking)),
  };
}

function modelOf(
  request: FakeRequest,
  world: FakeWorld,
): { readonly id: string; readonly model: FakeModel; readonly method: string } {
  const [, name = "", method = ""] = GEMINI_CALL_PATH.exec(request.path) ?? [];
  const id = decodeURIComponent(name);
  const model = world.model(id);
  if (model === undefined) throw unknownGeminiModel(id, method === "countTokens" ? "countTokens" : "generateContent");
  return { id, model, method };
}

export function unknownGeminiModel(id: string, method: string) {
  return geminiError(
    `models/${id} is not found for API version v1beta, or is not supported for ${method}. Call ListModels to see the list of available models and their supported methods.`,
    404,
  );
}

function thinksOf(model: FakeModel, thinking: JsonObject): boolean {
  const budget = numberOf(protoField(thinking, "thinkingBudget"));
  if (budget === 0 && model.reasoning !== "always") return false;
  const asked = Object.keys(thinking).length > 0;
  return model.reasoning === "always" || (asked && model.reasoning === "on-request");
}

/** POST …:countTokens */
export function countGeminiTokens(request: FakeRequest, world: FakeWorld): Delivery {
  modelOf(request, world);
  const { body } = request;
  const counted =
    protoField(body, "generateContentRequest") === undefined ? body : objectOf(protoField(body, "generateContentRequest"));
  if (objectsOf(counted.contents).length === 0) throw geminiError("* CountTokensRequest.contents: contents is not specified\n");
  const tokens = countTokens(promptOf(counted));
  return { reply: jsonReply(200, { totalTokens: tokens, promptTokensDetails: [{ modality: "TEXT", tokenCount: tokens }] }) };
}

function promptOf(body: JsonObject): readonly string[] {
  const system = objectsOf(objectOf(protoField(body, "systemInstruction")).parts).map(partText);
  const turns = objectsOf(body.contents).map((turn) => [stringOf(turn.role), ...objectsOf(turn.parts).map(partText)].join(" "));
  return [...objectsOf(body.tools).map((tool) => JSON.stringify(tool)), ...system, ...turns].filter(Boolean);
}

function partText(part: JsonObject): string {
  return typeof part.text === "string" ? part.text : JSON.stringify(part);
}

function questionOf(body: JsonObject, model: string, reasoning: boolean): Question {
  const contents = objectsOf(body.contents);
  const config = objectOf(protoField(body, "generationConfig"));
  const spoken = contents.findLastIndex((turn) => turn.role !== "model" && responsesOf(turn).length === 0);
  const results = contents.slice(spoken + 1).flatMap(responsesOf);
  const parts = objectsOf(contents[spoken]?.parts);
  const wantsJson = protoField(config, "responseMimeType") === "application/json";
  return {
    model,
    prompt: promptOf(body),
    lastUserText: parts
      .map((part) => stringOf(part.text))
      .filter(Boolean)
      .join("\n"),
    tools: toolsOf(body),
    toolChoice: toolChoiceOf(body),
    parallelToolCalls: true,
    toolResults: results.map((part) => {
      const { name, response } = objectOf(protoField(part, "functionResponse"));
      return { name: stringOf(name), text: responseText(objectOf(response)) };
    }),
    schema: wantsJson ? objectOf(protoField(config, "responseJsonSchema") ?? protoField(config, "responseSchema")) : undefined,
    media: parts.flatMap(mediaOf),
    reasoning,
    outputTokensMax: numberOf(protoField(config, "maxOutputTokens")),
    stopSequences: stringsOf(protoField(config, "stopSequences")),
  };
}

function responseText(response: JsonObject): string {
  const { output } = response;
  if (typeof output === "string") return output;
  return JSON.stringify(output ?? response);
}

function toolsOf(body: JsonObject): readonly OfferedTool[] {
  return objectsOf(body.tools).flatMap((tool) =>
    objectsOf(protoField(tool, "functionDeclarations")).map((declaration) => ({
      name: stringOf(declaration.name),
      parameters: objectOf(protoField(declaration, "parametersJsonSchema") ?? declaration.parameters),
    })),
  );
}

function toolChoiceOf(body: JsonObject): Question["toolChoice"] {
  const config = objectOf(protoField(objectOf(protoField(body, "toolConfig")), "functionCallingConfig"));
  const [allowed, second] = stringsOf(protoField(config, "allowedFunctionNames"));
  if (config.mode === "NONE") return "none";
  if (config.mode !== "ANY") return "auto";
  return allowed === undefined || second !== undefined ? "required" : { tool: allowed };
}

function mediaOf(part: JsonObject): readonly SeenMedia[] {
  const inline = objectOf(protoField(part, "inlineData"));
  const file = objectOf(protoField(part, "fileData"));
  if (inline.data !== undefined) return [seenBase64(stringOf(protoField(inline, "mimeType")), stringOf(inline.data))];
  const uri = stringOf(protoField(file, "fileUri"));
  return uri === "" ? [] : [{ mediaType: stringOf(protoField(file, "mimeType")) || "file", url: uri }];
}

const FINISH_REASONS: Readonly<Record<Answer["finish"], string>> = {
  stop: "STOP",
  "stop-sequence": "STOP",
  "tool-calls": "STOP",
  length: "MAX_TOKENS",
  refusal: "SAFETY",
};

function composeContent(read: GeminiReading, answer: Answer, world: FakeWorld): Composed {
  const usageMetadata = usageOf(read, answer, world);
  const tail = { usageMetadata, modelVersion: read.model, responseId: world.id("", 22) };
  const parts = answer.finish === "refusal" ? [] : partsOf(read, answer, world);
  const finishReason = FINISH_REASONS[answer.finish];
  const body = answer.finish === "refusal" ? { promptFeedback: BLOCKED, ...tail } : wholeBody(parts, finishReason, tail);
  const chunks = answer.finish === "refusal" ? [end(write(body))] : contentChunks(parts, finishReason, tail);
  const failed = geminiErrorBody(
    500,
    "An internal error has occurred. Please retry or report in https://developers.generativeai.google/guide/troubleshooting",
  );
  return {
    headers: { "server-timing": "gfet4t7; dur=12" },
    streamContentType: read.framing === "sse" ? "text/event-stream" : "application/json; charset=UTF-8",
    body,
    frames: read.framing === "sse" ? chunks.map(asSse) : asJsonArray(chunks),
    malformedFrame:
      read.framing === "sse"
        ? 'data: {"candidates": [{"content": {"parts": [{"text": "half\n\n'
        : ',\r\n{"candidates": [{"content": ]',
    errorFrame: read.framing === "sse" ? sse(failed) : `,\r\n${write(failed)}\n]`,
    errorBody: failed,
  };
}

const BLOCKED: JsonObject = {
  blockReason: "PROHIBITED_CONTENT",
  safetyRatings: [{ category: "HARM_CATEGORY_HATE_SPEECH", probability: "HIGH" }],
};

function wholeBody(parts: readonly JsonObject[], finishReason: string, tail: JsonObject): JsonObject {
  return { candidates: [{ content: { parts, role: "model" }, finishReason, index: 0 }], ...tail };
}

/** Thoughts where they were asked for; then text or calls, of which the first carries the signature. */
function partsOf(read: GeminiReading, answer: Answer, world: FakeWorld): readonly JsonObject[] {
  const signature = answer.reasoning === undefined ? {} : { thoughtSignature: world.seal(answer.reasoning) };
  const thoughts = answer.reasoning !== undefined && read.showsThoughts ? [{ text: answer.reasoning, thought: true }] : [];
  const calls = answer.toolCalls.map((call, index) => ({
    functionCall: { name: call.name, args: call.arguments, ...(isThird(read.model) ? { id: world.id("", 8) } : {}) },
    ...(index === 0 ? signature : {}),
  }));
  const said = calls.length > 0 || answer.text === "" ? [] : [{ text: answer.text, ...signature }];
  return [...thoughts, ...said, ...calls];
}

function usageOf(read: GeminiReading, answer: Answer, world: FakeWorld): JsonObject {
  const promptTokens = countTokens(read.question.prompt);
  const cached = Math.max(read.cachedTokens, world.memory.read(read.model, read.question.prompt));
  return {
    promptTokenCount: promptTokens,
    candidatesTokenCount: answer.outputTokens - answer.reasoningTokens,
    totalTokenCount: promptTokens + answer.outputTokens,
    ...(cached > 0 ? { cachedContentTokenCount: cached } : {}),
    promptTokensDetails: [{ modality: "TEXT", tokenCount: promptTokens }],
    ...(answer.reasoningTokens > 0 ? { thoughtsTokenCount: answer.reasoningTokens } : {}),
  };
}

/** Pieces of text, whole calls; a signature of text comes in a last, empty part of its own. */
function contentChunks(parts: readonly JsonObject[], finishReason: string, tail: JsonObject): readonly Frame[] {
  const pieces = parts.flatMap((part) => {
    if (typeof part.text !== "string") return [part];
    const { text, thoughtSignature, ...rest } = part;
    const spoken: JsonObject[] = textPieces(text).map((piece) => ({ ...rest, text: piece }));
    return thoughtSignature === undefined ? spoken : [...spoken, { text: "", thoughtSignature }];
  });
  const chunk = (part: JsonObject, more: JsonObject) =>
    write({ candidates: [{ content: { parts: [part], role: "model" }, ...more, index: 0 }], ...tail });
  return [...pieces.map((part) => content(chunk(part, {}))), end(chunk({ text: "" }, { finishReason }))];
}

function write(value: JsonObject): string {
  return JSON.stringify(value);
}

function asSse(frame: Frame): Frame {
  return { ...frame, text: `data: ${frame.text}\n\n` };
}

/** One array over the whole stream, in the service's spacing. */
function asJsonArray(chunks: readonly Frame[]): readonly Frame[] {
  const items = chunks.map((frame, index) => ({ ...frame, text: `${index === 0 ? "[" : ",\r\n"}${frame.text}\n` }));
  return [...items, end("]")];
}

/** The row of `GET /v1beta/models`. */
export function geminiModelRow(model: FakeModel): JsonObject {
  return {
    name: `models/${model.id}`,
    version: "001",
    displayName: model.id,
    description: "A fake model",
    inputTokenLimit: model.contextTokens,
    outputTokenLimit: 65_536,
    supportedGenerationMethods: ["generateContent", "countTokens"],
    thinking: model.reasoning !== "no",
  };
}
