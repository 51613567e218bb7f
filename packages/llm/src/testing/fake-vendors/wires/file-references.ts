/** Files that a request names by id, put in by value before a wire reads it: the mind sees what was uploaded. */
import { isJsonObject, type JsonObject, type JsonValue } from "../../../json.ts";
import { objectOf, stringOf } from "../json-reading.ts";
import type { FakeRequest, Refusal } from "../reply.ts";
import type { StoredFile } from "../stored-file.ts";
import type { Route } from "../vendor-definition.ts";
import type { FakeWorld } from "../world.ts";

/** The part with its file by value; undefined for a part that names none. Throws a Refusal for a file that is not there. */
export type ResolvePart = (part: JsonObject, world: FakeWorld, request: FakeRequest) => JsonObject | undefined;

export function withFiles(handle: Route["handle"], resolve: ResolvePart): Route["handle"] {
  return (request, world) => {
    const body = replaced(request.body, (part) => resolve(part, world, request));
    return handle({ ...request, body: objectOf(body) }, world);
  };
}

function replaced(value: JsonValue, resolve: (part: JsonObject) => JsonObject | undefined): JsonValue {
  if (Array.isArray(value)) return value.map((item: JsonValue) => replaced(item, resolve));
  if (!isJsonObject(value)) return value;
  const whole = resolve(value);
  if (whole !== undefined) return whole;
  const entries = Object.entries(value).map(([key, inner]) => [key, inner === undefined ? inner : replaced(inner, resolve)]);
  return Object.fromEntries(entries);
}

function base64(file: StoredFile): string {
  return Buffer.from(file.data).toString("base64");
}

function dataUrl(file: StoredFile): string {
  return `data:${file.mediaType};base64,${base64(file)}`;
}

function stored(id: string, world: FakeWorld, missing: (id: string) => Refusal): StoredFile {
  const file = world.files.get(id);
  if (file === undefined) throw missing(id);
  return file;
}

/** `file_id` of both of OpenAI's wires. */
export function openAiFileParts(missing: (id: string) => Refusal): ResolvePart {
  return (part, world) => {
    const { file_id: id, ...rest } = part;
    if (part.type === "input_image" && typeof id === "string") {
      return { ...rest, image_url: dataUrl(stored(id, world, missing)) };
    }
    if (part.type === "input_file" && typeof id === "string") {
      return { ...rest, file_data: dataUrl(stored(id, world, missing)) };
    }
    const { file_id: nested, ...file } = objectOf(part.file);
    if (part.type !== "file" || typeof nested !== "string") return undefined;
    return { ...part, file: { ...file, file_data: dataUrl(stored(nested, world, missing)) } };
  };
}

/** Without its beta header, Anthropic knows no such source. */
export function anthropicFileParts(missing: (id: string) => Refusal, noBeta: () => Refusal): ResolvePart {
  return (part, world, request) => {
    if (part.type !== "file" || typeof part.file_id !== "string") return undefined;
    if (!(request.headers["anthropic-beta"] ?? "").includes("files-api-2025-04-14")) throw noBeta();
    const file = stored(part.file_id, world, missing);
    return { type: "base64", media_type: file.mediaType, data: base64(file) };
  };
}

export function geminiFileParts(missing: (id: string) => Refusal): ResolvePart {
  return (part, world) => {
    const uri = stringOf(objectOf(part.fileData).fileUri);
    const name = /\/(files\/[a-z0-9-]+)$/.exec(uri)?.[1];
    if (name === undefined) return undefined;
    const { fileData: _reference, ...rest } = part;
    const file = stored(name, world, missing);
    return { ...rest, inlineData: { mimeType: file.mediaType, data: base64(file) } };
  };
}

/** Mistral reads only documents by id. */
export function mistralFileParts(missing: (id: string) => Refusal): ResolvePart {
  return (part, world) => {
    if (part.type !== "file" || typeof part.file_id !== "string") return undefined;
    return { type: "document_url", document_url: dataUrl(stored(part.file_id, world, missing)) };
  };
}

export function moonshotFileParts(missing: (id: string) => Refusal): ResolvePart {
  return (part, world) => {
    const url = stringOf(objectOf(part.image_url).url);
    if (!url.startsWith("ms://")) return undefined;
    return { ...part, image_url: { url: dataUrl(stored(url.slice("ms://".length), world, missing)) } };
  };
}
