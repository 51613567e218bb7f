/** What one server that follows OpenAI's chat wire does in its own way. */
import type { JsonObject } from "../../../json.ts";
import type { Answer } from "../brain.ts";
import type { FakeModel } from "../fake-model.ts";
import type { Composed, GenerationWire, Reading } from "../generate.ts";
import type { Refusal } from "../reply.ts";
import type { FakeWorld } from "../world.ts";

export interface ChatReading extends Reading {
  readonly body: JsonObject;
  readonly includeUsage: boolean;
}

export interface ChatFlavour {
  /** The name under which a model is looked up: routers append a partner, as in `org/name:fastest`. */
  modelName(id: string): string;
  missingModel(): Refusal;
  unknownModel(id: string): Refusal;
  /** Whether a model that always thinks was told not to. */
  reasoningOff(body: JsonObject): boolean;
  /** Whether a model that may think was asked to. */
  reasoningOn(body: JsonObject, model: FakeModel): boolean;
  /** The server's own refusals, after those that all share. Throws a Refusal. */
  check(body: JsonObject, model: FakeModel, reasoning: boolean): void;
  /** Where thoughts are shown; absent where they are hidden. */
  readonly reasoningField?: "reasoning_content" | "reasoning";
  /** How a refused answer looks: OpenAI's field, an empty answer with finish `content_filter`, or plain text. */
  readonly refusal: "field" | "filter" | "text";
  /** The finish word of a filtered answer. Default `content_filter`. */
  readonly filterWord?: string;
  /** For servers that refuse with an error. Throws a Refusal. */
  readonly refuse?: () => void;
  readonly answerIdPrefix: string;
  callId(toolName: string, index: number, world: FakeWorld): string;
  /** The usage fields beside the three totals. */
  usageDetails(cachedTokens: number, reasoningTokens: number): JsonObject;
  /** Fields beside the answer (timings, stats); in a stream on the last chunk. */
  extras(read: ChatReading, answer: Answer, usage: JsonObject): JsonObject;
  headers(world: FakeWorld): Record<string, string>;
  readonly streamContentType: string;
  readonly roleInEveryChunk: boolean;
  /** `usage: null` in the chunks before the last. */
  readonly nullUsageInChunks: boolean;
  /** Usage also inside the choice of the last chunk, asked for or not. */
  readonly usageInChoice: boolean;
  /** A comment of the event stream, sent first. */
  readonly comment?: string;
  /** What the server makes of an answer before it is written: thoughts left in the text, words repeated. */
  retell?(answer: Answer, read: ChatReading): Answer;
  /** The last hand on what was written: fields in other places, other words. */
  rework?(composed: Composed, read: ChatReading, answer: Answer, world: FakeWorld): Composed;
  readonly errorBody: JsonObject;
  readonly failure: GenerationWire<ChatReading>["failure"];
}
