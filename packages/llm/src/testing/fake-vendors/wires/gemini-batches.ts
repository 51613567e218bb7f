/** :batchGenerateContent and the operations that it makes. Facts: the types of @google/genai. */
import type { JsonObject } from "../../../json.ts";
import { answerThrough, type FakeBatch, type FakeBatchItem, type FakeOutcome, moveOn } from "../fake-batch.ts";
import type { Delivery } from "../generate.ts";
import { objectOf, objectsOf, parsedJson, stringOf } from "../json-reading.ts";
import { type FakeRequest, jsonReply } from "../reply.ts";
import type { Route } from "../vendor-definition.ts";
import type { FakeWorld } from "../world.ts";
import { unknownGeminiModel } from "./gemini.ts";
import { geminiError } from "./gemini-error.ts";

const CREATE = /^\/v1(?:beta)?\/models\/([^/:]+):batchGenerateContent$/;

/** `handle` is the route of generateContent. */
export function geminiBatchRoutes(handle: Route["handle"]): readonly Route[] {
  return [
    { method: "POST", path: CREATE, handle: create },
    { method: "GET", path: /^\/v1(?:beta)?\/batches$/, handle: list },
    {
      method: "GET",
      path: /^\/v1(?:beta)?\/batches\/[^/:]+$/,
      async handle(request, world) {
        const batch = find(request, world);
        const path = `/v1beta/${stringOf(batch.echo.model)}:generateContent`;
        const answer = (item: FakeBatchItem) => answerThrough(handle, item, { path, headers: request.headers }, world);
        if (batch.outcomes.length === 0) {
          await moveOn(batch, answer);
          keepFile(batch, world);
        }
        return { reply: jsonReply(200, operationOf(batch)) };
      },
    },
    {
      method: "POST",
      path: /^\/v1(?:beta)?\/batches\/[^/:]+:cancel$/,
      body: "any",
      handle(request, world) {
        const batch = find(request, world);
        if (batch.outcomes.length === 0) batch.state = "cancelling";
        return { reply: jsonReply(200, {}) };
      },
    },
  ];
}

function create({ body, path }: FakeRequest, world: FakeWorld): Delivery {
  const model = decodeURIComponent(CREATE.exec(path)?.[1] ?? "");
  if (world.model(model) === undefined) throw unknownGeminiModel(model, "batchGenerateContent");
  const { displayName, inputConfig } = objectOf(body.batch);
  if (stringOf(displayName) === "")
    throw geminiError("* BatchGenerateContentRequest.batch.display_name: display name is required\n");
  const { requests, fileName } = objectOf(inputConfig);
  const items = fileName === undefined ? inlinedItems(objectOf(requests)) : fileItems(stringOf(fileName), world);
  if (items.length === 0) throw geminiError("* BatchGenerateContentRequest.batch.input_config: there are no requests\n");
  const echo = { model: `models/${model}`, byFile: fileName !== undefined };
  const batch: FakeBatch = { id: `batches/${world.id("", 24).toLowerCase()}`, items, echo, state: "queued", outcomes: [] };
  world.batches.set(batch.id, batch);
  return { reply: jsonReply(200, operationOf(batch)) };
}

function inlinedItems(requests: JsonObject): readonly FakeBatchItem[] {
  return objectsOf(requests.requests).map(({ request, metadata }) => ({
    key: stringOf(objectOf(metadata).key),
    body: objectOf(request),
  }));
}

function fileItems(name: string, world: FakeWorld): readonly FakeBatchItem[] {
  const file = world.files.get(name);
  if (file === undefined) throw geminiError(`File ${name} not found.`, 404);
  const lines = Buffer.from(file.data).toString("utf8").split("\n").filter(Boolean).map(parsedJson);
  return objectsOf(lines).map(({ key, request }) => ({ key: stringOf(key), body: objectOf(request) }));
}

function find(request: FakeRequest, world: FakeWorld): FakeBatch {
  const name = /\/(batches\/[^/:]+)/.exec(request.path)?.[1] ?? "";
  const batch = world.batches.get(name);
  if (batch === undefined) throw geminiError(`Requested entity was not found: ${name}`, 404);
  return batch;
}

/** Rows of a page at most, so that few batches are many pages. */
const ROWS_MAX = 3;

function list({ query }: FakeRequest, world: FakeWorld): Delivery {
  const rows = [...world.batches.values()].toReversed().map(operationOf);
  const start = Number(query.get("pageToken") ?? 0);
  const next = start + ROWS_MAX < rows.length ? { nextPageToken: String(start + ROWS_MAX) } : {};
  return { reply: jsonReply(200, { operations: rows.slice(start, start + ROWS_MAX), ...next }) };
}

const STATES: Readonly<Record<FakeBatch["state"], string>> = {
  queued: "PENDING",
  running: "RUNNING",
  // the service goes on until it has stopped
  cancelling: "RUNNING",
  completed: "SUCCEEDED",
  cancelled: "CANCELLED",
  expired: "EXPIRED",
  failed: "FAILED",
};

function operationOf(batch: FakeBatch): JsonObject {
  const good = batch.outcomes.filter((outcome) => outcome.kind === "answered" && outcome.status < 300).length;
  const done = batch.outcomes.length > 0;
  const output = done ? outputOf(batch) : undefined;
  return {
    name: batch.id,
    metadata: {
      "@type": "type.googleapis.com/google.ai.generativelanguage.v1main.GenerateContentBatch",
      model: batch.echo.model,
      displayName: "dragoman",
      createTime: "2026-01-01T00:00:00.123456789Z",
      ...(done ? { endTime: "2026-01-01T00:01:00.123456789Z" } : {}),
      batchStats: {
        requestCount: String(batch.items.length),
        ...(done ? {} : { pendingRequestCount: String(batch.items.length) }),
        ...(good > 0 ? { successfulRequestCount: String(good) } : {}),
        ...(batch.outcomes.length > good ? { failedRequestCount: String(batch.outcomes.length - good) } : {}),
      },
      state: `BATCH_STATE_${STATES[batch.state]}`,
      name: batch.id,
      ...(output === undefined ? {} : { output }),
    },
    ...(output === undefined ? {} : { done: true, response: output }),
  };
}

function outputOf(batch: FakeBatch): JsonObject {
  if (batch.echo.byFile === true) return { responsesFile: fileNameOf(batch) };
  const inlined = batch.outcomes.map(({ key, ...outcome }) => ({
    ...resultOf({ key, ...outcome } as FakeOutcome),
    metadata: { key },
  }));
  return { inlinedResponses: { inlinedResponses: inlined } };
}

function fileNameOf(batch: FakeBatch): string {
  return `files/${batch.id.replace("/", "-")}`;
}

function keepFile(batch: FakeBatch, world: FakeWorld): void {
  if (batch.outcomes.length === 0 || batch.echo.byFile !== true) return;
  const id = fileNameOf(batch);
  const lines = batch.outcomes.map((outcome) => `${JSON.stringify({ key: outcome.key, ...resultOf(outcome) })}\n`);
  const common = { name: id, mediaType: "application/jsonl", purpose: "", made: true, polls: 0 };
  world.files.set(id, { id, data: Buffer.from(lines.join("")), ...common });
}

/** An answer, or a status of google.rpc. */
function resultOf(outcome: FakeOutcome): JsonObject {
  if (outcome.kind === "cancelled") return { error: { code: 1, message: "The operation was cancelled." } };
  if (outcome.kind === "expired") return { error: { code: 4, message: "The batch expired before the request was processed." } };
  if (outcome.status < 300) return { response: outcome.body };
  const { code, message } = objectOf(outcome.body.error);
  return { error: { code: RPC_OF_HTTP[Number(code)] ?? 13, message: stringOf(message) } };
}

const RPC_OF_HTTP: Readonly<Record<number, number>> = { 400: 3, 401: 16, 403: 7, 404: 5, 429: 8, 500: 13, 503: 14 };
