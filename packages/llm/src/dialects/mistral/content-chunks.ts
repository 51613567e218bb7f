/**
 * The chunks of a user's, a system's and a tool's content, where Mistral writes them otherwise than the codec inside:
 * documents, files and audio flat; thinking in a system message, which tells Magistral the form of its thoughts.
 * Source: the types of @mistralai/mistralai, `ContentChunk` and `SystemMessageContentChunks`.
 */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import { contentPartsOf } from "../openai-chat/content-text.ts";
import { audioFormatOf, sniffAudioType } from "../openai-chat/media.ts";
import { readString } from "../wire-reader.ts";

/** Field under which a chunk that is text to everybody else stays with that text. */
const WHOLE_CHUNK = "mistral_chunk";

/** A message's content, or any other value, with the chunks of the codec inside in Mistral's form. */
export function renderChunks(content: JsonValue | undefined): JsonValue | undefined {
  return Array.isArray(content) ? content.map((chunk: JsonValue) => (isJsonObject(chunk) ? renderChunk(chunk) : chunk)) : content;
}

function renderChunk(chunk: JsonObject): JsonObject {
  const { type, file, input_audio: audio, [WHOLE_CHUNK]: whole, ...rest } = chunk;
  if (type === "file" && isJsonObject(file)) return { ...renderFile(file), ...rest };
  if (type === "input_audio" && isJsonObject(audio)) return { type, input_audio: audio.data, ...rest };
  return isJsonObject(whole) ? whole : chunk;
}

function renderFile(file: JsonObject): JsonObject {
  if (file.file_id !== undefined) return { type: "file", file_id: file.file_id };
  const name = file.filename === undefined ? {} : { document_name: file.filename };
  return { type: "document_url", document_url: file.file_data, ...name };
}

/** Mistral's chunks in the form of the codec inside, which checks the rest. Throws `invalid_request` with the field's path. */
export function parseChunks(content: JsonValue | undefined, path: string): JsonValue | undefined {
  if (!Array.isArray(content)) return content;
  return content.map((chunk: JsonValue, index) => (isJsonObject(chunk) ? parseChunk(chunk, `${path}[${index}]`) : chunk));
}

function parseChunk(chunk: JsonObject, path: string): JsonObject {
  // What a client calls so is none of ours.
  const { [WHOLE_CHUNK]: _foreign, ...known } = chunk;
  switch (chunk.type) {
    case "document_url": {
      const { document_url: url, document_name: name, ...rest } = known;
      const named = name === undefined || name === null ? {} : { filename: readString(name, `${path}.document_name`) };
      return { ...rest, type: "file", file: { file_data: readString(url, `${path}.document_url`), ...named } };
    }
    case "file": {
      const { file_id: id, file, ...rest } = known;
      return { ...rest, type: "file", file: file ?? { file_id: readString(id, `${path}.file_id`) } };
    }
    case "input_audio":
      return typeof chunk.input_audio === "string" ? { ...known, input_audio: parseAudio(chunk.input_audio) } : known;
    default:
      return known;
  }
}

/** The form of the data is told by its first bytes only. */
function parseAudio(data: string): JsonObject {
  const isAddress = data.includes(":");
  const format = isAddress ? undefined : audioFormatOf(sniffAudioType(data));
  return { data, ...(format === undefined || format === "*" ? {} : { format }) };
}

/** Thinking in a system message as text with the chunk beside it, so that it comes back as it was. */
export function parseSystemChunks(content: JsonValue | undefined, path: string): JsonValue | undefined {
  if (!Array.isArray(content)) return content;
  return content.map((chunk: JsonValue, index) => {
    if (!isJsonObject(chunk)) return chunk;
    if (chunk.type !== "thinking" || !Array.isArray(chunk.thinking)) return parseChunk(chunk, `${path}[${index}]`);
    const [thought] = contentPartsOf([chunk]).parts;
    return { type: "text", text: thought?.type === "reasoning" ? thought.text : "", [WHOLE_CHUNK]: chunk };
  });
}
