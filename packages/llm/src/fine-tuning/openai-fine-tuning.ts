/** Fine-tuning at OpenAI, and at Azure, whose form is the same. Source: OpenAI's API reference, "Fine-tuning". */

import type { PollingOptions } from "../await-answer.ts";
import { countIn, idOf, known, objectAnswer, rowsIn, secondsIn, textIn } from "../files/file-fields.ts";
import { type OpenAIFilesQuirks, openaiFiles } from "../files/openai-files.ts";
import type { FineTuneEvent, FineTuneJob, FineTuneRequest, FineTuneStatus, FineTuning } from "../fine-tune.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import type { CallOptions } from "../provider.ts";
import type { VendorOperations } from "../vendor-operations.ts";
import type { Warning } from "../warning.ts";
import { statusOf } from "./job-status.ts";
import type { TrainingLimits } from "./training-lines.ts";
import { trainingFiles, uploadTraining } from "./upload-training.ts";

export interface OpenAIFineTuningQuirks {
  readonly files?: OpenAIFilesQuirks;
  /** Added to every address, as `api-version=…`. */
  readonly query?: string;
}

const STATUSES: ReadonlyMap<string, FineTuneStatus> = new Map<string, FineTuneStatus>([
  ["validating_files", "queued"],
  ["queued", "queued"],
  ["pending", "queued"],
  ["paused", "running"],
  ["running", "running"],
  ["succeeded", "succeeded"],
  ["failed", "failed"],
  ["cancelled", "cancelled"],
]);

/** "at least 10 examples". Source: OpenAI's guide, "Supervised fine-tuning". */
const LIMITS: TrainingLimits = { examplesMin: 10 };
const PAGE_SIZE = 100;
const JOBS_MAX = 1_000;
const EVENTS_MAX = 10_000;

export function openaiFineTuning(
  vendor: VendorOperations,
  quirks: OpenAIFineTuningQuirks = {},
  options: { readonly polling?: PollingOptions | undefined } = {},
): FineTuning {
  const { channel, provider } = vendor;
  const files = openaiFiles(vendor, quirks.files, options);

  function address(rest = "", query = ""): string {
    const whole = [query, quirks.query ?? ""].filter(Boolean).join("&");
    return `/fine_tuning/jobs${rest}${whole === "" ? "" : `?${whole}`}`;
  }

  function jobOf(answer: unknown, warnings: readonly Warning[] = []): FineTuneJob {
    return fineTuneJob(objectAnswer(answer, "fine-tuning job"), provider, warnings);
  }

  /** Rows of a listing, page by page. */
  async function rows(rest: string, most: number, { signal }: CallOptions): Promise<readonly JsonObject[]> {
    const found: JsonObject[] = [];
    for (let after = ""; found.length < most; ) {
      const query = `limit=${PAGE_SIZE}${after === "" ? "" : `&after=${encodeURIComponent(after)}`}`;
      const answer = await channel.fetchJson({ method: "GET", path: address(rest, query) }, { signal });
      const page = rowsIn(answer, "data");
      found.push(...page);
      after = textIn(page.at(-1) ?? {}, "id") ?? "";
      if (!isJsonObject(answer) || answer.has_more !== true || after === "") break;
    }
    return found.slice(0, most);
  }

  return {
    upload: (request) => uploadTraining(files, request, LIMITS),
    async start(request) {
      const { training, validation, warnings } = await trainingFiles(files, request, LIMITS);
      const body = { ...startBody(vendor.modelOf(request.model), request, training, validation), ...request.vendorOptions };
      return jobOf(await channel.fetchJson({ method: "POST", path: address(), body }, { signal: request.signal }), warnings);
    },
    get: async (id, { signal } = {}) => jobOf(await channel.fetchJson({ method: "GET", path: address(pathOf(id)) }, { signal })),
    /** At most 1 000. */
    list: async (call = {}) => (await rows("", JOBS_MAX, call)).map((row) => jobOf(row)),
    async cancel(id, { signal } = {}) {
      return jobOf(await channel.fetchJson({ method: "POST", path: address(`${pathOf(id)}/cancel`) }, { signal }));
    },
    /** The last 10 000. */
    events: async (id, call = {}) => (await rows(`${pathOf(id)}/events`, EVENTS_MAX, call)).map(eventOf).reverse(),
  };
}

function pathOf(id: string): string {
  return `/${encodeURIComponent(id)}`;
}

function startBody(
  model: string,
  { suffix, seed, epochs, batchSize, learningRateMultiplier }: FineTuneRequest,
  training: string,
  validation: string | undefined,
): JsonObject {
  const hyperparameters = {
    ...known("n_epochs", epochs),
    ...known("batch_size", batchSize),
    ...known("learning_rate_multiplier", learningRateMultiplier),
  };
  const isSet = Object.keys(hyperparameters).length > 0;
  return {
    model,
    training_file: training,
    ...known("validation_file", validation),
    ...known("suffix", suffix),
    ...known("seed", seed),
    ...(isSet ? { method: { type: "supervised", supervised: { hyperparameters } } } : {}),
  };
}

function fineTuneJob(row: JsonObject, provider: string, warnings: readonly Warning[]): FineTuneJob {
  const state = statusOf(textIn(row, "status") ?? "", STATUSES);
  const error = isJsonObject(row.error) ? textIn(row.error, "message") : undefined;
  return {
    id: idOf(row, "id", "fine-tuning job"),
    provider,
    status: state.status,
    model: textIn(row, "model") ?? "",
    ...known("tunedModel", textIn(row, "fine_tuned_model")),
    ...known("trainedTokens", countIn(row, "trained_tokens")),
    ...known("createdAt", secondsIn(row, "created_at")),
    ...known("finishedAt", secondsIn(row, "finished_at")),
    ...known("error", error),
    warnings: [...warnings, ...state.warnings],
  };
}

const LEVELS: Readonly<Record<string, FineTuneEvent["level"]>> = { warn: "warning", warning: "warning", error: "error" };

function eventOf(row: JsonObject): FineTuneEvent {
  const data = isJsonObject(row.data) ? row.data : {};
  return {
    at: secondsIn(row, "created_at") ?? 0,
    level: LEVELS[textIn(row, "level") ?? ""] ?? "info",
    message: textIn(row, "message") ?? "",
    ...known("step", countIn(data, "step")),
    ...known("stepsTotal", countIn(data, "total_steps")),
    ...known("trainingLoss", typeof data.train_loss === "number" ? data.train_loss : undefined),
  };
}
