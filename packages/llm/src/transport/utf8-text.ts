const DECODER = new TextDecoder();

/** Pieces of one UTF-8 text as a string. A byte order mark is dropped, what is not UTF-8 becomes U+FFFD. */
export function utf8Text(chunks: readonly Uint8Array[]): string {
  const only = chunks[0];
  return DECODER.decode(chunks.length === 1 ? only : concatBytes(chunks));
}

export function concatBytes(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const chunk of chunks) length += chunk.length;
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}
