/** Media types and the short words that this wire has for them. Source: the enums of @aws-sdk/client-bedrock-runtime. */
export type MediaKind = "image" | "document" | "video" | "audio";

const FORMATS: Readonly<Record<MediaKind, Readonly<Record<string, string>>>> = {
  image: { png: "image/png", jpeg: "image/jpeg", gif: "image/gif", webp: "image/webp" },
  document: {
    pdf: "application/pdf",
    csv: "text/csv",
    doc: "application/msword",
    docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    xls: "application/vnd.ms-excel",
    xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    html: "text/html",
    txt: "text/plain",
    md: "text/markdown",
  },
  video: {
    mp4: "video/mp4",
    mov: "video/quicktime",
    mkv: "video/x-matroska",
    webm: "video/webm",
    flv: "video/x-flv",
    mpeg: "video/mpeg",
    mpg: "video/mpg",
    wmv: "video/x-ms-wmv",
    three_gp: "video/3gpp",
  },
  // `mpeg` and `mkv` are left to opaque blocks: no media type of their own tells them from mp3 and mka.
  audio: {
    mp3: "audio/mpeg",
    wav: "audio/wav",
    flac: "audio/flac",
    ogg: "audio/ogg",
    opus: "audio/opus",
    aac: "audio/aac",
    "x-aac": "audio/x-aac",
    m4a: "audio/x-m4a",
    mp4: "audio/mp4",
    mpga: "audio/mpga",
    mka: "audio/x-matroska",
    pcm: "audio/pcm",
    webm: "audio/webm",
  },
};

/** Other names under which a media type goes about. */
const SYNONYMS: Readonly<Record<string, string>> = {
  "image/jpg": "image/jpeg",
  "text/x-markdown": "text/markdown",
  "application/csv": "text/csv",
  "audio/mp3": "audio/mpeg",
  "audio/x-wav": "audio/wav",
  "audio/wave": "audio/wav",
  "audio/m4a": "audio/x-m4a",
};

/** Undefined for a media type that this kind of block does not take. */
export function formatOf(kind: MediaKind, mediaType: string | undefined): string | undefined {
  const plain = mediaType?.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  const wanted = SYNONYMS[plain] ?? plain;
  return Object.entries(FORMATS[kind]).find(([, type]) => type === wanted)?.[0];
}

/** Undefined for a word that the wire does not define. */
export function mediaTypeOf(kind: MediaKind, format: unknown): string | undefined {
  return typeof format === "string" && Object.hasOwn(FORMATS[kind], format) ? FORMATS[kind][format] : undefined;
}
