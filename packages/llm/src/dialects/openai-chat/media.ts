/** Media in this wire's forms: `data:` URLs, plain addresses, file ids, and audio by its format's name. */
import type { MediaSource } from "../../message.ts";

/** A `data:` URL taken apart (RFC 2397). Undefined for any other URL and for data that is not base64. */
export function parseDataUrl(url: string): { readonly mediaType: string | undefined; readonly data: string } | undefined {
  if (!url.startsWith("data:")) return undefined;
  const comma = url.indexOf(",");
  const head = comma < 0 ? "" : url.slice("data:".length, comma);
  if (!head.endsWith(";base64")) return undefined;
  const mediaType = head.slice(0, -";base64".length).split(";")[0];
  return { mediaType: mediaType === "" ? undefined : mediaType, data: url.slice(comma + 1) };
}

export function parseMediaUrl(url: string): { readonly source: MediaSource; readonly mediaType: string | undefined } {
  const parsed = parseDataUrl(url);
  if (parsed === undefined) return { source: { type: "url", url }, mediaType: undefined };
  return { source: { type: "data", data: parsed.data }, mediaType: parsed.mediaType };
}

export function dataUrl(mediaType: string, data: string): string {
  return `data:${mediaType};base64,${data}`;
}

const AUDIO_TYPES: ReadonlyMap<string, string> = new Map([
  ["wav", "audio/wav"],
  ["mp3", "audio/mpeg"],
  ["flac", "audio/flac"],
  ["ogg", "audio/ogg"],
  ["opus", "audio/opus"],
  ["aac", "audio/aac"],
  ["m4a", "audio/mp4"],
  ["webm", "audio/webm"],
  ["pcm16", "audio/pcm"],
]);

const AUDIO_FORMATS: ReadonlyMap<string, string> = new Map([
  ...[...AUDIO_TYPES].map(([format, type]): [string, string] => [type, format]),
  ["audio/x-wav", "wav"],
  ["audio/wave", "wav"],
  ["audio/vnd.wave", "wav"],
  ["audio/mp3", "mp3"],
  ["audio/x-flac", "flac"],
  ["audio/x-m4a", "m4a"],
]);

export function audioTypeOf(format: string): string {
  return AUDIO_TYPES.get(format) ?? `audio/${format}`;
}

/** The format's name for a media type, or undefined for what is no audio. */
export function audioFormatOf(mediaType: string): string | undefined {
  const plain = mediaType.split(";")[0]?.trim().toLowerCase() ?? "";
  return AUDIO_FORMATS.get(plain) ?? (plain.startsWith("audio/") ? plain.slice("audio/".length) : undefined);
}

/** How containers begin, in base64: answers do not name their audio's format. */
const AUDIO_MAGIC: readonly (readonly [string, string])[] = [
  ["UklGR", "audio/wav"],
  ["SUQz", "audio/mpeg"],
  ["//", "audio/mpeg"],
  ["ZkxhQ", "audio/flac"],
  ["T2dnUw", "audio/ogg"],
];

/** The media type of an answer's audio; `audio/*` where its first bytes do not tell. */
export function sniffAudioType(base64: string): string {
  return AUDIO_MAGIC.find(([start]) => base64.startsWith(start))?.[1] ?? "audio/*";
}
