/** /messages/batches of Anthropic. Facts: the types of @anthropic-ai/sdk. */
import type { JsonObject } from "../../../json.ts";
import { answerThrough, type FakeBatch, type FakeBatchItem, type FakeOutcome, moveOn } from "../fake-batch.ts";
import type { Delivery } from "../generate.ts";
import { objectOf, objectsOf, stringOf } from "../json-reading.ts";
import { type FakeRequest, jsonReply } from "../reply.ts";
import type { Route } from "../vendor-definition.ts";
import type { FakeWorld } from "../world.ts";
import { anthropicError } from "./anthropic-error.ts";

/** `handle` is the route of messages. */
export function anthropicBatchRoutes(handle: Route["handle"]): readonly Route[] {
  return [
    { method: "POST", path: /^\/v1\/messages\/batches$/, handle: create },
    { method: "GET", path: /^\/v1\/messages\/batches$/, handle: list },
    {
      method: "GET",
      path: /^\/v1\/messages\/batches\/[^/]+$/,
      async handle(request, world) {
        const batch = find(request, world);
        const headers = { ...request.headers, ...asked(batch) };
        const answer = (item: FakeBatchItem) => answerThrough(handle, item, { path: "/v1/messages", headers }, world);
        if (batch.outcomes.length === 0) await moveOn(batch, answer);
        return { reply: jsonReply(200, rowOf(batch, request)) };
      },
    },
    {
      method: "POST",
      path: /^\/v1\/messages\/batches\/[^/]+\/cancel$/,
      body: "any",
      handle(request, world) {
        const batch = find(request, world);
        if (batch.outcomes.length > 0) throw anthropicError("Batch cannot be canceled as it has ended.");
        batch.state = "cancelling";
        return { reply: jsonReply(200, rowOf(batch, request)) };
      },
    },
    {
      method: "GET",
      path: /^\/v1\/messages\/batches\/[^/]+\/results$/,
      handle(request, world) {
        const { id, outcomes } = find(request, world);
        if (outcomes.length === 0) throw anthropicError(`Batch ${id} has no available results.`, 404);
        const body = outcomes.map((outcome) => `${JSON.stringify(resultLine(outcome))}\n`).join("");
        return { reply: { kind: "whole", status: 200, headers: { "content-type": "application/x-jsonl" }, body } };
      },
    },
  ];
}

/** The betas of the submission hold for its items. */
function asked({ echo }: FakeBatch): Readonly<Record<string, string>> {
  return typeof echo.betas === "string" ? { "anthropic-beta": echo.betas } : {};
}

const ID = /^[a-zA-Z0-9_-]{1,64}$/;

function create(request: FakeRequest, world: FakeWorld): Delivery {
  const { body, headers } = request;
  const requests = objectsOf(body.requests);
  if (requests.length === 0) throw anthropicError("requests: List should have at least 1 item after validation, not 0");
  const ids = new Set<string>();
  for (const [index, { custom_id: id, params }] of requests.entries()) {
    if (typeof id !== "string" || !ID.test(id)) throw anthropicError(`requests.${index}.custom_id: String should match pattern`);
    if (ids.has(id)) throw anthropicError(`requests.${index}.custom_id: duplicate custom_id ${id}`);
    ids.add(id);
    if (objectOf(params).stream !== undefined)
      throw anthropicError(`requests.${index}.params.stream: Extra inputs are not permitted`);
  }
  const items = requests.map(({ custom_id: id, params }) => ({ key: stringOf(id), body: objectOf(params) }));
  const betas = headers["anthropic-beta"];
  const echo = betas === undefined ? {} : { betas };
  const batch: FakeBatch = { id: world.id("msgbatch_01", 22), items, echo, state: "queued", outcomes: [] };
  world.batches.set(batch.id, batch);
  return { reply: jsonReply(200, rowOf(batch, request)) };
}

/** Rows of a page at most, so that few batches are many pages. */
const ROWS_MAX = 3;

function list(request: FakeRequest, world: FakeWorld): Delivery {
  const { query } = request;
  const rows = [...world.batches.values()].toReversed().map((batch) => rowOf(batch, request));
  const start = rows.findIndex(({ id }) => id === query.get("after_id")) + 1;
  const data = rows.slice(start, start + ROWS_MAX);
  const has_more = start + data.length < rows.length;
  return { reply: jsonReply(200, { data, has_more, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null }) };
}

function find(request: FakeRequest, world: FakeWorld): FakeBatch {
  const id = decodeURIComponent(/\/batches\/([^/]+)/.exec(request.path)?.[1] ?? "");
  const batch = world.batches.get(id);
  if (batch === undefined) throw anthropicError(`Batch not found: ${id}`, 404);
  return batch;
}

function rowOf(batch: FakeBatch, { headers }: Pick<FakeRequest, "headers">): JsonObject {
  const ended = batch.outcomes.length > 0;
  const results = batch.outcomes.map((outcome) => objectOf(resultLine(outcome).result).type);
  const count = (type: string) => results.filter((result) => result === type).length;
  return {
    id: batch.id,
    type: "message_batch",
    processing_status: ended ? "ended" : batch.state === "cancelling" ? "canceling" : "in_progress",
    request_counts: {
      processing: ended ? 0 : batch.items.length,
      succeeded: count("succeeded"),
      errored: count("errored"),
      canceled: count("canceled"),
      expired: count("expired"),
    },
    created_at: "2026-01-01T00:00:00Z",
    expires_at: "2026-01-02T00:00:00Z",
    ended_at: ended ? "2026-01-01T00:01:00Z" : null,
    cancel_initiated_at: batch.state === "cancelling" || batch.state === "cancelled" ? "2026-01-01T00:00:30Z" : null,
    archived_at: null,
    results_url: ended ? `http://${headers.host}/v1/messages/batches/${batch.id}/results` : null,
  };
}

function resultLine(outcome: FakeOutcome): JsonObject {
  if (outcome.kind === "cancelled") return { custom_id: outcome.key, result: { type: "canceled" } };
  if (outcome.kind === "expired") return { custom_id: outcome.key, result: { type: "expired" } };
  const { status, body } = outcome;
  const result =
    status < 300 && body.type === "message" ? { type: "succeeded", message: body } : { type: "errored", error: body };
  return { custom_id: outcome.key, result };
}
