/** Batches at Anthropic: the requests in one body, the results as JSON lines. Source: the types of @anthropic-ai/sdk. */
import type { BatchCounts, Batches, BatchItem, BatchJob, BatchResult, BatchStatus } from "../batch.ts";
import { DragomanError, toDragomanError } from "../errors.ts";
import { countIn, idOf, known, objectAnswer, rowsIn, secondsIn, textIn } from "../files/file-fields.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import type { CallOptions } from "../provider.ts";
import type { VendorOperations } from "../vendor-operations.ts";
import type { Warning } from "../warning.ts";
import { assertHasResults, cancelledItem, expiredItem, unreadableItem } from "./batch-errors.ts";
import { parseLines } from "./batch-lines.ts";
import { statusOf } from "./batch-status.ts";
import { type RenderedItem, renderItems } from "./render-items.ts";

/** Source: docs.claude.com, "Batch processing", limits: 100 000 requests or 256 MB. */
const ITEMS_MAX = 100_000;
const BYTES_MAX = 256 * 1024 * 1024;
const PAGE_SIZE = 100;
const LISTED_MAX = 1_000;

export function anthropicBatches(vendor: VendorOperations): Batches {
  const { channel, provider } = vendor;

  async function submit(items: readonly BatchItem[], { signal }: CallOptions = {}): Promise<BatchJob> {
    const rendered = await renderItems(vendor, items, ITEMS_MAX, signal);
    const requests = rendered.items.map(({ id, body: { stream: _stream, ...params } }) => ({ custom_id: id, params }));
    const body = new TextEncoder().encode(JSON.stringify({ requests }));
    if (body.length > BYTES_MAX) throw tooLarge(provider, body.length);
    const headers = { "content-type": "application/json", ...betasOf(rendered.items) };
    const answer = await channel.fetchJson({ method: "POST", path: "/messages/batches", headers, body }, { signal });
    return batchJob(answer, provider, rendered.warnings);
  }

  async function get(id: string, { signal }: CallOptions = {}): Promise<BatchJob> {
    return batchJob(await channel.fetchJson({ method: "GET", path: batchPath(id) }, { signal }), provider);
  }

  /** The newest first, at most 1 000. */
  async function list({ signal }: CallOptions = {}): Promise<readonly BatchJob[]> {
    const jobs: BatchJob[] = [];
    for (let after: string | undefined = ""; after !== undefined && jobs.length < LISTED_MAX; ) {
      const next: string = after === "" ? "" : `&after_id=${encodeURIComponent(after)}`;
      const path = `/messages/batches?limit=${PAGE_SIZE}${next}`;
      const answer = objectAnswer(await channel.fetchJson({ method: "GET", path }, { signal }), "listing of batches");
      jobs.push(...rowsIn(answer, "data").map((row) => batchJob(row, provider)));
      after = answer.has_more === true ? textIn(answer, "last_id") : undefined;
    }
    return jobs.slice(0, LISTED_MAX);
  }

  return {
    submit,
    get,
    list,
    async cancel(id, { signal } = {}) {
      return batchJob(await channel.fetchJson({ method: "POST", path: `${batchPath(id)}/cancel` }, { signal }), provider);
    },
    async *results(id, call = {}) {
      assertHasResults(await get(id, call));
      const response = await channel.send({ method: "GET", path: `${batchPath(id)}/results` }, { signal: call.signal });
      for await (const line of parseLines(response.body)) yield await resultOf(vendor, line);
    },
  };
}

function batchPath(id: string): string {
  return `/messages/batches/${encodeURIComponent(id)}`;
}

/** A beta that one item needs holds for the whole request: items have no headers of their own. */
function betasOf(items: readonly RenderedItem[]): Readonly<Record<string, string>> {
  const betas = new Set(items.flatMap(({ rendered }) => rendered.headers["anthropic-beta"]?.split(",") ?? []));
  return betas.size === 0 ? {} : { "anthropic-beta": [...betas].join(",") };
}

function tooLarge(provider: string, bytes: number): DragomanError {
  const detail = `the batch has ${bytes} bytes; ${provider} takes at most ${BYTES_MAX}`;
  return new DragomanError({ code: "request_too_large", provider, detail, advice: "submit it as several batches" });
}

const STATUSES: ReadonlyMap<string, BatchStatus> = new Map<string, BatchStatus>([
  ["in_progress", "running"],
  ["canceling", "cancelling"],
  ["ended", "completed"],
]);

function batchJob(answer: unknown, provider: string, warnings: readonly Warning[] = []): BatchJob {
  const row = objectAnswer(answer, "batch");
  const state = statusOf(textIn(row, "processing_status") ?? "", STATUSES);
  const counts = isJsonObject(row.request_counts) ? row.request_counts : undefined;
  return {
    id: idOf(row, "id", "batch"),
    provider,
    status: state.status === "completed" ? howEnded(counts ?? {}) : state.status,
    ...known("counts", counts === undefined ? undefined : countsOf(counts)),
    ...known("createdAt", secondsIn(row, "created_at")),
    ...known("finishedAt", secondsIn(row, "ended_at")),
    ...known("expiresAt", secondsIn(row, "expires_at")),
    warnings: [...warnings, ...state.warnings],
  };
}

/** The service says only that it ended; what became of the items says how. */
function howEnded(counts: JsonObject): BatchStatus {
  if ((countIn(counts, "canceled") ?? 0) > 0) return "cancelled";
  return (countIn(counts, "expired") ?? 0) > 0 ? "expired" : "completed";
}

function countsOf(counts: JsonObject): BatchCounts {
  const [processing = 0, succeeded = 0, ...unanswered] = ["processing", "succeeded", "errored", "canceled", "expired"].map(
    (field) => countIn(counts, field) ?? 0,
  );
  const failed = unanswered.reduce((sum, count) => sum + count, 0);
  return { total: processing + succeeded + failed, succeeded, failed };
}

async function resultOf(vendor: VendorOperations, line: JsonObject): Promise<BatchResult> {
  const id = idOf(line, "custom_id", "result");
  const result = isJsonObject(line.result) ? line.result : {};
  try {
    return (
      (await RESULTS[textIn(result, "type") ?? ""]?.(vendor, id, result)) ?? { id, error: unreadableItem(vendor.provider, id) }
    );
  } catch (thrown) {
    return { id, error: toDragomanError(thrown).with({ provider: vendor.provider }) };
  }
}

type ReadResult = (vendor: VendorOperations, id: string, result: JsonObject) => Promise<BatchResult>;

const RESULTS: Readonly<Record<string, ReadResult>> = {
  succeeded: async (vendor, id, { message }) => {
    const model = isJsonObject(message) ? (textIn(message, "model") ?? "") : "";
    return { id, completion: await vendor.parseCompletion(message, model, "batch") };
  },
  errored: async (vendor, id, { error }) => ({ id, error: await vendor.parseError(statusOfError(error), error, "") }),
  canceled: async ({ provider }, id) => ({ id, error: cancelledItem(provider) }),
  expired: async ({ provider }, id) => ({ id, error: expiredItem(provider) }),
};

/** The status with which a call would have been refused. Source: docs.claude.com, "Errors". */
const STATUS_OF_TYPE: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
};

function statusOfError(body: unknown): number {
  const error = isJsonObject(body) && isJsonObject(body.error) ? body.error : {};
  return STATUS_OF_TYPE[textIn(error, "type") ?? ""] ?? 500;
}
