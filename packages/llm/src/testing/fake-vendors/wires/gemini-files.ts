/** The Files API of Gemini: uploads in two requests, and videos that take their time. Facts: the types of @google/genai. */
import type { JsonObject } from "../../../json.ts";
import type { Delivery } from "../generate.ts";
import { objectOf, stringOf } from "../json-reading.ts";
import { type FakeRequest, jsonReply } from "../reply.ts";
import type { StoredFile } from "../stored-file.ts";
import type { Route } from "../vendor-definition.ts";
import type { FakeWorld } from "../world.ts";
import { geminiError } from "./gemini-error.ts";

const SERVICE = "https://generativelanguage.googleapis.com";

export const geminiFileRoutes: readonly Route[] = [
  { method: "POST", path: /^\/upload\/v1beta\/files$/, body: "any", handle: upload },
  { method: "GET", path: /^\/v1(?:beta)?\/files$/, handle: list },
  {
    method: "GET",
    path: /^\/v1(?:beta)?\/files\/[a-z0-9-]+$/,
    handle: (...at) => ({ reply: jsonReply(200, rowOf(asked(...at))) }),
  },
  { method: "DELETE", path: /^\/v1(?:beta)?\/files\/[a-z0-9-]+$/, handle: remove },
  { method: "GET", path: /^\/v1(?:beta)?\/files\/[a-z0-9-]+:download$/, handle: download },
];

function upload(request: FakeRequest, world: FakeWorld): Delivery {
  return request.query.has("upload_id") ? finish(request, world) : start(request, world);
}

/** The session's address names the service, whatever host was asked: a client stays with the host of its key. */
function start({ headers, body }: FakeRequest, world: FakeWorld): Delivery {
  if (headers["x-goog-upload-protocol"] !== "resumable" || headers["x-goog-upload-command"] !== "start") {
    throw geminiError("Invalid upload protocol or command.");
  }
  const length = headers["x-goog-upload-header-content-length"] ?? "";
  const type = headers["x-goog-upload-header-content-type"] ?? "";
  if (!/^\d+$/.test(length) || type === "") throw geminiError("The length and the type of the upload must be given.");
  const session = world.seal(JSON.stringify({ length, type, name: stringOf(objectOf(body.file).displayName) }));
  const address = `${SERVICE}/upload/v1beta/files?upload_id=${encodeURIComponent(session)}&upload_protocol=resumable`;
  return { reply: jsonReply(200, {}, { "x-goog-upload-url": address, "x-goog-upload-status": "active" }) };
}

function finish({ headers, query, bytes }: FakeRequest, world: FakeWorld): Delivery {
  const session = world.unseal(query.get("upload_id") ?? "");
  if (session === undefined) throw geminiError("Upload session not found.", 404);
  const { length, type, name } = objectOf(JSON.parse(session));
  if (headers["x-goog-upload-command"] !== "upload, finalize" || headers["x-goog-upload-offset"] !== "0") {
    throw geminiError("Invalid upload command or offset.");
  }
  if (String(bytes.length) !== length) throw geminiError("The upload has another length than was announced.");
  const id = `files/${world.id("", 12).toLowerCase()}`;
  const common = { purpose: "", data: bytes, made: false, polls: 0 };
  const file: StoredFile = { id, name: stringOf(name), mediaType: stringOf(type), ...common };
  world.files.set(id, file);
  return { reply: jsonReply(200, { file: rowOf(file) }, { "x-goog-upload-status": "final" }) };
}

function nameIn(path: string): string {
  return /\/(files\/[a-z0-9-]+)/.exec(path)?.[1] ?? "";
}

function find(request: FakeRequest, world: FakeWorld): StoredFile {
  const name = nameIn(request.path);
  const file = world.files.get(name);
  if (file === undefined) throw noSuchFile(name);
  return file;
}

/** The service does not tell what is not there from what is not yours. */
export function noSuchFile(name: string) {
  const id = name.replace("files/", "");
  return geminiError(`You do not have permission to access the File ${id} or it may not exist.`, 403);
}

function asked(request: FakeRequest, world: FakeWorld): StoredFile {
  const file = find(request, world);
  file.polls += 1;
  return file;
}

/** Rows of a page at most, so that few files are many pages. */
const ROWS_MAX = 3;

function list({ query }: FakeRequest, world: FakeWorld): Delivery {
  const rows = [...world.files.values()].filter(({ made }) => !made).map(rowOf);
  const start = Number(query.get("pageToken") ?? 0);
  const files = rows.slice(start, start + ROWS_MAX);
  const next = start + ROWS_MAX < rows.length ? { nextPageToken: String(start + ROWS_MAX) } : {};
  return { reply: jsonReply(200, { ...(files.length === 0 ? {} : { files }), ...next }) };
}

function remove(request: FakeRequest, world: FakeWorld): Delivery {
  world.files.delete(find(request, world).id);
  return { reply: jsonReply(200, {}) };
}

function download(request: FakeRequest, world: FakeWorld): Delivery {
  const file = find(request, world);
  if (!file.made || request.query.get("alt") !== "media") throw geminiError("Only generated files can be downloaded.");
  return { reply: { kind: "whole", status: 200, headers: { "content-type": file.mediaType }, body: file.data } };
}

/** Questions after a video until it is prepared. */
const POLLS = 2;

function rowOf(file: StoredFile): JsonObject {
  const isVideo = file.mediaType.startsWith("video/");
  const broken = isVideo && Buffer.from(file.data).toString("utf8").includes("fault-failed");
  const state = !isVideo || file.polls >= POLLS ? (broken ? "FAILED" : "ACTIVE") : "PROCESSING";
  return {
    name: file.id,
    displayName: file.name,
    mimeType: file.mediaType,
    sizeBytes: String(file.data.length),
    createTime: "2026-01-01T00:00:00.123456Z",
    expirationTime: "2026-01-03T00:00:00.123456Z",
    uri: `${SERVICE}/v1beta/${file.id}`,
    ...(file.made
      ? { downloadUri: `${SERVICE}/v1beta/${file.id}:download?alt=media`, source: "GENERATED" }
      : { source: "UPLOADED" }),
    state,
  };
}
