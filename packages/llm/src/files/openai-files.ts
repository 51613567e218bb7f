/**
 * Files at OpenAI and at the vendors whose files have the same form: a multipart upload, rows with an id, the content under
 * `/content`. Source: OpenAI's API reference, "Files"; the vendors' own words stand beside their quirks.
 */
import type { PollingOptions } from "../await-answer.ts";
import { DragomanError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { CallOptions } from "../provider.ts";
import type { UploadRequest, VendorFile, VendorFilePurpose, VendorFiles } from "../vendor-file.ts";
import type { VendorOperations } from "../vendor-operations.ts";
import { awaitFile } from "./await-file.ts";
import { checkUpload } from "./check-upload.ts";
import { countIn, idOf, known, objectAnswer, rowsIn, secondsIn, textIn } from "./file-fields.ts";
import { renderMultipart } from "./multipart.ts";

export interface OpenAIFilesQuirks {
  /** Where an upload goes. Default `/files`. */
  readonly uploadPath?: string;
  /** Added to every address, as `api-version=…`. */
  readonly query?: string;
  /** The vendor's word for what a file is for; undefined where it takes none for that. Default: OpenAI's words. */
  readonly purposeOf?: (purpose: VendorFilePurpose, mediaType: string) => string | undefined;
  /** Further fields of an upload. */
  readonly uploadFields?: (request: UploadRequest) => Readonly<Record<string, string>>;
  /** How a listing goes on: `after` an id, by the number of a `page` from 0, or not at all. Default `after`. */
  readonly paging?: "after" | "page" | "none";
  /** What a file's id begins with where a message names it. Ids are taken with and without it. */
  readonly referencePrefix?: string;
  /** The vendor's own limit of a file. Bytes. */
  readonly bytesMax?: number;
}

const PURPOSES: Readonly<Record<VendorFilePurpose, string>> = { media: "user_data", batch: "batch", "fine-tune": "fine-tune" };

/** Files that a listing gives at most. */
const LISTED_MAX = 10_000;
const PAGE_SIZE = 100;

export function openaiFiles(
  vendor: VendorOperations,
  quirks: OpenAIFilesQuirks = {},
  options: { readonly polling?: PollingOptions | undefined } = {},
): VendorFiles {
  const { channel, provider } = vendor;
  const { referencePrefix = "", paging = "after" } = quirks;

  function address(path: string, query = ""): string {
    const whole = [query, quirks.query ?? ""].filter(Boolean).join("&");
    return whole === "" ? path : `${path}?${whole}`;
  }

  function pathOf(id: string, rest = ""): string {
    const bare = referencePrefix !== "" && id.startsWith(referencePrefix) ? id.slice(referencePrefix.length) : id;
    if (bare === "")
      throw new DragomanError({ code: "invalid_request", provider, field: "id", detail: "the file's id is empty" });
    return address(`/files/${encodeURIComponent(bare)}${rest}`);
  }

  function fileOf(answer: unknown): VendorFile {
    const row = objectAnswer(answer, "file");
    // Mistral tells the type, and the size in its own field; Together's ids have no other form.
    return {
      id: `${referencePrefix}${idOf(row, "id", "file")}`,
      provider,
      ...known("name", textIn(row, "filename")),
      ...known("mediaType", textIn(row, "mimetype")),
      ...known("sizeBytes", countIn(row, "bytes") ?? countIn(row, "size_bytes")),
      ...known("createdAt", secondsIn(row, "created_at")),
      ...known("expiresAt", secondsIn(row, "expires_at")),
      status: statusOf(row),
    };
  }

  async function get(id: string, { signal }: CallOptions = {}): Promise<VendorFile> {
    return fileOf(await channel.fetchJson({ method: "GET", path: pathOf(id) }, { signal }));
  }

  async function upload(request: UploadRequest): Promise<VendorFile> {
    checkUpload(request, quirks.bytesMax);
    const { name, mediaType, data, signal, purpose = "media" } = request;
    const word = quirks.purposeOf === undefined ? PURPOSES[purpose] : quirks.purposeOf(purpose, mediaType);
    if (word === undefined) throw notTaken(provider, purpose, mediaType);
    const { contentType, body } = renderMultipart({
      fields: { purpose: word, ...quirks.uploadFields?.(request) },
      file: { field: "file", name, mediaType, data },
    });
    const path = address(quirks.uploadPath ?? "/files");
    const headers = { "content-type": contentType };
    const first = fileOf(await channel.fetchJson({ method: "POST", path, headers, body }, { signal }));
    return awaitFile(first, () => get(first.id, request), signal, options.polling);
  }

  /** The newest first, at most 10 000. */
  async function list({ signal }: CallOptions = {}): Promise<readonly VendorFile[]> {
    const files: VendorFile[] = [];
    for (let page = 0, after = ""; files.length < LISTED_MAX; page++) {
      const query = { after: afterQuery(after), page: `page=${page}&page_size=${PAGE_SIZE}`, none: "" }[paging];
      const answer = await channel.fetchJson({ method: "GET", path: address("/files", query) }, { signal });
      const rows = rowsIn(answer, "data");
      files.push(...rows.map(fileOf));
      after = textIn(rows.at(-1) ?? {}, "id") ?? "";
      if (!goesOn(answer, rows.length, files.length, paging) || after === "") break;
    }
    return files.slice(0, LISTED_MAX);
  }

  return {
    upload,
    get,
    list,
    async delete(id, { signal } = {}) {
      await channel.fetchJson({ method: "DELETE", path: pathOf(id) }, { signal });
    },
    async *content(id, { signal } = {}) {
      const request = { method: "GET", path: pathOf(id, "/content") } as const;
      const response = await channel.send(request, { signal }).catch((thrown: unknown) => {
        throw keepsToItself(thrown) ? notGivenBack(provider, id, thrown) : thrown;
      });
      yield* response.body;
    },
  };
}

function afterQuery(after: string): string {
  return `limit=${PAGE_SIZE}${after === "" ? "" : `&after=${encodeURIComponent(after)}`}`;
}

function goesOn(answer: unknown, rows: number, listed: number, paging: NonNullable<OpenAIFilesQuirks["paging"]>): boolean {
  if (paging === "none" || rows === 0) return false;
  const body = objectAnswer(answer, "listing of files");
  return paging === "after" ? body.has_more === true : listed < (countIn(body, "total") ?? 0);
}

/** OpenAI's `status` is deprecated but sent; Azure checks a file of lines before it can be used. */
const STATUSES: Readonly<Record<string, VendorFile["status"]>> = {
  pending: "pending",
  running: "pending",
  error: "failed",
  failed: "failed",
};

function statusOf(row: JsonObject): VendorFile["status"] {
  return STATUSES[textIn(row, "status") ?? ""] ?? "ready";
}

function notTaken(provider: string, purpose: VendorFilePurpose, mediaType: string): DragomanError {
  const detail = `${provider} keeps no files of type ${mediaType} for the purpose ${purpose}`;
  return new DragomanError({
    code: "unsupported",
    provider,
    field: "purpose",
    detail,
    advice: "send the content in the message",
  });
}

/** "Not allowed to download files of purpose: user_data" */
function keepsToItself(thrown: unknown): boolean {
  return DragomanError.is(thrown) && thrown.code === "invalid_request" && /not allowed to download/i.test(thrown.detail);
}

function notGivenBack(provider: string, id: string, cause: unknown): DragomanError {
  const detail = `${provider} does not give back the file ${id}`;
  return new DragomanError({ code: "unsupported", provider, detail, cause, advice: "keep your own copy of what you upload" });
}
