import { DragomanError } from "../errors.ts";

const ENCODER = new TextEncoder();

/**
 * Whether a text is longer than so many bytes of UTF-8. One unit of a string is one to three bytes, so that only a text
 * near the limit has to be counted.
 */
export function exceedsBytes(text: string, bytesMax: number): boolean {
  if (text.length > bytesMax) return true;
  return text.length * 3 > bytesMax && ENCODER.encode(text).length > bytesMax;
}

/** As in `a line of the stream is longer than 1024 bytes`. */
export function overLimit(what: string, bytesMax: number): DragomanError {
  return new DragomanError({ code: "invalid_response", detail: `${what} is longer than ${bytesMax} bytes` });
}
