/** /files of Anthropic, behind its beta header. Facts: the types of @anthropic-ai/sdk. */
import type { JsonObject } from "../../../json.ts";
import type { Delivery } from "../generate.ts";
import { type FakeRequest, jsonReply } from "../reply.ts";
import type { StoredFile } from "../stored-file.ts";
import type { Route } from "../vendor-definition.ts";
import type { FakeWorld } from "../world.ts";
import { anthropicError } from "./anthropic-error.ts";
import { readForm } from "./read-form.ts";

const ONE = /^\/v1\/files\/([^/]+)(\/content)?$/;

export const anthropicFileRoutes: readonly Route[] = [
  { method: "POST", path: /^\/v1\/files$/, body: "any", handle: behindBeta(upload) },
  { method: "GET", path: /^\/v1\/files$/, handle: behindBeta(list) },
  { method: "GET", path: /^\/v1\/files\/[^/]+$/, handle: behindBeta((...at) => ({ reply: jsonReply(200, rowOf(find(...at))) })) },
  { method: "DELETE", path: /^\/v1\/files\/[^/]+$/, handle: behindBeta(remove) },
  { method: "GET", path: /^\/v1\/files\/[^/]+\/content$/, handle: behindBeta(content) },
];

function behindBeta(handle: Route["handle"]): Route["handle"] {
  return (request, world) => {
    if ((request.headers["anthropic-beta"] ?? "").includes("files-api-2025-04-14")) return handle(request, world);
    throw anthropicError("Not found", 404);
  };
}

async function upload(request: FakeRequest, world: FakeWorld): Promise<Delivery> {
  const { file } = (await readForm(request)) ?? {};
  if (file === undefined) throw anthropicError("file: Field required");
  if (/[<>:"|?*\\/]/.test(file.name)) throw anthropicError("filename: contains forbidden characters");
  const stored = { id: world.id("file_01", 22), ...file, purpose: "", made: false, polls: 0 };
  world.files.set(stored.id, stored);
  return { reply: jsonReply(200, rowOf(stored)) };
}

/** Rows of a page at most, so that few files are many pages. */
const ROWS_MAX = 3;

function list({ query }: FakeRequest, world: FakeWorld): Delivery {
  const rows = [...world.files.values()].toReversed().map(rowOf);
  const start = rows.findIndex(({ id }) => id === query.get("after_id")) + 1;
  const data = rows.slice(start, start + ROWS_MAX);
  const has_more = start + data.length < rows.length;
  return { reply: jsonReply(200, { data, has_more, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null }) };
}

function find(request: FakeRequest, world: FakeWorld): StoredFile {
  const id = decodeURIComponent(ONE.exec(request.path)?.[1] ?? "");
  const file = world.files.get(id);
  if (file === undefined) throw anthropicError(`File not found: ${id}`, 404);
  return file;
}

function remove(request: FakeRequest, world: FakeWorld): Delivery {
  const { id } = find(request, world);
  world.files.delete(id);
  return { reply: jsonReply(200, { id, type: "file_deleted" }) };
}

function content(request: FakeRequest, world: FakeWorld): Delivery {
  const file = find(request, world);
  if (!file.made) throw anthropicError(`File '${file.id}' is not downloadable`);
  return { reply: { kind: "whole", status: 200, headers: { "content-type": file.mediaType }, body: file.data } };
}

function rowOf(file: StoredFile): JsonObject {
  return {
    type: "file",
    id: file.id,
    filename: file.name,
    mime_type: file.mediaType,
    size_bytes: file.data.length,
    created_at: "2026-01-01T00:00:00Z",
    downloadable: file.made,
  };
}
