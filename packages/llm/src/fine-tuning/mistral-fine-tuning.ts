/**
 * Fine-tuning at Mistral: jobs of its own form over OpenAI's files; what happened stands in the job itself, and losses in its
 * checkpoints. Source: Mistral's API specification of version 1, DetailedJobOut.
 */
import { countIn, idOf, known, objectAnswer, rowsIn, secondsIn, textIn } from "../files/file-fields.ts";
import { MISTRAL_FILES } from "../files/file-quirks.ts";
import { openaiFiles } from "../files/openai-files.ts";
import type { FineTuneEvent, FineTuneJob, FineTuneRequest, FineTuneStatus, FineTuning } from "../fine-tune.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import type { CallOptions } from "../provider.ts";
import type { VendorOperations } from "../vendor-operations.ts";
import type { Warning } from "../warning.ts";
import { refuseSettings, statusOf } from "./job-status.ts";
import { trainingFiles, uploadTraining } from "./upload-training.ts";

const STATUSES: ReadonlyMap<string, FineTuneStatus> = new Map<string, FineTuneStatus>([
  ["queued", "queued"],
  ["started", "queued"],
  ["validating", "queued"],
  ["validated", "queued"],
  ["running", "running"],
  ["failed_validation", "failed"],
  ["failed", "failed"],
  ["success", "succeeded"],
  ["cancelled", "cancelled"],
  ["cancellation_requested", "cancelling"],
]);

const MISSING = {
  batchSize: "leave it out",
  learningRateMultiplier: "give the rate itself: vendorOptions: { hyperparameters: { learning_rate: 0.0001 } }",
  seed: "leave it out",
};
const PAGE_SIZE = 100;
const JOBS_MAX = 1_000;

export function mistralFineTuning(vendor: VendorOperations): FineTuning {
  const { channel, provider } = vendor;
  const files = openaiFiles(vendor, MISTRAL_FILES);

  function jobOf(answer: unknown, warnings: readonly Warning[] = []): FineTuneJob {
    return fineTuneJob(objectAnswer(answer, "fine-tuning job"), provider, warnings);
  }

  async function fetchRow(id: string, { signal }: CallOptions = {}): Promise<JsonObject> {
    return objectAnswer(await channel.fetchJson({ method: "GET", path: pathOf(id) }, { signal }), "fine-tuning job");
  }

  return {
    upload: (request) => uploadTraining(files, request, {}),
    async start(request) {
      refuseSettings(provider, request, MISSING);
      const { training, validation, warnings } = await trainingFiles(files, request, {});
      const body = { ...startBody(vendor.modelOf(request.model), request, training, validation), ...request.vendorOptions };
      return jobOf(await channel.fetchJson({ method: "POST", path: JOBS, body }, { signal: request.signal }), warnings);
    },
    get: async (id, call) => jobOf(await fetchRow(id, call)),
    /** At most 1 000. */
    async list({ signal } = {}) {
      const jobs: FineTuneJob[] = [];
      for (let page = 0; jobs.length < JOBS_MAX; page++) {
        const path = `${JOBS}?page=${page}&page_size=${PAGE_SIZE}`;
        const answer = objectAnswer(await channel.fetchJson({ method: "GET", path }, { signal }), "listing of jobs");
        const rows = rowsIn(answer, "data");
        jobs.push(...rows.map((row) => jobOf(row)));
        if (rows.length === 0 || jobs.length >= (countIn(answer, "total") ?? 0)) break;
      }
      return jobs.slice(0, JOBS_MAX);
    },
    async cancel(id, { signal } = {}) {
      return jobOf(await channel.fetchJson({ method: "POST", path: `${pathOf(id)}/cancel` }, { signal }));
    },
    events: async (id, call) => eventsOf(await fetchRow(id, call)),
  };
}

const JOBS = "/fine_tuning/jobs";

function pathOf(id: string): string {
  return `${JOBS}/${encodeURIComponent(id)}`;
}

function startBody(
  model: string,
  { suffix, epochs }: FineTuneRequest,
  training: string,
  validation: string | undefined,
): JsonObject {
  return {
    model,
    training_files: [{ file_id: training, weight: 1 }],
    ...(validation === undefined ? {} : { validation_files: [validation] }),
    ...known("suffix", suffix),
    hyperparameters: known("epochs", epochs),
    auto_start: true,
  };
}

function fineTuneJob(row: JsonObject, provider: string, warnings: readonly Warning[]): FineTuneJob {
  const state = statusOf(textIn(row, "status") ?? "", STATUSES);
  const isAtRest = ["succeeded", "failed", "cancelled"].includes(state.status);
  const error = eventsOf(row).findLast(({ level }) => level === "error")?.message;
  const hyperparameters = isJsonObject(row.hyperparameters) ? row.hyperparameters : {};
  return {
    id: idOf(row, "id", "fine-tuning job"),
    provider,
    status: state.status,
    model: textIn(row, "model") ?? "",
    ...known("tunedModel", textIn(row, "fine_tuned_model")),
    ...known("trainedTokens", countIn(row, "trained_tokens")),
    ...known("stepsTotal", countIn(hyperparameters, "training_steps")),
    ...known("createdAt", secondsIn(row, "created_at")),
    ...known("finishedAt", isAtRest ? secondsIn(row, "modified_at") : undefined),
    ...known("error", state.status === "failed" ? error : undefined),
    warnings: [...warnings, ...state.warnings],
  };
}

/** What the job itself tells, and its checkpoints, in the order in which they happened. */
function eventsOf(row: JsonObject): readonly FineTuneEvent[] {
  const happened = [...rowsIn(row, "events").map(eventOf), ...rowsIn(row, "checkpoints").map(checkpointEvent)];
  return happened.toSorted((one, other) => one.at - other.at);
}

function eventOf(row: JsonObject): FineTuneEvent {
  const data = isJsonObject(row.data) ? row.data : {};
  const status = textIn(data, "status");
  const error = textIn(data, "error");
  const message = [textIn(row, "name"), status, error].filter((word) => word !== undefined).join(": ");
  const isError = error !== undefined || /^failed/i.test(status ?? "");
  return { at: secondsIn(row, "created_at") ?? 0, level: isError ? "error" : "info", message };
}

function checkpointEvent(row: JsonObject): FineTuneEvent {
  const metrics = isJsonObject(row.metrics) ? row.metrics : {};
  return {
    at: secondsIn(row, "created_at") ?? 0,
    level: "info",
    message: "checkpoint",
    ...known("step", countIn(row, "step_number")),
    ...known("trainingLoss", typeof metrics.train_loss === "number" ? metrics.train_loss : undefined),
  };
}
