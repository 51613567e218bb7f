import { type Batches, type BatchItem, type BatchJob, type BatchResult, isBatchAtRest } from "../../batch.ts";
import { systemMessage, textOf, userMessage } from "../../message.ts";
import { costOf } from "../../pricing.ts";
import type { Provider } from "../../provider.ts";
import { checkUsage } from "../laws.ts";
import { AWKWARD_TEXT } from "./answer-cases.ts";
import type { ConformanceCase, ProviderSubject } from "./conformance-case.ts";
import { allOf, errorOf, expectCode, expectNone, expectTrue } from "./expect.ts";
import { withProvider } from "./with-provider.ts";

/** What a batch promises whatever the vendor: submitted, followed, collected, cancelled. */
export function batchCases(subject: ProviderSubject): readonly ConformanceCase[] {
  const { batches: declared, faults } = subject;
  const without = declared === undefined ? { unavailable: "it has no batches" } : {};
  const model = declared?.model ?? "";
  const everyMs = declared?.everyMs ?? 15_000;
  const questions = (asked: string, ...ids: readonly string[]): readonly BatchItem[] =>
    ids.map((id) => ({ id, request: { model: asked, messages: [userMessage(`Say the word ${id}.`)] } }));
  const faulty = faults === undefined ? { unavailable: "the vendor brings no faults about" } : without;

  return [
    {
      name: "answers a batch",
      ...without,
      run: withProvider(subject, async ({ provider }) => {
        const items: readonly BatchItem[] = [
          ...questions(model, "first", "second"),
          {
            id: "third",
            request: {
              model,
              messages: [systemMessage("Be brief."), userMessage(`Repeat: ${AWKWARD_TEXT}`)],
              maxOutputTokens: 4096,
            },
          },
        ];
        const job = await batchesOf(provider).submit(items);
        expectTrue(job.provider === provider.id, `the job's provider is ${job.provider}, not ${provider.id}`);
        const last = await atRest(batchesOf(provider), job, everyMs);
        expectTrue(last.status === "completed", `the batch is ${last.status}: ${last.error ?? ""}`);
        if (last.counts !== undefined) {
          expectTrue(last.counts.total === 3 && last.counts.succeeded === 3, `the counts are ${JSON.stringify(last.counts)}`);
        }
        const results = await resultsOf(provider, last);
        expectTrue(
          [...results.keys()].sort().join() === "first,second,third",
          `there are results of ${[...results.keys()].join()}`,
        );
        for (const [id, result] of results) expectGoodResult(provider, id, result);
        const third = results.get("third");
        const text = third !== undefined && "completion" in third ? textOf(third.completion.message) : "";
        expectTrue(text.includes(AWKWARD_TEXT), `the text came back as ${JSON.stringify(text)}`);
      }),
    },
    {
      name: "tells what failed in a batch beside what went well",
      ...faulty,
      run: withProvider(subject, async ({ provider }) => {
        const asked = faults?.model("fault-500-once") ?? "";
        const job = await batchesOf(provider).submit(questions(asked, "one", "two"));
        const last = await atRest(batchesOf(provider), job, everyMs);
        expectTrue(last.status === "completed", `the batch is ${last.status}`);
        const [failed, good] = [...(await resultsOf(provider, last)).values()].toSorted((one, two) => (one.id < two.id ? -1 : 1));
        expectTrue(failed !== undefined && "error" in failed, "the item that should have failed has an answer");
        expectCode(failed.error, "vendor_error");
        expectTrue(failed.error.provider === provider.id, "the error does not name the provider");
        expectTrue(good !== undefined && "completion" in good, "the other item has no answer");
      }),
    },
    {
      name: "cancels a batch",
      ...without,
      run: withProvider(subject, async ({ provider }) => {
        const batches = batchesOf(provider);
        const { id } = await batches.submit(questions(model, "one", "two", "three"));
        const cancelled = await batches.cancel(id);
        const last = await atRest(batches, cancelled, everyMs);
        expectTrue(last.status === "cancelled" || last.status === "completed", `the batch is ${last.status}`);
        const results = await resultsOf(provider, last);
        for (const result of results.values()) if ("error" in result) expectCode(result.error, "aborted");
      }),
    },
    {
      name: "tells which items of a batch expired",
      ...faulty,
      run: withProvider(subject, async ({ provider }) => {
        const job = await batchesOf(provider).submit(questions(model, "fault-expired-1", "fine"));
        const last = await atRest(batchesOf(provider), job, everyMs);
        expectTrue(last.status === "expired", `the batch is ${last.status}`);
        const results = await resultsOf(provider, last);
        const expired = results.get("fault-expired-1");
        expectTrue(expired !== undefined && "error" in expired, "the expired item has an answer");
        expectCode(expired.error, "timeout");
        const fine = results.get("fine");
        expectTrue(fine !== undefined && "completion" in fine, "what was finished has no answer");
      }),
    },
    {
      name: "refuses a wrong batch before it sends anything",
      ...without,
      run: withProvider(subject, async ({ provider, requestCount }) => {
        const batches = batchesOf(provider);
        const [one, two] = questions(model, "same", "same");
        const twice = await errorOf(batches.submit([one, two].filter((item) => item !== undefined)));
        expectCode(twice, "invalid_request");
        expectTrue(twice.message.includes("same"), `the error does not name the item: ${twice.message}`);
        expectCode(await errorOf(batches.submit([])), "invalid_request");
        expectCode(await errorOf(batches.submit(questions(model, "not an id"))), "invalid_request");
        const aborted = batches.submit(questions(model, "one"), { signal: AbortSignal.abort() });
        expectCode(await errorOf(aborted), "aborted");
        if (requestCount !== undefined) expectTrue(requestCount() === 0, "a request went out");
      }),
    },
    {
      name: "gives no results of a batch that still runs",
      ...without,
      run: withProvider(subject, async ({ provider }) => {
        const { id } = await batchesOf(provider).submit(questions(model, "one"));
        expectCode(await errorOf(allOf(batchesOf(provider).results(id))), "invalid_request");
      }),
    },
    {
      name: "lists its batches, also those beyond a page",
      ...without,
      run: withProvider(subject, async ({ provider }) => {
        const batches = batchesOf(provider);
        const ids: string[] = [];
        for (const word of ["one", "two", "three", "four"]) ids.push((await batches.submit(questions(model, word))).id);
        const listed = new Set((await batches.list()).map(({ id }) => id));
        expectTrue(
          ids.every((id) => listed.has(id)),
          `of ${ids.join()} it lists ${[...listed].join()}`,
        );
      }),
    },
    {
      name: "says that a batch does not exist",
      ...without,
      run: withProvider(subject, async ({ provider }) => {
        const error = await errorOf(batchesOf(provider).get("batch-that-is-not"));
        expectCode(error, "not_found");
        expectTrue(error.provider === provider.id, "the error does not name the provider");
      }),
    },
  ];
}

function batchesOf(provider: Provider): Batches {
  expectTrue(provider.batches !== undefined, "the provider has no batches, though its subject declares some");
  return provider.batches;
}

/** Questions before a batch is given up. */
const POLLS_MAX = 6_000;

async function atRest(batches: Batches, first: BatchJob, everyMs: number): Promise<BatchJob> {
  let job = first;
  for (let polls = 0; !isBatchAtRest(job) && polls < POLLS_MAX; polls++) {
    if (everyMs > 0) await new Promise((resolve) => setTimeout(resolve, everyMs));
    job = await batches.get(job.id);
  }
  expectTrue(isBatchAtRest(job), `the batch is still ${job.status}`);
  return job;
}

async function resultsOf(provider: Provider, job: BatchJob): Promise<ReadonlyMap<string, BatchResult>> {
  const results = new Map<string, BatchResult>();
  for await (const result of batchesOf(provider).results(job.id)) {
    expectTrue(!results.has(result.id), `${result.id} has two results`);
    results.set(result.id, result);
  }
  return results;
}

/** Costed at the batch's rates, or not at all. */
function expectGoodResult(provider: Provider, id: string, result: BatchResult): void {
  if ("error" in result) throw result.error;
  const { completion } = result;
  expectTrue(completion.origin.provider === provider.id, `${id}: origin.provider is ${completion.origin.provider}`);
  expectTrue(textOf(completion.message) !== "", `${id}: the answer has no text`);
  expectNone(checkUsage(completion.usage), `${id}: usage`);
  const price = provider.pricing(completion.origin.model);
  const cost = costOf(completion.usage, price, "batch");
  expectTrue(completion.cost?.totalUsd === cost?.totalUsd, `${id} cost ${completion.cost?.totalUsd}, not ${cost?.totalUsd}`);
}
