/** /batches of OpenAI, and of the vendors that follow it. Facts: the types of the `openai` package, and the vendors' references. */
import type { JsonObject } from "../../../json.ts";
import { answerThrough, type FakeBatch, type FakeBatchItem, type FakeOutcome, moveOn } from "../fake-batch.ts";
import type { Delivery } from "../generate.ts";
import { objectOf, parsedJson, stringOf } from "../json-reading.ts";
import { type FakeRequest, jsonReply, type Refusal } from "../reply.ts";
import type { Route } from "../vendor-definition.ts";
import { CREATED_AT, type FakeWorld } from "../world.ts";
import { pageAfter } from "./openai-files.ts";

export interface BatchesFlavour {
  /** What stands before `/batches`, as the source of a regular expression. */
  readonly prefix: string;
  /** The endpoints that a batch can have, and the route of calls that answers each. */
  readonly endpoints: Readonly<Record<string, Route["handle"]>>;
  readonly filePurpose: string;
  readonly rowOf: (batch: FakeBatch) => JsonObject;
  readonly refuse: (status: number, message: string) => Refusal;
  /** How the answer to a creation stands around the row. */
  readonly created?: (row: JsonObject) => JsonObject;
  readonly listing: "paged" | "array" | "whole";
  /** False: items may ask different models. Default true. */
  readonly oneModel?: boolean;
}

export function batchRoutes(flavour: BatchesFlavour): readonly Route[] {
  const path = (rest: string): RegExp => new RegExp(`^${flavour.prefix}/batches${rest}$`);
  return [
    { method: "POST", path: path(""), handle: (request, world) => create(flavour, request, world) },
    { method: "GET", path: path(""), handle: (request, world) => listBatches(flavour, request, world) },
    {
      method: "GET",
      path: path("/[^/]+"),
      async handle(request, world) {
        const batch = findBatch(flavour, request, world);
        await advance(flavour, batch, request, world);
        return { reply: jsonReply(200, flavour.rowOf(batch)) };
      },
    },
    {
      method: "POST",
      path: path("/[^/]+/cancel"),
      body: "any",
      handle(request, world) {
        const batch = findBatch(flavour, request, world);
        if (batch.state !== "queued" && batch.state !== "running") {
          throw flavour.refuse(409, `Cannot cancel a batch with status '${batch.state}'.`);
        }
        batch.state = "cancelling";
        return { reply: jsonReply(200, flavour.rowOf(batch)) };
      },
    },
  ];
}

function create(flavour: BatchesFlavour, { body }: FakeRequest, world: FakeWorld): Delivery {
  const endpoint = stringOf(body.endpoint);
  if (!Object.hasOwn(flavour.endpoints, endpoint)) {
    throw flavour.refuse(
      400,
      `Invalid value: '${endpoint}'. Supported values are: '${Object.keys(flavour.endpoints).join("', '")}'.`,
    );
  }
  if (body.completion_window !== "24h") throw flavour.refuse(400, "Invalid completion_window. Supported: '24h'.");
  const file = world.files.get(stringOf(body.input_file_id));
  if (file?.purpose !== flavour.filePurpose)
    throw flavour.refuse(400, "Invalid input_file_id: there is no such file of that purpose.");
  const lines = linesOf(file.data);
  const flaw = flawOf(lines, endpoint, flavour.oneModel !== false);
  const batch: FakeBatch = {
    id: world.id("batch_"),
    items: lines.map(({ custom_id, body: asked }) => ({ key: stringOf(custom_id), body: objectOf(asked) })),
    echo: { endpoint, input_file_id: file.id },
    ...(flaw === undefined ? {} : { flaw }),
    state: "queued",
    outcomes: [],
  };
  world.batches.set(batch.id, batch);
  const row = flavour.rowOf(batch);
  return { reply: jsonReply(200, flavour.created?.(row) ?? row) };
}

export function linesOf(data: Uint8Array): readonly JsonObject[] {
  const lines = Buffer.from(data).toString("utf8").split("\n").filter(Boolean);
  return lines.map((line) => objectOf(parsedJson(line)));
}

/** What a check of the file finds, as it is told by a batch that failed. */
function flawOf(lines: readonly JsonObject[], endpoint: string, oneModel: boolean): string | undefined {
  const ids = new Set<string>();
  const model = objectOf(lines[0]?.body).model;
  for (const { custom_id, method, url, body } of lines) {
    if (typeof custom_id !== "string" || ids.has(custom_id)) return "custom_id is missing or used twice";
    ids.add(custom_id);
    if (method !== "POST" || url !== endpoint) return "The provided endpoint does not match the url of the line.";
    if (oneModel && objectOf(body).model !== model) return "All requests in a batch must use the same model.";
  }
  return undefined;
}

function findBatch(flavour: BatchesFlavour, request: FakeRequest, world: FakeWorld): FakeBatch {
  const id = decodeURIComponent(/\/batches\/([^/]+)/.exec(request.path)?.[1] ?? "");
  const batch = world.batches.get(id);
  if (batch === undefined) throw flavour.refuse(404, `No batch found with id '${id}'.`);
  return batch;
}

function listBatches(flavour: BatchesFlavour, { query }: FakeRequest, world: FakeWorld): Delivery {
  const rows = [...world.batches.values()].toReversed().map(flavour.rowOf);
  if (flavour.listing === "paged") return { reply: jsonReply(200, pageAfter(rows, query)) };
  const reply = jsonReply(200, { object: "list", data: rows });
  return { reply: flavour.listing === "array" ? { ...reply, body: JSON.stringify(rows) } : reply };
}

async function advance(flavour: BatchesFlavour, batch: FakeBatch, request: FakeRequest, world: FakeWorld): Promise<void> {
  const handle = flavour.endpoints[stringOf(batch.echo.endpoint)];
  if (handle === undefined || batch.outcomes.length > 0) return;
  const answer = (item: FakeBatchItem) => answerThrough(handle, item, request, world);
  await moveOn(batch, answer);
  keepResults(batch, world, (outcome) => resultLine(outcome, world));
}

/** Answers of 2xx go into the file of outputs, everything else into that of errors; an empty file is not made. */
export function keepResults(batch: FakeBatch, world: FakeWorld, lineOf: (outcome: FakeOutcome) => JsonObject): void {
  const isGood = (outcome: FakeOutcome) => outcome.kind === "answered" && outcome.status < 300;
  const good = batch.outcomes.filter(isGood);
  const bad = batch.outcomes.filter((outcome) => !isGood(outcome));
  for (const [kind, outcomes] of [
    ["output", good],
    ["error", bad],
  ] as const) {
    if (outcomes.length === 0) continue;
    const id = resultFileId(batch, kind);
    const data = Buffer.from(outcomes.map((outcome) => `${JSON.stringify(lineOf(outcome))}\n`).join(""));
    const common = { mediaType: "application/jsonl", purpose: "batch_output", made: true, polls: 0 };
    world.files.set(id, { id, name: `${batch.id}_${kind}.jsonl`, data, ...common });
  }
}

function resultFileId(batch: FakeBatch, kind: "output" | "error"): string {
  return `file-${kind}-${batch.id}`;
}

/** The ids of the result files that there are. */
export function resultFiles(batch: FakeBatch, world: Pick<FakeWorld, "files">): Partial<Record<"output" | "error", string>> {
  const ids = { output: resultFileId(batch, "output"), error: resultFileId(batch, "error") };
  return Object.fromEntries(Object.entries(ids).filter(([, id]) => world.files.has(id)));
}

export function resultLine(outcome: FakeOutcome, world: FakeWorld): JsonObject {
  const line = { id: world.id("batch_req_"), custom_id: outcome.key };
  if (outcome.kind === "answered") {
    const response = { status_code: outcome.status, request_id: world.id("req_"), body: outcome.body };
    return { ...line, response, error: null };
  }
  const word = outcome.kind === "expired" ? "before the completion window expired" : "because the batch was cancelled";
  const error = { code: `batch_${outcome.kind}`, message: `This request could not be executed ${word}.` };
  return { ...line, response: null, error };
}

const STATUSES: Readonly<Record<FakeBatch["state"], string>> = {
  queued: "validating",
  running: "in_progress",
  cancelling: "cancelling",
  completed: "completed",
  cancelled: "cancelled",
  expired: "expired",
  failed: "failed",
};

/** The row of OpenAI, Groq and Azure. */
export function openAiBatchRow(batch: FakeBatch): JsonObject {
  const good = batch.outcomes.filter((outcome) => outcome.kind === "answered" && outcome.status < 300).length;
  const bad = batch.outcomes.length - good;
  const at = `${batch.state}_at`;
  const isKnown = batch.state !== "queued" && batch.state !== "failed";
  return {
    id: batch.id,
    object: "batch",
    ...batch.echo,
    errors:
      batch.flaw === undefined
        ? null
        : { object: "list", data: [{ code: "invalid", message: batch.flaw, line: 1, param: null }] },
    completion_window: "24h",
    status: STATUSES[batch.state],
    output_file_id: good > 0 ? resultFileId(batch, "output") : null,
    error_file_id: bad > 0 ? resultFileId(batch, "error") : null,
    created_at: CREATED_AT,
    expires_at: CREATED_AT + 86_400,
    ...(batch.outcomes.length > 0 || batch.state === "failed" ? { [at]: CREATED_AT + 60 } : {}),
    request_counts: { total: isKnown ? batch.items.length : 0, completed: good, failed: bad },
  };
}

/** Together's row: words in capitals, times as text, one wrapper around what is new. Source: its reference, "Batch". */
export function togetherBatchRow(batch: FakeBatch): JsonObject {
  const row = openAiBatchRow(batch);
  return {
    id: row.id,
    user_id: "user-fake",
    input_file_id: row.input_file_id,
    endpoint: row.endpoint,
    file_size_bytes: 1024,
    status: stringOf(row.status).toUpperCase(),
    job_deadline: "2026-01-02T00:00:00Z",
    created_at: "2026-01-01T00:00:00Z",
    progress: batch.outcomes.length > 0 ? 100 : 0,
    ...(typeof row.output_file_id === "string" ? { output_file_id: row.output_file_id } : {}),
    ...(typeof row.error_file_id === "string" ? { error_file_id: row.error_file_id } : {}),
    ...(batch.outcomes.length > 0 ? { completed_at: "2026-01-01T00:01:00Z" } : {}),
    ...(batch.flaw === undefined ? {} : { error: batch.flaw }),
  };
}
