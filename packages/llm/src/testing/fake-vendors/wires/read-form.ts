/** A multipart upload as the runtime's own parser reads it. */
import type { FakeRequest } from "../reply.ts";

export interface UploadedForm {
  readonly fields: Readonly<Record<string, string>>;
  readonly file?: { readonly name: string; readonly mediaType: string; readonly data: Uint8Array };
}

/** Undefined for a body that is no form. */
export async function readForm(request: FakeRequest): Promise<UploadedForm | undefined> {
  const headers = { "content-type": request.headers["content-type"] ?? "" };
  const form = await new Response(Buffer.from(request.bytes), { headers }).formData().catch(() => undefined);
  if (form === undefined) return undefined;
  const fields: Record<string, string> = {};
  for (const [name, value] of form.entries()) if (typeof value === "string") fields[name] = value;
  const file = form.get("file");
  if (file === null || typeof file === "string") return { fields };
  return { fields, file: { name: file.name, mediaType: file.type, data: new Uint8Array(await file.arrayBuffer()) } };
}
