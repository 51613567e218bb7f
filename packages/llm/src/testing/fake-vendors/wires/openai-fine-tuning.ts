/** /fine_tuning/jobs of OpenAI, and of Azure. Facts: the types of the `openai` package. */
import type { JsonObject } from "../../../json.ts";
import {
  cancelFineTune,
  createFineTune,
  type FakeFineTune,
  type FakeFineTuneEvent,
  isAtRest,
  isTrainable,
  moveFineTuneOn,
  STEPS,
} from "../fake-fine-tune.ts";
import type { Delivery } from "../generate.ts";
import { numberOf, objectOf, stringOf } from "../json-reading.ts";
import { type FakeRequest, jsonReply, type Refusal } from "../reply.ts";
import type { Route } from "../vendor-definition.ts";
import { CREATED_AT, type FakeWorld } from "../world.ts";
import { pageAfter } from "./openai-files.ts";

export interface FineTuningFlavour {
  /** What stands before `/fine_tuning`, as the source of a regular expression. */
  readonly prefix: string;
  readonly refuse: (status: number, message: string) => Refusal;
}

const EXAMPLES_MIN = 10;
const FIELDS: ReadonlySet<string> = new Set([
  "model",
  "training_file",
  "validation_file",
  "suffix",
  "seed",
  "method",
  "hyperparameters",
  "integrations",
  "metadata",
]);

export function fineTuningRoutes(flavour: FineTuningFlavour): readonly Route[] {
  const path = (rest: string): RegExp => new RegExp(`^${flavour.prefix}/fine_tuning/jobs${rest}$`);
  return [
    { method: "POST", path: path(""), handle: (request, world) => create(flavour, request, world) },
    {
      method: "GET",
      path: path(""),
      handle: ({ query }, world) => {
        const rows = [...world.fineTunes.values()].toReversed().map(rowOf);
        return { reply: jsonReply(200, pageAfter(rows, query)) };
      },
    },
    {
      method: "GET",
      path: path("/[^/]+"),
      handle: (request, world) => {
        const job = findJob(flavour, request, world);
        moveFineTuneOn(job);
        return { reply: jsonReply(200, rowOf(job)) };
      },
    },
    {
      method: "GET",
      path: path("/[^/]+/events"),
      handle: (request, world) => {
        const rows = findJob(flavour, request, world).events.map(eventRow).toReversed();
        return { reply: jsonReply(200, pageAfter(rows, request.query)) };
      },
    },
    {
      method: "POST",
      path: path("/[^/]+/cancel"),
      body: "any",
      handle: (request, world) => {
        const job = findJob(flavour, request, world);
        if (!cancelFineTune(job, "cancelled")) throw flavour.refuse(400, `Job has already completed: ${job.id}`);
        return { reply: jsonReply(200, rowOf(job)) };
      },
    },
  ];
}

function create({ refuse }: FineTuningFlavour, { body }: FakeRequest, world: FakeWorld): Delivery {
  const unknown = Object.keys(body).find((name) => !FIELDS.has(name));
  if (unknown !== undefined) throw refuse(400, `Unrecognized request argument supplied: ${unknown}`);
  const model = stringOf(body.model);
  if (!isTrainable(model, world)) throw refuse(400, `Model ${model} is not available for fine-tuning or does not exist.`);
  const [trainingFile, validationFile] = [stringOf(body.training_file), stringOf(body.validation_file)];
  for (const id of [trainingFile, ...(validationFile === "" ? [] : [validationFile])]) {
    if (world.files.get(id)?.purpose !== "fine-tune") throw refuse(400, `invalid training_file: ${id}`);
  }
  const count = Buffer.from(world.files.get(trainingFile)?.data ?? [])
    .toString("utf8")
    .split("\n")
    .filter(Boolean).length;
  if (count < EXAMPLES_MIN) throw refuse(400, `training file has ${count} example(s), but must have at least ${EXAMPLES_MIN}`);
  const { seed, method } = body;
  const asked = {
    model,
    suffix: stringOf(body.suffix),
    trainingFile,
    ...(validationFile === "" ? {} : { validationFile }),
    echo: { seed: numberOf(seed) ?? 42, ...(method === undefined ? {} : { method: objectOf(method) }) },
  };
  const job = createFineTune(asked, "ftjob-", world);
  if (job === undefined)
    throw refuse(400, "The job failed due to an invalid training file. Last message must be from the assistant.");
  return { reply: jsonReply(200, rowOf(job)) };
}

function findJob({ refuse }: FineTuningFlavour, request: FakeRequest, world: FakeWorld): FakeFineTune {
  const id = decodeURIComponent(/\/fine_tuning\/jobs\/([^/]+)/.exec(request.path)?.[1] ?? "");
  const job = world.fineTunes.get(id);
  if (job === undefined) throw refuse(404, `Could not find fine tune: ${id}`);
  return job;
}

const STATUSES: Readonly<Record<FakeFineTune["state"], string>> = {
  queued: "validating_files",
  running: "running",
  cancelling: "running",
  succeeded: "succeeded",
  failed: "failed",
  cancelled: "cancelled",
};

function rowOf(job: FakeFineTune): JsonObject {
  const isDone = job.state === "succeeded";
  const error = job.events.findLast(({ isError }) => isError);
  return {
    id: job.id,
    object: "fine_tuning.job",
    ...job.echo,
    model: job.model,
    created_at: CREATED_AT,
    finished_at: isAtRest(job) ? CREATED_AT + 60 : null,
    fine_tuned_model: isDone ? `ft:${job.model}:fake:${job.suffix}:${job.id.slice(-6)}` : null,
    organization_id: "org-fake",
    result_files: [],
    status: STATUSES[job.state],
    training_file: job.trainingFile,
    validation_file: job.validationFile ?? null,
    trained_tokens: isDone ? job.tokens : null,
    hyperparameters: { n_epochs: "auto" },
    error: error === undefined ? {} : { code: "invalid_training_file", message: error.message, param: "training_file" },
  };
}

function eventRow({ at, isError, message, step, loss }: FakeFineTuneEvent, index: number): JsonObject {
  return {
    object: "fine_tuning.job.event",
    id: `ftevent-${index}`,
    created_at: at,
    level: isError ? "error" : "info",
    message,
    type: step === undefined ? "message" : "metrics",
    data: step === undefined ? {} : { step, train_loss: loss ?? 0, total_steps: STEPS },
  };
}
