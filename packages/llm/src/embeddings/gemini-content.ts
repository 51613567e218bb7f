/** An input of Gemini's embeddings as `parts`, both ways, and the task types. */
import { invalidField, readArray, readObject, readString } from "../dialects/wire-reader.ts";
import type { EmbeddingInput, EmbeddingPurpose } from "../embedding.ts";
import { DragomanError } from "../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { ImagePart, TextPart } from "../message.ts";

export const TASK_TYPES: Readonly<Record<EmbeddingPurpose, string>> = {
  query: "RETRIEVAL_QUERY",
  document: "RETRIEVAL_DOCUMENT",
  similarity: "SEMANTIC_SIMILARITY",
  classification: "CLASSIFICATION",
  clustering: "CLUSTERING",
  "code-query": "CODE_RETRIEVAL_QUERY",
  "fact-check": "FACT_VERIFICATION",
};

/** Throws `unsupported` for an image that neither is here nor lies where the vendor looks. */
export function contentParts(input: EmbeddingInput): readonly JsonObject[] {
  if (typeof input === "string") return [{ text: input }];
  return input.map((part) => (part.type === "text" ? { text: part.text } : imagePart(part)));
}

function imagePart({ source, mediaType }: ImagePart): JsonObject {
  if (source.type === "data") return { inlineData: { mimeType: mediaType ?? "image/png", data: source.data } };
  if (source.type === "reference")
    return { fileData: { fileUri: source.id, ...(mediaType === undefined ? {} : { mimeType: mediaType }) } };
  if (source.url.startsWith("gs://")) return { fileData: { fileUri: source.url, mimeType: mediaType ?? "image/png" } };
  throw new DragomanError({
    code: "unsupported",
    field: "inputs",
    detail: "Gemini fetches no image from an address to embed it",
    advice: "give the image as data",
  });
}

/** A client's content: its one text, or its parts. Throws `invalid_request` with the field's path. */
export function readContent(value: JsonValue | undefined, path: string): EmbeddingInput {
  const content = typeof value === "string" ? { parts: [{ text: value }] } : readObject(value, path);
  const given = isJsonObject(content.parts) ? [content.parts] : readArray(content.parts, `${path}.parts`);
  const parts = given.map((part, index) => readPart(part, `${path}.parts[${index}]`));
  const [only] = parts;
  return parts.length === 1 && only?.type === "text" ? only.text : parts;
}

function readPart(value: JsonValue, path: string): TextPart | ImagePart {
  const part = readObject(value, path);
  if (part.text !== undefined) return { type: "text", text: readString(part.text, `${path}.text`) };
  const inline = part.inlineData ?? part.inline_data;
  if (inline === undefined) throw invalidField(path, `${path} is neither a text nor an image`);
  const { mimeType, mime_type, data } = readObject(inline, `${path}.inlineData`);
  const mediaType = readString(mimeType ?? mime_type, `${path}.inlineData.mimeType`);
  if (!mediaType.startsWith("image/")) throw invalidField(path, `${path} is ${mediaType}; texts and images are embedded here`);
  return { type: "image", source: { type: "data", data: readString(data, `${path}.inlineData.data`) }, mediaType };
}
