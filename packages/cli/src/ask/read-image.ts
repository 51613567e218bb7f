import { open } from "node:fs/promises";
import { DragomanError, type ImagePart } from "@dragoman/llm";

/** Bytes. The least that a vendor of ours takes is 5 MiB; the vendor says so itself. */
const IMAGE_BYTES_MAX = 20 * 1024 * 1024;

/** First bytes of files, in Latin-1, from their specifications. */
const SIGNATURES: readonly { readonly mediaType: string; readonly pattern: RegExp }[] = [
  // biome-ignore lint/suspicious/noControlCharactersInRegex: PNG's own signature
  { mediaType: "image/png", pattern: /^\x89PNG\r\n\x1a\n/ },
  { mediaType: "image/jpeg", pattern: /^\xff\xd8\xff/ },
  { mediaType: "image/gif", pattern: /^GIF8[79]a/ },
  { mediaType: "image/webp", pattern: /^RIFF[\s\S]{4}WEBP/ },
  { mediaType: "image/avif", pattern: /^[\s\S]{4}ftypavi[fs]/ },
  { mediaType: "image/heic", pattern: /^[\s\S]{4}ftyp(heic|heix|hevc|mif1|msf1)/ },
  { mediaType: "image/bmp", pattern: /^BM[\s\S]{4}\0\0\0\0/ },
  { mediaType: "image/tiff", pattern: /^(II\*\0|MM\0\*)/ },
];

/** An image by its address, or from a file, its type told by its first bytes. Throws `invalid_request` when it is none. */
export async function readImage(fileOrUrl: string): Promise<ImagePart> {
  if (/^https?:\/\//i.test(fileOrUrl)) return { type: "image", source: { type: "url", url: fileOrUrl } };
  const bytes = await readBounded(fileOrUrl);
  const mediaType = imageTypeOf(bytes);
  if (mediaType === undefined) {
    throw new DragomanError({
      code: "invalid_request",
      detail: `${fileOrUrl} is no image: ${beginning(bytes)}`,
      advice: "give a PNG, JPEG, GIF or WebP file, or a URL; text goes in by the pipe",
    });
  }
  return { type: "image", mediaType, source: { type: "data", data: bytes.toString("base64") } };
}

export function imageTypeOf(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.subarray(0, 32)).toString("latin1");
  return SIGNATURES.find(({ pattern }) => pattern.test(start))?.mediaType;
}

function beginning(bytes: Buffer): string {
  if (bytes.length === 0) return "the file is empty";
  if (bytes.subarray(0, 5).toString("latin1") === "%PDF-") return "it is a PDF";
  return `it begins with ${JSON.stringify(bytes.subarray(0, 16).toString("latin1"))}`;
}

/** Never more than the limit, also of a device or of a file that grows. */
async function readBounded(file: string): Promise<Buffer> {
  try {
    await using handle = await open(file, "r");
    const buffer = Buffer.alloc(Math.min((await handle.stat()).size, IMAGE_BYTES_MAX) + 1);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
    if (bytesRead <= IMAGE_BYTES_MAX) return buffer.subarray(0, bytesRead);
  } catch (error) {
    throw new DragomanError({
      code: "invalid_request",
      detail: `the image ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      advice: "check the path",
      cause: error,
    });
  }
  throw new DragomanError({
    code: "invalid_request",
    detail: `the image ${file} is larger than ${IMAGE_BYTES_MAX / 1024 / 1024} MiB`,
    advice: "make it smaller",
  });
}
