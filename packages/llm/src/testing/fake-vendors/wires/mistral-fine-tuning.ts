/** /fine_tuning/jobs of Mistral. Facts: its API specification, version 1. */
import type { JsonObject } from "../../../json.ts";
import { cancelFineTune, createFineTune, type FakeFineTune, isTrainable, moveFineTuneOn, STEPS } from "../fake-fine-tune.ts";
import type { Delivery } from "../generate.ts";
import { objectOf, objectsOf, stringOf, stringsOf } from "../json-reading.ts";
import { type FakeRequest, jsonReply, type Refusal } from "../reply.ts";
import type { Route } from "../vendor-definition.ts";
import { CREATED_AT, type FakeWorld } from "../world.ts";
import { mistralError } from "./mistral-error.ts";

const ROWS_MAX = 3;
const FIELDS: ReadonlySet<string> = new Set([
  "model",
  "training_files",
  "validation_files",
  "suffix",
  "hyperparameters",
  "auto_start",
  "integrations",
]);

export const mistralFineTuningRoutes: readonly Route[] = [
  { method: "POST", path: /^\/v1\/fine_tuning\/jobs$/, handle: create },
  {
    method: "GET",
    path: /^\/v1\/fine_tuning\/jobs$/,
    handle: ({ query }, world) => {
      const rows = [...world.fineTunes.values()].toReversed().map(rowOf);
      const size = Math.min(ROWS_MAX, Number(query.get("page_size") ?? ROWS_MAX));
      const start = Number(query.get("page") ?? 0) * size;
      return { reply: jsonReply(200, { object: "list", data: rows.slice(start, start + size), total: rows.length }) };
    },
  },
  {
    method: "GET",
    path: /^\/v1\/fine_tuning\/jobs\/[^/]+$/,
    handle: (request, world) => {
      const job = findJob(request, world);
      const reply = jsonReply(200, detailOf(job));
      // What is asked is answered as it was: events are read from the job itself, and must not move it on twice.
      moveFineTuneOn(job);
      return { reply };
    },
  },
  {
    method: "POST",
    path: /^\/v1\/fine_tuning\/jobs\/[^/]+\/cancel$/,
    body: "any",
    handle: (request, world) => {
      const job = findJob(request, world);
      if (!cancelFineTune(job, "cancelling")) throw refuse(400, `Job ${job.id} cannot be cancelled`);
      return { reply: jsonReply(200, detailOf(job)) };
    },
  },
];

function refuse(status: number, message: string): Refusal {
  return mistralError(message, status === 404 ? "not_found" : "invalid_request_error", null, status);
}

function create({ body }: FakeRequest, world: FakeWorld): Delivery {
  const unknown = Object.keys(body).find((name) => !FIELDS.has(name));
  if (unknown !== undefined) throw refuse(422, `body.${unknown}: Extra inputs are not permitted`);
  if (body.hyperparameters === undefined) throw refuse(422, "body.hyperparameters: Field required");
  const model = stringOf(body.model);
  if (!isTrainable(model, world)) throw refuse(400, `Model ${model} cannot be fine-tuned`);
  const trainingFile = stringOf(objectsOf(body.training_files)[0]?.file_id);
  const [validationFile] = stringsOf(body.validation_files);
  if (world.files.get(trainingFile)?.purpose !== "fine-tune") throw refuse(400, `File ${trainingFile} not found`);
  const asked = {
    model,
    suffix: stringOf(body.suffix),
    trainingFile,
    ...(validationFile === undefined ? {} : { validationFile }),
    echo: { hyperparameters: { training_steps: STEPS, ...objectOf(body.hyperparameters) }, auto_start: body.auto_start === true },
  };
  const job = createFineTune(asked, "", world);
  if (job === undefined) throw refuse(422, "Invalid training file: expected last role Assistant");
  return { reply: jsonReply(200, rowOf(job)) };
}

function findJob(request: FakeRequest, world: FakeWorld): FakeFineTune {
  const id = decodeURIComponent(/\/fine_tuning\/jobs\/([^/]+)/.exec(request.path)?.[1] ?? "");
  const job = world.fineTunes.get(id);
  if (job === undefined) throw refuse(404, `Job ${id} not found`);
  return job;
}

const STATUSES: Readonly<Record<FakeFineTune["state"], string>> = {
  queued: "QUEUED",
  running: "RUNNING",
  cancelling: "CANCELLATION_REQUESTED",
  succeeded: "SUCCESS",
  failed: "FAILED",
  cancelled: "CANCELLED",
};

function rowOf(job: FakeFineTune): JsonObject {
  const isDone = job.state === "succeeded";
  return {
    id: job.id,
    object: "job",
    ...job.echo,
    model: job.model,
    job_type: "completion",
    status: STATUSES[job.state],
    created_at: CREATED_AT,
    modified_at: CREATED_AT + 60,
    training_files: [job.trainingFile],
    validation_files: job.validationFile === undefined ? [] : [job.validationFile],
    suffix: job.suffix === "" ? null : job.suffix,
    fine_tuned_model: isDone ? `ft:${job.model}:${job.suffix}:20260101:${job.id.slice(-6)}` : null,
    trained_tokens: isDone ? job.tokens : null,
  };
}

function detailOf(job: FakeFineTune): JsonObject {
  const plain = job.events.filter(({ step }) => step === undefined);
  const events = plain.map(({ at, isError, message }) => ({
    name: "status-updated",
    data: isError ? { status: "FAILED", error: message } : { status: message },
    created_at: at,
  }));
  const checkpoints = job.events.flatMap(({ at, step, loss }) =>
    step === undefined ? [] : [{ metrics: { train_loss: loss ?? 0 }, step_number: step, created_at: at }],
  );
  return { ...rowOf(job), events: events.toReversed(), checkpoints: checkpoints.toReversed() };
}
