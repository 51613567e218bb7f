/**
 * Batches at OpenAI and at the vendors that follow it: a file of requests, a job over it, files of results. The endpoint is
 * that of the provider's dialect. Source: OpenAI's API reference, "Batch"; the vendors' own words stand beside their quirks.
 */
import type { PollingOptions } from "../await-answer.ts";
import type { BatchCounts, Batches, BatchItem, BatchJob, BatchStatus } from "../batch.ts";
import { DragomanError } from "../errors.ts";
import { countIn, idOf, known, objectAnswer, rowsIn, secondsIn, textIn } from "../files/file-fields.ts";
import { type OpenAIFilesQuirks, openaiFiles } from "../files/openai-files.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import type { CallOptions } from "../provider.ts";
import type { VendorOperations } from "../vendor-operations.ts";
import type { Warning } from "../warning.ts";
import { assertHasResults } from "./batch-errors.ts";
import { renderLines } from "./batch-lines.ts";
import { statusOf } from "./batch-status.ts";
import { readResults } from "./openai-results.ts";
import { onlyModel, type RenderedItem, renderItems } from "./render-items.ts";

export interface OpenAIBatchesQuirks {
  readonly files?: OpenAIFilesQuirks;
  /** Added to every address, as `api-version=…`. */
  readonly query?: string;
  /** What the job calls the endpoint of a rendered request. Default: its path below `/v1`. */
  readonly endpointOf?: (item: RenderedItem) => string;
  /** The body of an item's line. Default: the rendered one. */
  readonly bodyOf?: (item: RenderedItem) => JsonObject;
  /** False where the items of a batch may ask different models. Default true: the vendor refuses a batch of several. */
  readonly oneModel?: boolean;
  /** False where a listing comes in one piece. Default true. */
  readonly paged?: boolean;
  /** Default 50 000. */
  readonly itemsMax?: number;
  /** Of the file of requests. Default 200 MB, which is OpenAI's. */
  readonly bytesMax?: number;
}

const STATUSES: ReadonlyMap<string, BatchStatus> = new Map<string, BatchStatus>([
  ["validating", "queued"],
  ["in_progress", "running"],
  ["finalizing", "running"],
  ["completed", "completed"],
  ["failed", "failed"],
  ["expired", "expired"],
  ["cancelling", "cancelling"],
  ["cancelled", "cancelled"],
]);

const BYTES_MAX = 200_000_000;
const ITEMS_MAX = 50_000;
const PAGE_SIZE = 100;
const LISTED_MAX = 1_000;

export function openaiBatches(
  vendor: VendorOperations,
  quirks: OpenAIBatchesQuirks = {},
  options: { readonly polling?: PollingOptions | undefined } = {},
): Batches {
  const { channel, provider } = vendor;
  const files = openaiFiles(vendor, quirks.files, options);
  const endpointOf = quirks.endpointOf ?? (({ rendered }) => `/v1${rendered.path}`);

  function address(path: string, query = ""): string {
    const whole = [query, quirks.query ?? ""].filter(Boolean).join("&");
    return whole === "" ? path : `${path}?${whole}`;
  }

  async function fetchJob(id: string, { signal }: CallOptions = {}): Promise<JsonObject> {
    return jobIn(await channel.fetchJson({ method: "GET", path: address(`/batches/${encodeURIComponent(id)}`) }, { signal }));
  }

  async function submit(items: readonly BatchItem[], { signal }: CallOptions = {}): Promise<BatchJob> {
    const rendered = await renderItems(vendor, items, quirks.itemsMax ?? ITEMS_MAX, signal);
    if (quirks.oneModel !== false) onlyModel(rendered.items, provider);
    const endpoint = oneEndpoint(rendered.items.map(endpointOf));
    const lines = rendered.items.map((item) => ({
      custom_id: item.id,
      method: "POST",
      url: endpoint,
      body: quirks.bodyOf?.(item) ?? item.body,
    }));
    const data = renderLines(lines, quirks.bytesMax ?? BYTES_MAX);
    const abortable = signal === undefined ? {} : { signal };
    const name = "batch.jsonl";
    const file = await files.upload({ name, mediaType: "application/jsonl", data, purpose: "batch", ...abortable });
    const body = { input_file_id: file.id, endpoint, completion_window: "24h" };
    const answer = await channel.fetchJson({ method: "POST", path: address("/batches"), body }, { signal });
    return batchJob(jobIn(answer), provider, rendered.warnings);
  }

  /** The newest first, at most 1 000. */
  async function list({ signal }: CallOptions = {}): Promise<readonly BatchJob[]> {
    const jobs: BatchJob[] = [];
    for (let after = ""; jobs.length < LISTED_MAX; ) {
      const query = `limit=${PAGE_SIZE}${after === "" ? "" : `&after=${encodeURIComponent(after)}`}`;
      const path = quirks.paged === false ? address("/batches") : address("/batches", query);
      const answer = await channel.fetchJson({ method: "GET", path }, { signal });
      const rows = rowsIn(answer, "data");
      jobs.push(...rows.map((row) => batchJob(row, provider)));
      after = textIn(rows.at(-1) ?? {}, "id") ?? "";
      if (quirks.paged === false || !isJsonObject(answer) || answer.has_more !== true || after === "") break;
    }
    return jobs.slice(0, LISTED_MAX);
  }

  return {
    submit,
    get: async (id, call) => batchJob(await fetchJob(id, call), provider),
    list,
    async cancel(id, { signal } = {}) {
      const path = address(`/batches/${encodeURIComponent(id)}/cancel`);
      return batchJob(jobIn(await channel.fetchJson({ method: "POST", path }, { signal })), provider);
    },
    async *results(id, call = {}) {
      const row = await fetchJob(id, call);
      assertHasResults(batchJob(row, provider));
      yield* readResults(vendor, files, [textIn(row, "output_file_id"), textIn(row, "error_file_id")], call.signal);
    },
  };
}

/** Together wraps what it has just made. Source: its reference, "Create a batch job". */
function jobIn(answer: unknown): JsonObject {
  const body = objectAnswer(answer, "batch");
  return isJsonObject(body.job) ? body.job : body;
}

function oneEndpoint(endpoints: readonly string[]): string {
  const [first = "", ...others] = new Set(endpoints);
  if (others.length === 0) return first;
  throw new DragomanError({ code: "internal", detail: `a batch has one endpoint, not ${first} and ${others.join(", ")}` });
}

function batchJob(row: JsonObject, provider: string, warnings: readonly Warning[] = []): BatchJob {
  const state = statusOf(textIn(row, "status") ?? "", STATUSES);
  const finishedAt = ["completed_at", "cancelled_at", "expired_at", "failed_at"].map((field) => secondsIn(row, field));
  return {
    id: idOf(row, "id", "batch"),
    provider,
    status: state.status,
    ...known("counts", countsOf(row.request_counts)),
    ...known("createdAt", secondsIn(row, "created_at")),
    ...known(
      "finishedAt",
      finishedAt.find((seconds) => seconds !== undefined),
    ),
    ...known("expiresAt", secondsIn(row, "expires_at") ?? secondsIn(row, "job_deadline")),
    ...known("error", errorOf(row)),
    warnings: [...warnings, ...state.warnings],
  };
}

/** All zero until the file of requests was checked. */
function countsOf(counts: unknown): BatchCounts | undefined {
  if (!isJsonObject(counts)) return undefined;
  const [total, succeeded, failed] = ["total", "completed", "failed"].map((field) => countIn(counts, field));
  if (total === undefined || succeeded === undefined || failed === undefined || total === 0) return undefined;
  return { total, succeeded, failed };
}

/** A list with lines of the file, or Together's one sentence. */
function errorOf({ errors, error }: JsonObject): string | undefined {
  const messages = rowsIn(isJsonObject(errors) ? errors : {}, "data").map((one) => {
    const line = countIn(one, "line");
    return `${line === undefined ? "" : `line ${line}: `}${textIn(one, "message") ?? textIn(one, "code") ?? "unknown"}`;
  });
  if (messages.length > 0) return messages.slice(0, ERRORS_TOLD_MAX).join("; ");
  return typeof error === "string" && error !== "" ? error : undefined;
}

const ERRORS_TOLD_MAX = 5;
