import { DragomanError } from "../errors.ts";
import type { UploadRequest } from "../vendor-file.ts";

/** The largest file that any upload here takes. Bytes. */
export const UPLOAD_BYTES_MAX = 512 * 1024 * 1024;

/** RFC 2045's token/token, with or without parameters; no line end, so that it can stand in a header. */
const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:\s*;[^\r\n]*)?$/;
const NAME_LENGTH_MAX = 512;

/** Throws `invalid_request` or `request_too_large` before anything is sent. `bytesMax`: the vendor's own limit. */
export function checkUpload({ name, mediaType, data }: UploadRequest, bytesMax = UPLOAD_BYTES_MAX): void {
  if (name === "" || name.length > NAME_LENGTH_MAX) throw wrong("name", `name must have 1 to ${NAME_LENGTH_MAX} characters`);
  if (!MEDIA_TYPE.test(mediaType))
    throw wrong("mediaType", `mediaType ${JSON.stringify(mediaType)} is no media type, as image/png`);
  if (!(data instanceof Uint8Array)) throw wrong("data", "data must be a Uint8Array");
  if (data.length === 0) throw wrong("data", "data is empty");
  const limit = Math.min(bytesMax, UPLOAD_BYTES_MAX);
  if (data.length <= limit) return;
  const detail = `the file has ${data.length} bytes; at most ${limit} can be uploaded here`;
  throw new DragomanError({ code: "request_too_large", field: "data", detail, advice: "upload less" });
}

function wrong(field: string, detail: string): DragomanError {
  return new DragomanError({ code: "invalid_request", field, detail });
}
