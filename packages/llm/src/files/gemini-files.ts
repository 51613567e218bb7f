/**
 * Files at Gemini: a resumable upload in two requests, then a wait while the service prepares the file. A message names a
 * file by its URI, so that is the id here; the resource's name, `files/…`, is taken as well. The service deletes files after
 * two days. Source: ai.google.dev, "Files API", and the types of @google/genai.
 */
import type { PollingOptions } from "../await-answer.ts";
import { DragomanError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { CallOptions } from "../provider.ts";
import type { UploadRequest, VendorFile, VendorFiles } from "../vendor-file.ts";
import type { VendorOperations } from "../vendor-operations.ts";
import { awaitFile } from "./await-file.ts";
import { checkUpload } from "./check-upload.ts";
import { countIn, idOf, known, objectAnswer, rowsIn, secondsIn, textIn } from "./file-fields.ts";

const LISTED_MAX = 10_000;
const PAGE_SIZE = 100;
const STATUSES: Readonly<Record<string, VendorFile["status"]>> = { PROCESSING: "pending", FAILED: "failed" };

export function geminiFiles(
  { channel, provider }: VendorOperations,
  options: { readonly polling?: PollingOptions | undefined } = {},
): VendorFiles {
  function fileOf(row: JsonObject): VendorFile {
    return {
      id: idOf(row, "uri", "file"),
      provider,
      ...known("name", textIn(row, "displayName") ?? textIn(row, "name")),
      ...known("mediaType", textIn(row, "mimeType")),
      ...known("sizeBytes", countIn(row, "sizeBytes")),
      ...known("createdAt", secondsIn(row, "createTime")),
      ...known("expiresAt", secondsIn(row, "expirationTime")),
      status: STATUSES[textIn(row, "state") ?? ""] ?? "ready",
    };
  }

  async function fetchRow(id: string, { signal }: CallOptions): Promise<JsonObject> {
    return objectAnswer(await channel.fetchJson({ method: "GET", path: `/${resourceName(id)}` }, { signal }), "file");
  }

  async function upload(request: UploadRequest): Promise<VendorFile> {
    checkUpload(request);
    const { data, signal } = request;
    const started = await channel.send(startRequest(request), { signal });
    await started.text();
    const path = uploadPath(started.headers["x-goog-upload-url"]);
    const headers = { "x-goog-upload-command": "upload, finalize", "x-goog-upload-offset": "0" };
    const answer = await channel.fetchJson({ method: "POST", path, headers, body: data }, { signal });
    const first = fileOf(objectAnswer(objectAnswer(answer, "upload").file, "file"));
    return awaitFile(first, async () => fileOf(await fetchRow(first.id, request)), signal, options.polling);
  }

  /** At most 10 000. */
  async function list({ signal }: CallOptions = {}): Promise<readonly VendorFile[]> {
    const files: VendorFile[] = [];
    for (let token: string | undefined = ""; token !== undefined && files.length < LISTED_MAX; ) {
      const next: string = token === "" ? "" : `&pageToken=${encodeURIComponent(token)}`;
      const answer = await channel.fetchJson({ method: "GET", path: `/files?pageSize=${PAGE_SIZE}${next}` }, { signal });
      files.push(...rowsIn(answer, "files").map(fileOf));
      token = textIn(objectAnswer(answer, "listing of files"), "nextPageToken");
    }
    return files.slice(0, LISTED_MAX);
  }

  return {
    upload,
    get: async (id, call = {}) => fileOf(await fetchRow(id, call)),
    list,
    async delete(id, { signal } = {}) {
      await channel.fetchJson({ method: "DELETE", path: `/${resourceName(id)}` }, { signal });
    },
    async *content(id, call = {}) {
      const row = await fetchRow(id, call);
      if (textIn(row, "downloadUri") === undefined) throw notGivenBack(provider, id);
      const path = `/${resourceName(id)}:download?alt=media`;
      const response = await channel.send({ method: "GET", path }, { signal: call.signal });
      yield* response.body;
    },
  };
}

/** `files/abc` of `files/abc`, of a URI that ends so, or of `abc` alone. */
export function resourceName(id: string): string {
  const name = /(?:^|\/)(files\/[a-z0-9-]+)$/.exec(id)?.[1] ?? (/^[a-z0-9-]+$/.test(id) ? `files/${id}` : undefined);
  if (name !== undefined) return name;
  const detail = `${JSON.stringify(id)} is no file of Gemini; one is named files/… or by its URI`;
  throw new DragomanError({ code: "invalid_request", field: "id", detail });
}

function startRequest({ name, mediaType, data }: UploadRequest) {
  return {
    method: "POST",
    path: "../upload/v1beta/files",
    headers: {
      "x-goog-upload-protocol": "resumable",
      "x-goog-upload-command": "start",
      "x-goog-upload-header-content-length": String(data.length),
      "x-goog-upload-header-content-type": mediaType,
    },
    body: { file: { displayName: name } },
  } as const;
}

/** The session's address without its host: the bytes go where the key belongs, whatever host the answer names. */
function uploadPath(url: string | undefined): string {
  const parsed = url === undefined ? null : URL.parse(url);
  if (parsed !== null) return `..${parsed.pathname}${parsed.search}`;
  throw new DragomanError({
    code: "invalid_response",
    detail: "the answer to the start of an upload names no x-goog-upload-url",
  });
}

function notGivenBack(provider: string, id: string): DragomanError {
  const detail = `${provider} gives back only files that it made; ${id} was uploaded`;
  return new DragomanError({ code: "unsupported", provider, detail, advice: "keep your own copy of what you upload" });
}
