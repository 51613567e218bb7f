/** Fine-tuning at Together. Source: its API reference, "Fine-tuning", and the types of its Python client. */
import { countIn, idOf, known, objectAnswer, rowsIn, secondsIn, textIn } from "../files/file-fields.ts";
import { TOGETHER_FILES } from "../files/file-quirks.ts";
import { openaiFiles } from "../files/openai-files.ts";
import type { FineTuneEvent, FineTuneJob, FineTuneRequest, FineTuneStatus, FineTuning } from "../fine-tune.ts";
import type { JsonObject } from "../json.ts";
import type { VendorOperations } from "../vendor-operations.ts";
import type { Warning } from "../warning.ts";
import { refuseSettings, statusOf } from "./job-status.ts";
import { trainingFiles, uploadTraining } from "./upload-training.ts";

const STATUSES: ReadonlyMap<string, FineTuneStatus> = new Map<string, FineTuneStatus>([
  ["pending", "queued"],
  ["queued", "queued"],
  ["running", "running"],
  ["compressing", "running"],
  ["uploading", "running"],
  ["cancel_requested", "cancelling"],
  ["cancelled", "cancelled"],
  ["error", "failed"],
  ["user_error", "failed"],
  ["completed", "succeeded"],
]);

/** The rate itself is asked for, not a multiple of one; nothing makes a run repeatable. */
const MISSING = {
  learningRateMultiplier: "give the rate itself: vendorOptions: { learning_rate: 0.00001 }",
  seed: "leave it out",
};

export function togetherFineTuning(vendor: VendorOperations): FineTuning {
  const { channel, provider } = vendor;
  const files = openaiFiles(vendor, TOGETHER_FILES);

  function jobOf(answer: unknown, warnings: readonly Warning[] = []): FineTuneJob {
    return fineTuneJob(objectAnswer(answer, "fine-tuning job"), provider, warnings);
  }

  return {
    upload: (request) => uploadTraining(files, request, {}),
    async start(request) {
      refuseSettings(provider, request, MISSING);
      const { training, validation, warnings } = await trainingFiles(files, request, {});
      const body = { ...startBody(vendor.modelOf(request.model), request, training, validation), ...request.vendorOptions };
      return jobOf(await channel.fetchJson({ method: "POST", path: "/fine-tunes", body }, { signal: request.signal }), warnings);
    },
    get: async (id, { signal } = {}) => jobOf(await channel.fetchJson({ method: "GET", path: pathOf(id) }, { signal })),
    async list({ signal } = {}) {
      const jobs = rowsIn(await channel.fetchJson({ method: "GET", path: "/fine-tunes" }, { signal }), "data").map((row) =>
        jobOf(row),
      );
      // The order of the listing is nowhere promised.
      return jobs.toSorted((one, other) => (other.createdAt ?? 0) - (one.createdAt ?? 0));
    },
    async cancel(id, { signal } = {}) {
      return jobOf(await channel.fetchJson({ method: "POST", path: `${pathOf(id)}/cancel` }, { signal }));
    },
    async events(id, { signal } = {}) {
      const answer = await channel.fetchJson({ method: "GET", path: `${pathOf(id)}/events` }, { signal });
      return rowsIn(answer, "data")
        .map(eventOf)
        .toSorted((one, other) => one.at - other.at);
    },
  };
}

function pathOf(id: string): string {
  return `/fine-tunes/${encodeURIComponent(id)}`;
}

function startBody(
  model: string,
  { suffix, epochs, batchSize }: FineTuneRequest,
  training: string,
  validation: string | undefined,
): JsonObject {
  return {
    model,
    training_file: training,
    // A validation file is read only where at least one evaluation is asked for.
    ...(validation === undefined ? {} : { validation_file: validation, n_evals: 1 }),
    ...known("suffix", suffix),
    ...known("n_epochs", epochs),
    ...known("batch_size", batchSize),
  };
}

function fineTuneJob(row: JsonObject, provider: string, warnings: readonly Warning[]): FineTuneJob {
  const state = statusOf(textIn(row, "status") ?? "", STATUSES);
  const isDone = state.status === "succeeded";
  const isAtRest = isDone || state.status === "failed" || state.status === "cancelled";
  const lastError = rowsIn(row, "events")
    .map(eventOf)
    .findLast(({ level }) => level === "error");
  return {
    id: idOf(row, "id", "fine-tuning job"),
    provider,
    status: state.status,
    model: textIn(row, "model") ?? "",
    // The name is settled before the model is there.
    ...known("tunedModel", isDone ? (textIn(row, "model_output_name") ?? textIn(row, "output_name")) : undefined),
    ...known("trainedTokens", isDone ? countIn(row, "token_count") : undefined),
    ...known("step", countIn(row, "steps_completed")),
    ...known("stepsTotal", countIn(row, "total_steps")),
    ...known("createdAt", secondsIn(row, "created_at")),
    ...known("finishedAt", isAtRest ? secondsIn(row, "updated_at") : undefined),
    ...known("error", state.status === "failed" ? lastError?.message : undefined),
    warnings: [...warnings, ...state.warnings],
  };
}

const LEVELS: Readonly<Record<string, FineTuneEvent["level"]>> = { warning: "warning", error: "error" };

function eventOf(row: JsonObject): FineTuneEvent {
  // 0 stands on events that are about no step.
  const step = countIn(row, "step") || undefined;
  return {
    at: secondsIn(row, "created_at") ?? 0,
    level: LEVELS[(textIn(row, "level") ?? "").toLowerCase()] ?? "info",
    message: textIn(row, "message") ?? textIn(row, "type") ?? "",
    ...known("step", step),
    ...known("stepsTotal", step === undefined ? undefined : countIn(row, "total_steps")),
    ...known("trainingLoss", typeof row.training_loss === "number" ? row.training_loss : undefined),
  };
}
