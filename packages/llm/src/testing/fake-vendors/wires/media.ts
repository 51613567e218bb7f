/** What a model sees of media: its type and how many bytes, or where it lies. */
import type { SeenMedia } from "../brain.ts";

export function seenBase64(mediaType: string, base64: string): SeenMedia {
  return { mediaType, bytes: Buffer.from(base64, "base64").length };
}

/** A `data:` URL by its content, any other by its address. */
export function seenUrl(url: string): SeenMedia {
  const match = /^data:([^;,]+);base64,(.*)$/s.exec(url);
  return match?.[1] === undefined ? { mediaType: "image", url } : seenBase64(match[1], match[2] ?? "");
}
