/** One reader for each kind of step: what it starts with, its pieces, its end. A step that came whole has no pieces. */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { StreamWriter } from "../stream-writer.ts";
import { sourcesOf, summaryText } from "./citations.ts";
import { fieldsBeyond, objectOf, objectsOf, textIn, wordOf } from "./fields.ts";
import { parseMedia } from "./media.ts";
import { GEMINI_INTERACTIONS, vendorDataOf } from "./vendor-data.ts";

export interface StepReader {
  start(step: JsonObject): void;
  delta(delta: JsonObject): void;
  stop(): void;
}

export interface StepPlace {
  readonly writer: StreamWriter;
  /** Unlike that of any other step of the answer. */
  readonly key: string;
  /** Counts a call; makes up the id that it lacks. */
  readonly idOfCall: (given: unknown) => string;
}

/** Blocks of content; the older form has them where a step stands now. */
export const CONTENT_TYPES: ReadonlySet<unknown> = new Set(["text", "image", "audio", "video", "document"]);

/** What was asked, repeated. */
const ASKED: ReadonlySet<unknown> = new Set(["user_input", "function_result"]);

export function createStepReader(step: JsonObject, place: StepPlace): StepReader | undefined {
  if (ASKED.has(step.type)) return undefined;
  if (step.type === "model_output" || CONTENT_TYPES.has(step.type)) return new OutputReader(place);
  if (step.type === "thought") return new ThoughtReader(place);
  if (step.type === "function_call") return new CallReader(place);
  return new OpaqueReader(place);
}

/** The step that a piece belongs to, where none was started. */
export function deltaOpens(delta: JsonObject): string {
  const type = textIn(delta.type);
  if (type === "thought_summary" || type === "thought_signature") return "thought";
  if (type === "arguments_delta") return "function_call";
  return CONTENT_TYPES.has(type) || type === "text_annotation_delta" ? "model_output" : type;
}

const TEXT_FIELDS: ReadonlySet<string> = new Set(["type", "text", "annotations"]);

/** Texts with their citations, and media between them. */
class OutputReader implements StepReader {
  readonly #place: StepPlace;
  #texts = 0;
  #isOpen = false;
  #annotations: JsonObject[] = [];
  #fields: JsonObject = {};
  #sound: JsonObject[] = [];

  constructor(place: StepPlace) {
    this.#place = place;
  }

  start(step: JsonObject): void {
    const blocks = step.type === "model_output" ? objectsOf(step.content) : [step];
    for (const block of blocks) {
      if (block.type === "text") this.#closeText();
      this.delta(block);
    }
  }

  delta(delta: JsonObject): void {
    if (delta.type === "text") this.#text(delta);
    else if (delta.type === "text_annotation_delta") this.#annotations.push(...objectsOf(delta.annotations));
    else if (delta.type === "audio" && wordOf(delta.data) !== undefined) this.#audio(delta);
    else this.#whole(delta);
  }

  stop(): void {
    this.#closeSound();
    this.#closeText();
  }

  #text(block: JsonObject): void {
    this.#closeSound();
    this.#isOpen = true;
    this.#place.writer.delta("text", this.#key, textIn(block.text));
    this.#annotations.push(...objectsOf(block.annotations));
    this.#fields = { ...this.#fields, ...fieldsBeyond(block, TEXT_FIELDS) };
  }

  /** Pieces of sound that follow one another are one recording. */
  #audio(block: JsonObject): void {
    this.#closeText();
    if (this.#sound[0]?.mime_type !== block.mime_type) this.#closeSound();
    this.#sound.push(block);
  }

  #whole(block: JsonObject): void {
    this.stop();
    const media = parseMedia(block);
    // What is new is kept as the step that it would be alone.
    const value = { type: "model_output", content: [block] };
    this.#place.writer.part(media ?? { type: "opaque", dialect: GEMINI_INTERACTIONS, kind: textIn(block.type), value });
  }

  #closeSound(): void {
    const [first, ...more] = this.#sound;
    this.#sound = [];
    if (first === undefined) return;
    const pieces = [first, ...more].map(({ data }) => Buffer.from(textIn(data), "base64"));
    const whole = more.length === 0 ? first : { ...first, data: Buffer.concat(pieces).toString("base64") };
    const media = parseMedia(whole);
    if (media !== undefined) this.#place.writer.part(media);
  }

  #closeText(): void {
    const annotations = this.#annotations;
    const fields = this.#fields;
    this.#annotations = [];
    this.#fields = {};
    // Citations of a text that never came still name their sources.
    if (!this.#isOpen && annotations.length > 0) this.#text({ text: "" });
    if (this.#isOpen) {
      const vendor = vendorDataOf({ ...fields, ...(annotations.length === 0 ? {} : { annotations }) });
      if (vendor !== undefined) this.#place.writer.vendor(this.#key, vendor);
      this.#place.writer.end(this.#key);
      this.#isOpen = false;
      this.#texts++;
    }
    for (const source of sourcesOf(annotations)) this.#place.writer.part(source);
  }

  get #key(): string {
    return `${this.#place.key}.${this.#texts}`;
  }
}

const THOUGHT_FIELDS: ReadonlySet<string> = new Set(["type", "summary", "signature"]);

class ThoughtReader implements StepReader {
  readonly #place: StepPlace;
  #summary: JsonObject[] = [];
  #signature: string | undefined;
  #fields: JsonObject = {};

  constructor(place: StepPlace) {
    this.#place = place;
  }

  start(step: JsonObject): void {
    this.#fields = fieldsBeyond(step, THOUGHT_FIELDS);
    this.#signature = wordOf(step.signature);
    this.#say(objectsOf(step.summary));
  }

  delta(delta: JsonObject): void {
    // An empty signature says that there is none yet.
    if (delta.type === "thought_signature") this.#signature = wordOf(delta.signature) ?? this.#signature;
    else if (isJsonObject(delta.content)) this.#say([delta.content]);
  }

  stop(): void {
    const { writer, key } = this.#place;
    const hasMore = this.#summary.some(({ type }) => type !== "text");
    const vendor = vendorDataOf({
      ...this.#fields,
      ...(this.#signature === undefined ? {} : { signature: this.#signature }),
      ...(hasMore ? { summary: this.#summary } : {}),
    });
    if (vendor !== undefined) writer.vendor(key, vendor);
    writer.end(key);
  }

  #say(contents: readonly JsonObject[]): void {
    this.#summary.push(...contents);
    this.#place.writer.delta("reasoning", this.#place.key, summaryText(contents));
  }
}

const CALL_FIELDS: ReadonlySet<string> = new Set(["type", "id", "name", "arguments"]);

/** A call opens once its name is known: at its start, or in the older form's only piece. */
class CallReader implements StepReader {
  readonly #place: StepPlace;
  #step: JsonObject = {};
  #isOpen = false;
  #hasPieces = false;

  constructor(place: StepPlace) {
    this.#place = place;
  }

  start(step: JsonObject): void {
    this.#step = step;
    if (wordOf(step.name) !== undefined) this.#open();
  }

  delta(delta: JsonObject): void {
    if (delta.type !== "arguments_delta") {
      this.#step = { ...this.#step, ...fieldsBeyond(delta, new Set(["type"])) };
      return;
    }
    this.#open();
    this.#hasPieces = true;
    this.#place.writer.toolCallDelta(this.#place.key, argumentsText(delta.arguments));
  }

  stop(): void {
    const { writer, key } = this.#place;
    this.#open();
    if (!this.#hasPieces) writer.toolCallDelta(key, argumentsText(this.#step.arguments));
    const vendor = vendorDataOf(fieldsBeyond(this.#step, CALL_FIELDS));
    if (vendor !== undefined) writer.vendor(key, vendor);
    writer.end(key);
  }

  #open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    const { writer, key, idOfCall } = this.#place;
    writer.toolCall(key, idOfCall(this.#step.id), textIn(this.#step.name));
  }
}

function argumentsText(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  return isJsonObject(value) && Object.keys(value).length === 0 ? "" : JSON.stringify(value);
}

/** The vendor's own work (a search, a run of code) and whatever comes to be: kept whole. */
class OpaqueReader implements StepReader {
  readonly #place: StepPlace;
  #step: JsonObject = {};

  constructor(place: StepPlace) {
    this.#place = place;
  }

  start(step: JsonObject): void {
    this.#step = step;
  }

  /** Lists grow, everything else is said anew. */
  delta(delta: JsonObject): void {
    const grown = Object.entries(objectOf(delta)).map(([name, value]): [string, JsonValue | undefined] => {
      const before = this.#step[name];
      if (name === "type") return [name, before ?? value];
      return [name, Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value];
    });
    this.#step = { ...this.#step, ...Object.fromEntries(grown) };
  }

  stop(): void {
    const kind = textIn(this.#step.type);
    this.#place.writer.part({ type: "opaque", dialect: GEMINI_INTERACTIONS, kind, value: this.#step });
  }
}
