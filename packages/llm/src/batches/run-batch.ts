/**
 * A batch where the vendor has none: each item is a call of its own, a few at a time, at the standard price. With a file, a
 * run that was stopped goes on where it was: what has an answer is not asked again.
 *
 *     for await (const result of runBatch(retry(ollama()), items, { file: "results.jsonl" })) …
 */
import type { BatchItem, BatchResult } from "../batch.ts";
import { DragomanError, toDragomanError } from "../errors.ts";
import type { Provider } from "../provider.ts";
import { checkItems } from "./check-items.ts";
import type { ResultFile } from "./result-file.ts";

/** How `runBatch` goes on. */
export interface RunBatchOptions {
  /** Calls at a time. Default 4. */
  readonly concurrency?: number;
  /**
   * Where results are kept, one line of JSON each; made where there is none. A second run with the same file gives back what
   * it holds and does only what is missing: items without a line, and those whose error another attempt may mend.
   */
  readonly file?: string;
  readonly signal?: AbortSignal;
  /** Told whenever a figure has changed. */
  readonly onProgress?: (progress: BatchProgress) => void;
}

/** How far a whole batch is. */
export interface BatchProgress {
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
  /** Of these: taken from the file. */
  readonly resumed: number;
}

const ITEMS_MAX = 1_000_000;

/**
 * The results as they come. An item that fails is a result. What would fail for all items alike ends the run: `aborted`, a
 * key that is refused, credit that is used up, a provider that is not set up. Retrying is the provider's: wrap it.
 * Throws `invalid_request` for wrong ids, and for an item whose request is not the one that the file has a result of.
 */
export async function* runBatch(
  provider: Provider,
  items: readonly BatchItem[],
  options: RunBatchOptions = {},
): AsyncGenerator<BatchResult, void, undefined> {
  const { concurrency = 4, file, onProgress } = options;
  checkItems(items, ITEMS_MAX);
  checkConcurrency(concurrency);
  const kept = file === undefined ? undefined : await (await import("./result-file.ts")).openResultFile(file);
  const giveUp = new AbortController();
  const signal = options.signal === undefined ? giveUp.signal : AbortSignal.any([options.signal, giveUp.signal]);
  const progress = { total: items.length, succeeded: 0, failed: 0, resumed: 0 };
  const count = (result: BatchResult, resumed: 0 | 1): BatchResult => {
    progress["completion" in result ? "succeeded" : "failed"] += 1;
    progress.resumed += resumed;
    onProgress?.({ ...progress });
    return result;
  };
  try {
    const missing = new Map(items.map((item) => [item.id, item]));
    for await (const result of keptResults(kept, missing)) yield count(result, 1);
    const ask = (item: BatchItem): Promise<BatchResult> => askAndKeep(provider, item, kept, signal);
    const answered = someAtATime([...missing.values()], concurrency, ask, () => giveUp.abort());
    for await (const result of answered) yield count(result, 0);
  } finally {
    await kept?.close();
  }
}

function checkConcurrency(concurrency: number): void {
  if (Number.isInteger(concurrency) && concurrency >= 1) return;
  const detail = "concurrency must be a whole number, 1 or more";
  throw new DragomanError({ code: "invalid_request", field: "concurrency", detail });
}

/** Gives back what the file holds for good, and takes it out of what is missing. */
async function* keptResults(kept: ResultFile | undefined, missing: Map<string, BatchItem>): AsyncGenerator<BatchResult> {
  if (kept === undefined) return;
  for await (const { result, isOf } of kept.results()) {
    const item = missing.get(result.id);
    if (item === undefined) continue;
    if (!isOf(item.request)) throw changedItem(result.id);
    if ("error" in result && mayMend(result.error)) continue;
    missing.delete(result.id);
    yield result;
  }
}

function changedItem(id: string): DragomanError {
  const detail = `the file has a result of the item ${id}, but of another request`;
  const advice = "give the item another id, or name another file";
  return new DragomanError({ code: "invalid_request", field: id, detail, advice });
}

/** Another attempt at the same request may go well: it was a passing fault, or the key's or the vendor's. */
function mayMend({ retryable, scope }: DragomanError): boolean {
  return retryable || scope === "key" || scope === "provider";
}

/** Every other item would fail in the same way. */
function endsAll({ code, retryable, scope }: DragomanError): boolean {
  return code === "aborted" || (!retryable && (scope === "key" || scope === "provider"));
}

async function askAndKeep(
  provider: Provider,
  { id, request }: BatchItem,
  kept: ResultFile | undefined,
  signal: AbortSignal,
): Promise<BatchResult> {
  const result: BatchResult = await provider.complete({ ...request, signal }).then(
    (completion) => ({ id, completion }),
    (thrown: unknown) => ({ id, error: toDragomanError(thrown) }),
  );
  if ("error" in result && endsAll(result.error)) throw result.error;
  await kept?.append(result, request);
  return result;
}

/**
 * Results in the order in which they come. After a failure nothing new is begun, and what is under way is waited for. Where
 * the caller leaves early, `stop` is called first.
 */
async function* someAtATime<Item, Result>(
  items: readonly Item[],
  concurrency: number,
  run: (item: Item) => Promise<Result>,
  stop: () => void,
): AsyncGenerator<Result> {
  type Ended = { readonly place: number } & ({ readonly result: Result } | { readonly failure: unknown });
  const running = new Map<number, Promise<Ended>>();
  let next = 0;
  let failure: { readonly thrown: unknown } | undefined;
  function begin(item: Item, place: number): void {
    const ended = run(item).then(
      (result): Ended => ({ place, result }),
      (thrown: unknown): Ended => ({ place, failure: thrown }),
    );
    running.set(place, ended);
  }
  try {
    for (;;) {
      for (; failure === undefined && running.size < concurrency && next < items.length; next++) {
        const item = items[next];
        if (item !== undefined) begin(item, next);
      }
      if (running.size === 0) break;
      const ended = await Promise.race(running.values());
      running.delete(ended.place);
      if ("result" in ended) yield ended.result;
      else failure ??= { thrown: ended.failure };
    }
  } finally {
    stop();
    await Promise.all(running.values());
  }
  if (failure !== undefined) throw failure.thrown;
}
