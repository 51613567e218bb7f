/** /batch/jobs of Mistral. Facts: the types of @mistralai/mistralai. */
import type { JsonObject } from "../../../json.ts";
import { answerThrough, type FakeBatch, type FakeBatchItem, moveOn } from "../fake-batch.ts";
import type { Delivery } from "../generate.ts";
import { objectOf, stringOf, stringsOf } from "../json-reading.ts";
import { type FakeRequest, jsonReply } from "../reply.ts";
import type { StoredFile } from "../stored-file.ts";
import type { Route } from "../vendor-definition.ts";
import { CREATED_AT, type FakeWorld } from "../world.ts";
import { mistralError } from "./mistral-error.ts";
import { keepResults, linesOf, resultFiles, resultLine } from "./openai-batches.ts";
import type { FilesFlavour } from "./openai-files.ts";

export const mistralFilesFlavour: FilesFlavour = {
  prefix: "/v1",
  purposes: ["fine-tune", "batch", "ocr"],
  rowOf: mistralFileRow,
  refuse: (status, message) => mistralError(message, status === 404 ? "not_found" : "invalid_request_file", null, status),
  paging: "page",
};

function mistralFileRow(file: StoredFile): JsonObject {
  return {
    id: file.id,
    object: "file",
    size_bytes: file.data.length,
    created_at: CREATED_AT,
    filename: file.name,
    purpose: file.purpose,
    sample_type: file.made ? "batch_result" : "batch_request",
    mimetype: file.mediaType,
    source: file.made ? "mistral" : "upload",
  };
}

/** `handle` is the route of chat. */
export function mistralBatchRoutes(handle: Route["handle"]): readonly Route[] {
  return [
    { method: "POST", path: /^\/v1\/batch\/jobs$/, handle: create },
    {
      method: "GET",
      path: /^\/v1\/batch\/jobs$/,
      handle(request, world) {
        const rows = [...world.batches.values()].toReversed().map((batch) => rowOf(batch, world));
        const size = Math.min(ROWS_MAX, Number(request.query.get("page_size") ?? ROWS_MAX));
        const start = Number(request.query.get("page") ?? 0) * size;
        const data = rows.slice(start, start + size);
        return { reply: jsonReply(200, { object: "list", data, total: rows.length }) };
      },
    },
    {
      method: "GET",
      path: /^\/v1\/batch\/jobs\/[^/]+$/,
      async handle(request, world) {
        const batch = findBatch(request, world);
        const answer = (item: FakeBatchItem) => answerThrough(handle, item, request, world);
        if (batch.outcomes.length === 0) {
          await moveOn(batch, answer);
          keepResults(batch, world, (outcome) => resultLine(outcome, world));
        }
        return { reply: jsonReply(200, rowOf(batch, world)) };
      },
    },
    {
      method: "POST",
      path: /^\/v1\/batch\/jobs\/[^/]+\/cancel$/,
      body: "any",
      handle(request, world) {
        const batch = findBatch(request, world);
        batch.state = "cancelling";
        return { reply: jsonReply(200, rowOf(batch, world)) };
      },
    },
  ];
}

const ROWS_MAX = 3;

function create({ body }: FakeRequest, world: FakeWorld): Delivery {
  const model = stringOf(body.model);
  const [fileId = ""] = stringsOf(body.input_files);
  const file = world.files.get(fileId);
  if (body.endpoint !== "/v1/chat/completions") throw mistralError("Invalid endpoint", "invalid_request");
  if (model === "") throw mistralError("model is required for input_files", "invalid_request");
  if (file?.purpose !== "batch") throw mistralError(`File ${fileId} not found`, "invalid_request", null, 404);
  const items = linesOf(file.data).map((line) => ({ key: stringOf(line.custom_id), body: { ...objectOf(line.body), model } }));
  const echo = { endpoint: body.endpoint, model, input_files: [file.id] };
  const batch: FakeBatch = { id: world.id("job-"), items, echo, state: "queued", outcomes: [] };
  world.batches.set(batch.id, batch);
  return { reply: jsonReply(200, rowOf(batch, world)) };
}

function findBatch(request: FakeRequest, world: FakeWorld): FakeBatch {
  const id = decodeURIComponent(/\/jobs\/([^/]+)/.exec(request.path)?.[1] ?? "");
  const batch = world.batches.get(id);
  if (batch === undefined) throw mistralError(`Job ${id} not found`, "not_found", null, 404);
  return batch;
}

const STATUSES: Readonly<Record<FakeBatch["state"], string>> = {
  queued: "QUEUED",
  running: "RUNNING",
  cancelling: "CANCELLATION_REQUESTED",
  completed: "SUCCESS",
  cancelled: "CANCELLED",
  expired: "TIMEOUT_EXCEEDED",
  failed: "FAILED",
};

function rowOf(batch: FakeBatch, world: FakeWorld): JsonObject {
  const { output, error } = resultFiles(batch, world);
  const good = batch.outcomes.filter((outcome) => outcome.kind === "answered" && outcome.status < 300).length;
  return {
    id: batch.id,
    object: "batch",
    ...batch.echo,
    metadata: null,
    output_file: output ?? null,
    error_file: error ?? null,
    errors: [],
    status: STATUSES[batch.state],
    created_at: CREATED_AT,
    total_requests: batch.items.length,
    completed_requests: batch.outcomes.length,
    succeeded_requests: good,
    failed_requests: batch.outcomes.length - good,
    started_at: batch.state === "queued" ? null : CREATED_AT,
    completed_at: batch.outcomes.length > 0 ? CREATED_AT + 60 : null,
  };
}
