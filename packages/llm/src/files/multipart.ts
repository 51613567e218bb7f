/** One form with a file in it, as `multipart/form-data`. Source: RFC 7578, and the HTML standard for the escaping of names. */
import { randomUUID } from "node:crypto";

export interface MultipartForm {
  /** Text fields. They stand before the file: some servers read them first. */
  readonly fields: Readonly<Record<string, string>>;
  readonly file: { readonly field: string; readonly name: string; readonly mediaType: string; readonly data: Uint8Array };
}

export interface RenderedForm {
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** `token` gives the random part of a boundary; it is asked again until the boundary stands nowhere in the content. */
export function renderMultipart(form: MultipartForm, token: () => string = randomUUID): RenderedForm {
  const { file } = form;
  const boundary = freeBoundary(form, token);
  const opening = [
    ...Object.entries(form.fields).map(
      ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(name)}"\r\n\r\n${value}\r\n`,
    ),
    `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(file.field)}"; filename="${escaped(file.name)}"\r\n`,
    `Content-Type: ${file.mediaType}\r\n\r\n`,
  ].join("");
  const body = Buffer.concat([Buffer.from(opening), file.data, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  return { contentType: `multipart/form-data; boundary=${boundary}`, body };
}

function freeBoundary({ fields, file }: MultipartForm, token: () => string): string {
  const content = Buffer.from(file.data.buffer, file.data.byteOffset, file.data.byteLength);
  for (;;) {
    const boundary = `dragoman-${token()}`;
    if (!content.includes(boundary) && !Object.values(fields).some((value) => value.includes(boundary))) return boundary;
  }
}

function escaped(name: string): string {
  return name.replaceAll("\r", "%0D").replaceAll("\n", "%0A").replaceAll('"', "%22");
}
