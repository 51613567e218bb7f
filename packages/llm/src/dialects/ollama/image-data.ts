/** Images on this wire are bare base64: no media type, no address. */
import type { ImagePart } from "../../message.ts";

/** First characters of the base64 of each format's magic number. */
const MAGIC: readonly (readonly [string, string])[] = [
  ["iVBORw0KGgo", "image/png"],
  ["/9j/", "image/jpeg"],
  ["R0lGOD", "image/gif"],
  ["UklGR", "image/webp"],
  ["Qk", "image/bmp"],
];

/** What the bytes say that they are; undefined when they say nothing we know. */
export function imageTypeOf(base64: string): string | undefined {
  return MAGIC.find(([start]) => base64.startsWith(start))?.[1];
}

/** Some clients leave the `data:` prefix on; it is taken off, its media type kept. */
export function parseImage(text: string): ImagePart {
  const prefix = /^data:([\w.+-]+\/[\w.+-]+)?[^,]{0,100},/.exec(text);
  const data = prefix === null ? text : text.slice(prefix[0].length);
  const mediaType = prefix?.[1] ?? imageTypeOf(data);
  return { type: "image", source: { type: "data", data }, ...(mediaType === undefined ? {} : { mediaType }) };
}
