/** Everything that a body holds. Throws `tooLong()` as soon as it is more than `bytesMax`, and leaves the body. */
export async function readBytes(
  body: AsyncIterable<Uint8Array>,
  bytesMax: number,
  tooLong: () => Error,
): Promise<readonly Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw tooLong();
    chunks.push(chunk);
  }
  return chunks;
}
