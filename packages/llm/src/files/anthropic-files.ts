/** Files at Anthropic, still behind a beta header. Source: docs.claude.com, "Files API", and the types of @anthropic-ai/sdk. */
import { DragomanError } from "../errors.ts";
import type { CallOptions } from "../provider.ts";
import type { UploadRequest, VendorFile, VendorFiles } from "../vendor-file.ts";
import type { ChannelRequest, VendorOperations } from "../vendor-operations.ts";
import { checkUpload } from "./check-upload.ts";
import { countIn, idOf, known, objectAnswer, rowsIn, secondsIn, textIn } from "./file-fields.ts";
import { renderMultipart } from "./multipart.ts";

const BETA = { "anthropic-beta": "files-api-2025-04-14" };
const LISTED_MAX = 10_000;
const PAGE_SIZE = 1_000;

export function anthropicFiles({ channel, provider }: VendorOperations): VendorFiles {
  function fileOf(answer: unknown): VendorFile {
    const row = objectAnswer(answer, "file");
    return {
      id: idOf(row, "id", "file"),
      provider,
      ...known("name", textIn(row, "filename")),
      ...known("mediaType", textIn(row, "mime_type")),
      ...known("sizeBytes", countIn(row, "size_bytes")),
      ...known("createdAt", secondsIn(row, "created_at")),
      ...known("expiresAt", secondsIn(row, "expires_at")),
      status: "ready",
    };
  }

  function fetchFile(request: ChannelRequest, { signal }: CallOptions): Promise<unknown> {
    return channel.fetchJson({ ...request, headers: { ...BETA, ...request.headers } }, { signal });
  }

  async function upload(request: UploadRequest): Promise<VendorFile> {
    checkUpload(request);
    const { name, mediaType, data, purpose = "media" } = request;
    if (purpose !== "media") throw onlyMedia(provider, purpose);
    const { contentType, body } = renderMultipart({ fields: {}, file: { field: "file", name, mediaType, data } });
    return fileOf(await fetchFile({ method: "POST", path: "/files", headers: { "content-type": contentType }, body }, request));
  }

  /** The newest first, at most 10 000. Pages go on by a token, or by the last id where the service is older. */
  async function list(options: CallOptions = {}): Promise<readonly VendorFile[]> {
    const files: VendorFile[] = [];
    for (let next: string | undefined = ""; next !== undefined && files.length < LISTED_MAX; ) {
      const answer = await fetchFile({ method: "GET", path: `/files?limit=${PAGE_SIZE}${next}` }, options);
      files.push(...rowsIn(answer, "data").map(fileOf));
      next = nextPage(answer);
    }
    return files.slice(0, LISTED_MAX);
  }

  return {
    upload,
    get: async (id, options = {}) => fileOf(await fetchFile({ method: "GET", path: pathOf(id) }, options)),
    list,
    async delete(id, options = {}) {
      await fetchFile({ method: "DELETE", path: pathOf(id) }, options);
    },
    async *content(id, options = {}) {
      const row = objectAnswer(await fetchFile({ method: "GET", path: pathOf(id) }, options), "file");
      if (row.downloadable === false) throw notGivenBack(provider, id);
      const request = { method: "GET", path: `${pathOf(id)}/content`, headers: BETA } as const;
      const response = await channel.send(request, { signal: options.signal });
      yield* response.body;
    },
  };
}

function pathOf(id: string): string {
  return `/files/${encodeURIComponent(id)}`;
}

function nextPage(answer: unknown): string | undefined {
  const body = objectAnswer(answer, "listing of files");
  const token = textIn(body, "next_page");
  if (token !== undefined) return `&page=${encodeURIComponent(token)}`;
  const last = textIn(body, "last_id");
  return body.has_more === true && last !== undefined ? `&after_id=${encodeURIComponent(last)}` : undefined;
}

function onlyMedia(provider: string, purpose: string): DragomanError {
  const detail = `${provider} keeps files for messages only, not for the purpose ${purpose}`;
  return new DragomanError({ code: "unsupported", provider, field: "purpose", detail, advice: "a batch needs no file here" });
}

function notGivenBack(provider: string, id: string): DragomanError {
  const detail = `${provider} gives back only files that a model made; ${id} was uploaded`;
  return new DragomanError({ code: "unsupported", provider, detail, advice: "keep your own copy of what you upload" });
}
