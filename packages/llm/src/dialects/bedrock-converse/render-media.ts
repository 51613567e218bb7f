/** Images, documents, videos and sound as blocks: by bytes, or by a place in a bucket. */
import type { JsonObject } from "../../json.ts";
import type { AudioPart, FilePart, ImagePart, MediaSource } from "../../message.ts";
import { formatOf, type MediaKind } from "./media-formats.ts";
import { lossy, type Rendering, unsupported } from "./rendering.ts";
import { S3, vendorDataOf } from "./vendor-data.ts";

type MediaPart = ImagePart | AudioPart | FilePart;

/** `{ image }`, `{ document }`, `{ video }` or `{ audio }`; undefined, with a warning, for what the wire does not take. */
export function renderMedia(rendering: Rendering, part: MediaPart, path: string): JsonObject | undefined {
  if (part.type === "image" && part.detail !== undefined && part.detail !== "auto") {
    unsupported(rendering, `${path}.detail`, "the wire has no detail of images; it was left out");
  }
  const kind = kindOf(part);
  const format = formatOf(kind, part.mediaType) ?? plainTextFormat(rendering, kind, part, path);
  if (format === undefined) {
    return unsupported(
      rendering,
      path,
      `${part.mediaType ?? "an unnamed type"} is no ${kind} that Bedrock takes; it was left out`,
    );
  }
  if (part.type === "file" && kind === "document") return renderDocument(rendering, part, format, path);
  const source = renderSource(rendering, part, path);
  return source && { [kind]: { format, source, ...vendorDataOf(part).fields } };
}

function kindOf(part: MediaPart): MediaKind {
  if (part.type !== "file") return part.type;
  if (part.mediaType.startsWith("video/")) return "video";
  if (part.mediaType.startsWith("audio/")) return "audio";
  return part.mediaType.startsWith("image/") ? "image" : "document";
}

const TEXT_TYPES = /^(?:text\/|application\/(?:json|xml|yaml|x-yaml|javascript|toml)$)/;

/** Text of any kind can be read as text. */
function plainTextFormat(rendering: Rendering, kind: MediaKind, { mediaType = "" }: MediaPart, path: string): string | undefined {
  if (kind !== "document" || !TEXT_TYPES.test(mediaType)) return undefined;
  lossy(rendering, `${path}.mediaType`, `${mediaType} went over as plain text`);
  return "txt";
}

function renderDocument(rendering: Rendering, part: FilePart, format: string, path: string): JsonObject | undefined {
  const { fields, plainText } = vendorDataOf(part);
  const source =
    plainText === true && part.source.type === "data"
      ? { text: Buffer.from(part.source.data, "base64").toString("utf8") }
      : renderSource(rendering, part, path);
  if (source === undefined) return undefined;
  const name = rendering.documentNames.next(part.name);
  if (part.name !== undefined && part.name !== name) {
    lossy(rendering, `${path}.name`, `names hold letters, digits, single spaces, hyphens and brackets; it went as ${name}`);
  }
  return { document: { format, name, source, ...fields } };
}

function renderSource(rendering: Rendering, part: MediaPart, path: string): JsonObject | undefined {
  const { source } = part;
  if (source.type === "data") return { bytes: source.data };
  const uri = bucketPlace(source);
  if (uri !== undefined) {
    const { bucketOwner } = vendorDataOf(part);
    return { s3Location: { uri, ...(bucketOwner === undefined ? {} : { bucketOwner }) } };
  }
  const what = source.type === "url" ? "a web address" : `a file kept by ${source.provider}`;
  return unsupported(rendering, path, `Bedrock reads no ${what}, only bytes and s3:// places; it was left out`);
}

function bucketPlace(source: MediaSource): string | undefined {
  if (source.type === "url") return source.url.startsWith("s3://") ? source.url : undefined;
  return source.type === "reference" && (source.provider === S3 || source.id.startsWith("s3://")) ? source.id : undefined;
}
