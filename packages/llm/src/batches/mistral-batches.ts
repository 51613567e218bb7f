/**
 * Batches at Mistral: files of requests and results as OpenAI has them, but jobs of their own form, each of one model.
 * Source: the types of @mistralai/mistralai, BatchJob and CreateBatchJobRequest.
 */
import type { BatchCounts, Batches, BatchItem, BatchJob, BatchStatus } from "../batch.ts";
import { countIn, idOf, known, objectAnswer, rowsIn, secondsIn, textIn } from "../files/file-fields.ts";
import { MISTRAL_FILES } from "../files/file-quirks.ts";
import { openaiFiles } from "../files/openai-files.ts";
import type { JsonObject } from "../json.ts";
import type { CallOptions } from "../provider.ts";
import type { VendorOperations } from "../vendor-operations.ts";
import type { Warning } from "../warning.ts";
import { assertHasResults } from "./batch-errors.ts";
import { renderLines } from "./batch-lines.ts";
import { statusOf } from "./batch-status.ts";
import { readResults } from "./openai-results.ts";
import { onlyModel, renderItems } from "./render-items.ts";

const STATUSES: ReadonlyMap<string, BatchStatus> = new Map<string, BatchStatus>([
  ["queued", "queued"],
  ["running", "running"],
  ["success", "completed"],
  ["failed", "failed"],
  ["timeout_exceeded", "expired"],
  ["cancellation_requested", "cancelling"],
  ["cancelled", "cancelled"],
]);

/** Source: docs.mistral.ai, "Batch": a million requests. The file is held in memory here, so it stops earlier. */
const ITEMS_MAX = 1_000_000;
const BYTES_MAX = 512 * 1024 * 1024;
const PAGE_SIZE = 100;
const LISTED_MAX = 1_000;

export function mistralBatches(vendor: VendorOperations): Batches {
  const { channel, provider } = vendor;
  const files = openaiFiles(vendor, MISTRAL_FILES);

  async function fetchJob(id: string, { signal }: CallOptions = {}): Promise<JsonObject> {
    return objectAnswer(await channel.fetchJson({ method: "GET", path: jobPath(id) }, { signal }), "batch");
  }

  async function submit(items: readonly BatchItem[], { signal }: CallOptions = {}): Promise<BatchJob> {
    const rendered = await renderItems(vendor, items, ITEMS_MAX, signal);
    const model = onlyModel(rendered.items, provider);
    const data = renderLines(
      rendered.items.map(({ id, body }) => ({ custom_id: id, body })),
      BYTES_MAX,
    );
    const abortable = signal === undefined ? {} : { signal };
    const name = "batch.jsonl";
    const file = await files.upload({ name, mediaType: "application/jsonl", data, purpose: "batch", ...abortable });
    const body = { input_files: [file.id], endpoint: "/v1/chat/completions", model, timeout_hours: 24 };
    const answer = await channel.fetchJson({ method: "POST", path: "/batch/jobs", body }, { signal });
    return batchJob(objectAnswer(answer, "batch"), provider, rendered.warnings);
  }

  /** At most 1 000. */
  async function list({ signal }: CallOptions = {}): Promise<readonly BatchJob[]> {
    const jobs: BatchJob[] = [];
    for (let page = 0; jobs.length < LISTED_MAX; page++) {
      const path = `/batch/jobs?page=${page}&page_size=${PAGE_SIZE}`;
      const answer = objectAnswer(await channel.fetchJson({ method: "GET", path }, { signal }), "listing of batches");
      const rows = rowsIn(answer, "data");
      jobs.push(...rows.map((row) => batchJob(row, provider)));
      if (rows.length === 0 || jobs.length >= (countIn(answer, "total") ?? 0)) break;
    }
    return jobs.slice(0, LISTED_MAX);
  }

  return {
    submit,
    get: async (id, call) => batchJob(await fetchJob(id, call), provider),
    list,
    async cancel(id, { signal } = {}) {
      const answer = await channel.fetchJson({ method: "POST", path: `${jobPath(id)}/cancel` }, { signal });
      return batchJob(objectAnswer(answer, "batch"), provider);
    },
    async *results(id, call = {}) {
      const row = await fetchJob(id, call);
      assertHasResults(batchJob(row, provider));
      yield* readResults(vendor, files, [textIn(row, "output_file"), textIn(row, "error_file")], call.signal);
    },
  };
}

function jobPath(id: string): string {
  return `/batch/jobs/${encodeURIComponent(id)}`;
}

function batchJob(row: JsonObject, provider: string, warnings: readonly Warning[] = []): BatchJob {
  const state = statusOf(textIn(row, "status") ?? "", STATUSES);
  return {
    id: idOf(row, "id", "batch"),
    provider,
    status: state.status,
    ...known("counts", countsOf(row)),
    ...known("createdAt", secondsIn(row, "created_at")),
    ...known("finishedAt", secondsIn(row, "completed_at")),
    ...known("error", errorOf(row)),
    warnings: [...warnings, ...state.warnings],
  };
}

function countsOf(row: JsonObject): BatchCounts | undefined {
  const total = countIn(row, "total_requests");
  const succeeded = countIn(row, "succeeded_requests");
  const failed = countIn(row, "failed_requests");
  if (total === undefined || succeeded === undefined || failed === undefined || total === 0) return undefined;
  return { total, succeeded, failed };
}

function errorOf(row: JsonObject): string | undefined {
  const messages = rowsIn(row, "errors").flatMap((error) => textIn(error, "message") ?? []);
  return messages.length === 0 ? undefined : messages.join("; ");
}
