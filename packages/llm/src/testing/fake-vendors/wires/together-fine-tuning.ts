/** /fine-tunes of Together. Facts: its API reference, and the types of its Python client. */
import type { JsonObject } from "../../../json.ts";
import {
  cancelFineTune,
  createFineTune,
  type FakeFineTune,
  type FakeFineTuneEvent,
  isTrainable,
  moveFineTuneOn,
  STEPS,
} from "../fake-fine-tune.ts";
import type { Delivery } from "../generate.ts";
import { numberOf, stringOf } from "../json-reading.ts";
import { type FakeRequest, jsonReply } from "../reply.ts";
import type { Route } from "../vendor-definition.ts";
import { CREATED_AT, type FakeWorld } from "../world.ts";
import { openAiError } from "./openai-error.ts";

export const togetherFineTuningRoutes: readonly Route[] = [
  { method: "POST", path: /^\/v1\/fine-tunes$/, handle: create },
  {
    method: "GET",
    path: /^\/v1\/fine-tunes$/,
    handle: (_request, world) => ({ reply: jsonReply(200, { data: [...world.fineTunes.values()].map(rowOf) }) }),
  },
  {
    method: "GET",
    path: /^\/v1\/fine-tunes\/[^/]+$/,
    handle: (request, world) => {
      const job = findJob(request, world);
      moveFineTuneOn(job);
      return { reply: jsonReply(200, rowOf(job)) };
    },
  },
  {
    method: "GET",
    path: /^\/v1\/fine-tunes\/[^/]+\/events$/,
    handle: (request, world) => ({ reply: jsonReply(200, { data: findJob(request, world).events.map(eventRow) }) }),
  },
  {
    method: "POST",
    path: /^\/v1\/fine-tunes\/[^/]+\/cancel$/,
    body: "any",
    handle: (request, world) => {
      const job = findJob(request, world);
      if (!cancelFineTune(job, "cancelling")) throw refuse(400, `Fine-tune job ${job.id} is already completed`);
      return { reply: jsonReply(200, rowOf(job)) };
    },
  },
];

function refuse(status: number, message: string) {
  return openAiError(message, { status });
}

function create({ body }: FakeRequest, world: FakeWorld): Delivery {
  const model = stringOf(body.model);
  if (!isTrainable(model, world)) throw refuse(400, `Model ${model} is not supported for fine-tuning`);
  for (const name of ["learning_rate_multiplier", "seed"]) {
    if (body[name] !== undefined) throw refuse(422, `Input validation error: unexpected field ${name}`);
  }
  const [trainingFile, validationFile] = [stringOf(body.training_file), stringOf(body.validation_file)];
  if (world.files.get(trainingFile)?.purpose !== "fine-tune") throw refuse(400, `Training file ${trainingFile} not found`);
  if (validationFile !== "" && (numberOf(body.n_evals) ?? 0) < 1) {
    throw refuse(400, "You have specified a validation file but the number of evaluation loops is set to 0");
  }
  const asked = {
    model,
    suffix: stringOf(body.suffix),
    trainingFile,
    ...(validationFile === "" ? {} : { validationFile }),
    echo: { n_epochs: numberOf(body.n_epochs) ?? 1 },
  };
  const job = createFineTune(asked, "ft-", world);
  if (job === undefined) throw refuse(400, "Training file check failed: the last message must be the assistant's");
  return { reply: jsonReply(200, rowOf(job)) };
}

function findJob(request: FakeRequest, world: FakeWorld): FakeFineTune {
  const id = decodeURIComponent(/\/fine-tunes\/([^/]+)/.exec(request.path)?.[1] ?? "");
  const job = world.fineTunes.get(id);
  if (job === undefined) throw refuse(404, `Fine-tune job ${id} not found`);
  return job;
}

const STATUSES: Readonly<Record<FakeFineTune["state"], string>> = {
  queued: "pending",
  running: "running",
  cancelling: "cancel_requested",
  succeeded: "completed",
  failed: "user_error",
  cancelled: "cancelled",
};

/** The name of the new model is there from the beginning. */
function rowOf(job: FakeFineTune): JsonObject {
  return {
    id: job.id,
    ...job.echo,
    training_file: job.trainingFile,
    validation_file: job.validationFile ?? "",
    model: job.model,
    model_output_name: `fake/${job.model.split("/").at(-1)}-${job.suffix}-${job.id.slice(-6)}`,
    status: STATUSES[job.state],
    created_at: timeOf(CREATED_AT),
    updated_at: timeOf(CREATED_AT + 60),
    token_count: job.tokens,
    total_steps: STEPS,
    steps_completed: job.step,
    events: job.events.map(eventRow),
  };
}

function eventRow({ at, isError, message, step }: FakeFineTuneEvent): JsonObject {
  return {
    object: "fine-tune-event",
    created_at: timeOf(at),
    level: isError ? "Error" : "Info",
    message,
    type: isError ? "JOB_USER_ERROR" : "TRAINING_START",
    step: step ?? 0,
    total_steps: STEPS,
    hash: "",
  };
}

function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}
