/**
 * Our transports ask for `identity`: a compressor in the way holds back the pieces of a stream, and small answers cost
 * more time to unpack than they save on the wire. Some servers compress all the same; that is undone.
 */

/** Asks for an uncompressed answer, unless the caller asked for something. */
export function withIdentityEncoding(headers: Readonly<Record<string, string>>): Record<string, string> {
  for (const name in headers) if (name.toLowerCase() === "accept-encoding") return headers;
  return { ...headers, "accept-encoding": "identity" };
}

/** The encoding that has to be undone, in lower case, or undefined where there is none. */
export function contentEncodingOf(headers: Readonly<Record<string, string>>): string | undefined {
  const encoding = headers["content-encoding"]?.trim().toLowerCase();
  return encoding === "" || encoding === "identity" ? undefined : encoding;
}

/** The headers of the unpacked body: the encoding and the length were those of the packed one. */
export function unpackedHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const { "content-encoding": _encoding, "content-length": _length, ...rest } = headers;
  return rest;
}
