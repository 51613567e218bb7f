/**
 * Batches at Gemini: an operation over requests of one model, inline while they are few, else in a file. An item's id goes
 * along as its key. Source: ai.google.dev, "Batch API" and `models.batchGenerateContent`, and the types of @google/genai.
 */
import type { PollingOptions } from "../await-answer.ts";
import type { BatchCounts, Batches, BatchItem, BatchJob, BatchResult, BatchStatus } from "../batch.ts";
import { DragomanError, toDragomanError } from "../errors.ts";
import { countIn, idOf, known, objectAnswer, rowsIn, secondsIn, textIn } from "../files/file-fields.ts";
import { geminiFiles, resourceName } from "../files/gemini-files.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import type { CallOptions } from "../provider.ts";
import type { VendorOperations } from "../vendor-operations.ts";
import type { Warning } from "../warning.ts";
import { assertHasResults, cancelledItem, unreadableItem } from "./batch-errors.ts";
import { parseLines, renderLines } from "./batch-lines.ts";
import { statusOf } from "./batch-status.ts";
import { onlyModel, type RenderedItem, renderItems } from "./render-items.ts";

const STATUSES: ReadonlyMap<string, BatchStatus> = new Map<string, BatchStatus>([
  ["queued", "queued"],
  ["pending", "queued"],
  ["running", "running"],
  ["succeeded", "completed"],
  ["partially_succeeded", "completed"],
  ["failed", "failed"],
  ["cancelling", "cancelling"],
  ["cancelled", "cancelled"],
  ["expired", "expired"],
]);

const ITEMS_MAX = 200_000;
/** Under 20 MB go inline; the margin is for what stands around the items. */
const INLINE_BYTES_MAX = 19_000_000;
/** The service takes files of 2 GB; they are held in memory here. */
const FILE_BYTES_MAX = 512 * 1024 * 1024;
const PAGE_SIZE = 100;
const LISTED_MAX = 1_000;

export function geminiBatches(
  vendor: VendorOperations,
  options: { readonly polling?: PollingOptions | undefined } = {},
): Batches {
  const { channel, provider } = vendor;
  const files = geminiFiles(vendor, options);

  async function fetchOperation(id: string, { signal }: CallOptions): Promise<JsonObject> {
    return objectAnswer(await channel.fetchJson({ method: "GET", path: `/${batchName(id)}` }, { signal }), "batch");
  }

  async function submit(items: readonly BatchItem[], { signal }: CallOptions = {}): Promise<BatchJob> {
    const rendered = await renderItems(vendor, items, ITEMS_MAX, signal);
    const model = onlyModel(rendered.items, provider).replace(/^models\//, "");
    const inputConfig = await inputOf(rendered.items, signal);
    const body = { batch: { displayName: "dragoman", inputConfig } };
    const path = `/models/${encodeURIComponent(model)}:batchGenerateContent`;
    const answer = await channel.fetchJson({ method: "POST", path, body }, { signal });
    return batchJob(objectAnswer(answer, "batch"), provider, rendered.warnings);
  }

  async function inputOf(items: readonly RenderedItem[], signal: AbortSignal | undefined): Promise<JsonObject> {
    const lines = renderLines(
      items.map(({ id, body }) => ({ key: id, request: body })),
      FILE_BYTES_MAX,
    );
    if (lines.length <= INLINE_BYTES_MAX) {
      return { requests: { requests: items.map(({ id, body }) => ({ request: body, metadata: { key: id } })) } };
    }
    const abortable = signal === undefined ? {} : { signal };
    const file = await files.upload({ name: "batch.jsonl", mediaType: "application/jsonl", data: lines, ...abortable });
    return { fileName: resourceName(file.id) };
  }

  /** At most 1 000. */
  async function list({ signal }: CallOptions = {}): Promise<readonly BatchJob[]> {
    const jobs: BatchJob[] = [];
    for (let token: string | undefined = ""; token !== undefined && jobs.length < LISTED_MAX; ) {
      const next: string = token === "" ? "" : `&pageToken=${encodeURIComponent(token)}`;
      const answer = await channel.fetchJson({ method: "GET", path: `/batches?pageSize=${PAGE_SIZE}${next}` }, { signal });
      jobs.push(...rowsIn(answer, "operations").map((row) => batchJob(row, provider)));
      token = textIn(objectAnswer(answer, "listing of batches"), "nextPageToken");
    }
    return jobs.slice(0, LISTED_MAX);
  }

  return {
    submit,
    get: async (id, call = {}) => batchJob(await fetchOperation(id, call), provider),
    list,
    async cancel(id, call = {}) {
      await channel.fetchJson({ method: "POST", path: `/${batchName(id)}:cancel` }, { signal: call.signal });
      return batchJob(await fetchOperation(id, call), provider);
    },
    async *results(id, call = {}) {
      const operation = await fetchOperation(id, call);
      assertHasResults(batchJob(operation, provider));
      const output = outputOf(operation);
      const model = textIn(metadataOf(operation), "model")?.replace(/^models\//, "") ?? "";
      const fileName = textIn(output, "responsesFile");
      for await (const row of fileName === undefined ? inlined(output) : fromFile(fileName, call)) {
        yield await resultOf(vendor, row, model);
      }
    },
  };

  async function* fromFile(name: string, { signal }: CallOptions): AsyncGenerator<JsonObject> {
    const path = `/${resourceName(name)}:download?alt=media`;
    const response = await channel.send({ method: "GET", path }, { signal });
    yield* parseLines(response.body);
  }
}

/** `batches/abc`, with or without its first part. */
function batchName(id: string): string {
  const name = id.startsWith("batches/") ? id : `batches/${id}`;
  if (/^batches\/[a-zA-Z0-9_-]+$/.test(name)) return name;
  throw new DragomanError({ code: "invalid_request", field: "id", detail: `${JSON.stringify(id)} is no batch of Gemini` });
}

function metadataOf(operation: JsonObject): JsonObject {
  return isJsonObject(operation.metadata) ? operation.metadata : {};
}

/** Stands in the response once the operation is done, and in the metadata as well. */
function outputOf({ response, ...operation }: JsonObject): JsonObject {
  const { output } = metadataOf(operation);
  return isJsonObject(response) ? response : isJsonObject(output) ? output : {};
}

async function* inlined(output: JsonObject): AsyncGenerator<JsonObject> {
  const { inlinedResponses } = output;
  yield* rowsIn(isJsonObject(inlinedResponses) ? inlinedResponses : {}, "inlinedResponses");
}

function batchJob(operation: JsonObject, provider: string, warnings: readonly Warning[] = []): BatchJob {
  const metadata = metadataOf(operation);
  const word = textIn(metadata, "state")?.replace(/^(BATCH|JOB)_STATE_/, "") ?? "";
  const state = statusOf(word, STATUSES);
  const failure = isJsonObject(operation.error) ? textIn(operation.error, "message") : undefined;
  return {
    id: idOf(operation, "name", "batch"),
    provider,
    status: state.status,
    ...known("counts", countsOf(metadata.batchStats)),
    ...known("createdAt", secondsIn(metadata, "createTime")),
    ...known("finishedAt", secondsIn(metadata, "endTime")),
    ...known("error", failure),
    warnings: [...warnings, ...state.warnings],
  };
}

function countsOf(stats: unknown): BatchCounts | undefined {
  if (!isJsonObject(stats)) return undefined;
  const total = countIn(stats, "requestCount");
  // a count of nothing is left out, as protobuf does in JSON
  const [succeeded = 0, failed = 0] = ["successfulRequestCount", "failedRequestCount"].map((field) => countIn(stats, field));
  return total === undefined ? undefined : { total, succeeded, failed };
}

/** A line of a file has its key at the top, an inlined response in its metadata. */
async function resultOf(vendor: VendorOperations, row: JsonObject, model: string): Promise<BatchResult> {
  const id = textIn(row, "key") ?? idOf(isJsonObject(row.metadata) ? row.metadata : {}, "key", "result");
  try {
    if (isJsonObject(row.response)) return { id, completion: await vendor.parseCompletion(row.response, model, "batch") };
    const error = row.error ?? row.status;
    if (isJsonObject(error) && error.code === RPC_CANCELLED) return { id, error: cancelledItem(vendor.provider) };
    if (isJsonObject(error)) return { id, error: await vendor.parseError(httpStatus(error), { error }, model) };
    return { id, error: unreadableItem(vendor.provider, id) };
  } catch (thrown) {
    return { id, error: toDragomanError(thrown).with({ provider: vendor.provider }) };
  }
}

const RPC_CANCELLED = 1;

/** The canonical codes of google.rpc as HTTP has them. Source: googleapis, google/rpc/code.proto. */
const HTTP_OF_RPC: Readonly<Record<number, number>> = {
  3: 400,
  4: 504,
  5: 404,
  7: 403,
  8: 429,
  9: 400,
  11: 400,
  12: 501,
  13: 500,
  14: 503,
  16: 401,
};

function httpStatus(error: JsonObject): number {
  const code = countIn(error, "code") ?? 13;
  return code >= 400 ? code : (HTTP_OF_RPC[code] ?? 500);
}
