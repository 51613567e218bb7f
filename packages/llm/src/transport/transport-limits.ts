/** The longest body that `text()` takes by default. Bytes, after decompression. */
export const TEXT_BYTES_MAX = 64 * 1024 * 1024;

/** The most that a compressed body may unpack to by default, however it is read. Bytes. */
export const DECOMPRESSED_BYTES_MAX = 256 * 1024 * 1024;

/**
 * The longest streamed answer: all that its connections bring. A token takes a few hundred bytes on the wordiest wires, so that
 * several times the longest answers of today fit. Bytes, after decompression.
 */
export const STREAM_BYTES_MAX = 128 * 1024 * 1024;

/** The longest line and the longest event of a stream by default: whole images come in one. Bytes of UTF-8. */
export const EVENT_BYTES_MAX = 64 * 1024 * 1024;
