/** /files of OpenAI, and of the vendors that follow it. Facts: the types of the `openai` package, and the vendors' references. */
import type { JsonObject } from "../../../json.ts";
import { parsedJson } from "../json-reading.ts";
import { type FakeRequest, jsonReply, type Refusal, type WholeReply } from "../reply.ts";
import type { StoredFile } from "../stored-file.ts";
import type { Route } from "../vendor-definition.ts";
import { CREATED_AT, type FakeWorld } from "../world.ts";
import { readForm, type UploadedForm } from "./read-form.ts";

export interface FilesFlavour {
  /** What stands before `/files`, as the source of a regular expression. */
  readonly prefix: string;
  /** Default `/files`. */
  readonly uploadPath?: string;
  readonly purposes: readonly string[];
  readonly rowOf: (file: StoredFile) => JsonObject;
  readonly refuse: (status: number, message: string) => Refusal;
  readonly paging: "after" | "page" | "none";
  /** Fields that an upload needs besides its purpose. */
  readonly needs?: readonly string[];
  /** Default: all. */
  readonly givesBack?: (file: StoredFile) => boolean;
}

/** Rows of a page at most, so that few files are many pages. */
const ROWS_MAX = 3;

export function openAiFileRow(file: StoredFile): JsonObject {
  return {
    id: file.id,
    object: "file",
    bytes: file.data.length,
    created_at: CREATED_AT,
    filename: file.name,
    purpose: file.purpose,
    status: "processed",
  };
}

export function fileRoutes(flavour: FilesFlavour): readonly Route[] {
  const path = (rest: string): RegExp => new RegExp(`^${flavour.prefix}${rest}$`);
  return [
    { method: "POST", path: path(flavour.uploadPath ?? "/files"), body: "any", handle: (...at) => upload(flavour, ...at) },
    { method: "GET", path: path("/files"), handle: (request, world) => ({ reply: listFiles(flavour, request, world) }) },
    {
      method: "GET",
      path: path("/files/[^/]+/content"),
      handle: (request, world) => ({ reply: contentOf(flavour, findFile(flavour, request, world)) }),
    },
    {
      method: "GET",
      path: path("/files/[^/]+"),
      handle: (request, world) => ({ reply: jsonReply(200, flavour.rowOf(findFile(flavour, request, world))) }),
    },
    {
      method: "DELETE",
      path: path("/files/[^/]+"),
      handle: (request, world) => {
        const { id } = findFile(flavour, request, world);
        world.files.delete(id);
        return { reply: jsonReply(200, { id, object: "file", deleted: true }) };
      },
    },
  ];
}

async function upload(flavour: FilesFlavour, request: FakeRequest, world: FakeWorld): Promise<{ readonly reply: WholeReply }> {
  const form = await readForm(request);
  const { name, mediaType, data } = checked(flavour, form);
  const id = world.id("file-");
  const stored = { id, name, mediaType, purpose: form?.fields.purpose ?? "", data, made: false, polls: 0 };
  world.files.set(id, stored);
  return { reply: jsonReply(200, flavour.rowOf(stored)) };
}

function checked(flavour: FilesFlavour, form: UploadedForm | undefined): NonNullable<UploadedForm["file"]> {
  if (form === undefined) throw flavour.refuse(400, "We could not parse the body of your request as multipart/form-data.");
  const { file, fields } = form;
  if (file === undefined) throw flavour.refuse(400, "'file' is a required property");
  for (const field of ["purpose", ...(flavour.needs ?? [])]) {
    if ((fields[field] ?? "") === "") throw flavour.refuse(400, `'${field}' is a required property`);
  }
  const purpose = fields.purpose ?? "";
  if (!flavour.purposes.includes(purpose)) {
    throw flavour.refuse(400, `'${purpose}' is not one of ['${flavour.purposes.join("', '")}'] - 'purpose'`);
  }
  if (/^(batch|fine-tune)/.test(purpose)) checkLines(flavour, file);
  return file;
}

function checkLines(flavour: FilesFlavour, { name, data }: NonNullable<UploadedForm["file"]>): void {
  if (!name.endsWith(".jsonl")) throw flavour.refuse(400, "Invalid file format for Fine-Tuning API. Must be .jsonl");
  const lines = Buffer.from(data).toString("utf8").split("\n").filter(Boolean);
  const wrong = lines.findIndex((line) => parsedJson(line) === undefined);
  if (wrong >= 0) throw flavour.refuse(400, `Expected file to have JSONL format. Line ${wrong + 1} could not be parsed.`);
}

function findFile(flavour: FilesFlavour, request: FakeRequest, world: FakeWorld): StoredFile {
  const id = decodeURIComponent(/\/files\/([^/]+)/.exec(request.path)?.[1] ?? "");
  const file = world.files.get(id);
  if (file === undefined) throw flavour.refuse(404, `No such File object: ${id}`);
  return file;
}

function contentOf(flavour: FilesFlavour, file: StoredFile): WholeReply {
  if (flavour.givesBack?.(file) === false) throw flavour.refuse(400, `Not allowed to download files of purpose: ${file.purpose}`);
  return { kind: "whole", status: 200, headers: { "content-type": "application/octet-stream" }, body: file.data };
}

/** The newest first. */
function listFiles(flavour: FilesFlavour, { query }: FakeRequest, world: FakeWorld): WholeReply {
  const rows = [...world.files.values()].toReversed().map(flavour.rowOf);
  if (flavour.paging === "none") return jsonReply(200, { object: "list", data: rows });
  if (flavour.paging === "page") {
    const size = Math.min(ROWS_MAX, Number(query.get("page_size") ?? ROWS_MAX));
    const start = Number(query.get("page") ?? 0) * size;
    return jsonReply(200, { object: "list", data: rows.slice(start, start + size), total: rows.length });
  }
  return jsonReply(200, pageAfter(rows, query));
}

/** A page of OpenAI's cursor form. */
export function pageAfter(rows: readonly JsonObject[], query: URLSearchParams): JsonObject {
  const start = rows.findIndex(({ id }) => id === query.get("after")) + 1;
  const data = rows.slice(start, start + Math.min(ROWS_MAX, Number(query.get("limit") ?? ROWS_MAX)));
  const has_more = start + data.length < rows.length;
  return { object: "list", data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more };
}
