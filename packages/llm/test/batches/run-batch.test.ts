/** A batch of calls of our own: a few at a time, resumed from its file. */
import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type BatchItem,
  type BatchResult,
  type Completion,
  type CompletionCall,
  DragomanError,
  type ErrorCode,
  type Provider,
  type RunBatchOptions,
  retry,
  runBatch,
  textOf,
  userMessage,
} from "../../src/index.ts";
import { createSimulator } from "../../src/testing/index.ts";
import { everything } from "../everything.ts";

let folder = "";
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dragoman-batch-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
const newFile = (): string => join(folder, `results-${++count}.jsonl`);

function items(...ids: readonly string[]): readonly BatchItem[] {
  return ids.map((id) => ({ id, request: { model: "echo", messages: [userMessage(`word ${id}\u2028`)] } }));
}

interface Asked {
  readonly provider: Provider;
  readonly words: string[];
  mostAtATime: number;
}

/** The simulator, which keeps what it was asked. `before` may throw, or wait. */
function asking(before: (call: CompletionCall, word: string) => Promise<void> | void = () => undefined): Asked {
  const simulator = createSimulator();
  const asked: Asked = { words: [], mostAtATime: 0, provider: { ...simulator, complete } };
  let running = 0;
  async function complete(call: CompletionCall): Promise<Completion> {
    const word = textOf(call.messages[0] ?? userMessage("")).trim();
    asked.words.push(word);
    running += 1;
    asked.mostAtATime = Math.max(asked.mostAtATime, running);
    try {
      await before(call, word);
      return await simulator.complete(call);
    } finally {
      running -= 1;
    }
  }
  return asked;
}

async function run(
  provider: Provider,
  all: readonly BatchItem[],
  options: RunBatchOptions = {},
): Promise<readonly BatchResult[]> {
  return everything(runBatch(provider, all, options));
}

const outcomes = (results: readonly BatchResult[]): Record<string, string> =>
  Object.fromEntries(results.map((result) => [result.id, "error" in result ? result.error.code : "answered"]));

function failing(code: ErrorCode, ...words: readonly string[]) {
  return (_call: CompletionCall, word: string): void => {
    if (words.includes(word)) throw new DragomanError({ code, detail: `it fails for ${word}`, provider: "sim" });
  };
}

test("answers every item, at most so many at a time, and tells how far it is", async () => {
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  const asked = asking(turn);
  const progress: unknown[] = [];
  const ids = Array.from({ length: 10 }, (_, index) => `n${index}`);
  const results = await run(asked.provider, items(...ids), { concurrency: 3, onProgress: (now) => progress.push(now) });
  expect(results.map(({ id }) => id).sort()).toEqual(ids);
  expect(
    results.every((result) => "completion" in result && textOf(result.completion.message).includes(`word ${result.id}`)),
  ).toBe(true);
  expect(asked.mostAtATime).toBe(3);
  expect(progress).toHaveLength(10);
  expect(progress.at(-1)).toEqual({ total: 10, succeeded: 10, failed: 0, resumed: 0 });
});

test("an item that fails is a result; the others go on", async () => {
  const { provider } = asking(failing("context_overflow", "word b"));
  expect(outcomes(await run(provider, items("a", "b", "c")))).toEqual({ a: "answered", b: "context_overflow", c: "answered" });
});

test("a wrapped provider retries within the batch", async () => {
  let failures = 1;
  const { provider, words } = asking(() => {
    if (failures-- > 0) throw new DragomanError({ code: "overloaded", detail: "busy" });
  });
  const results = await run(retry(provider, { sleep: async () => undefined }), items("a"));
  expect(outcomes(results)).toEqual({ a: "answered" });
  expect(words).toHaveLength(2);
});

test.each(["authentication", "quota_exceeded", "configuration"] as const)("%s would fail for all: the run ends", async (code) => {
  const { provider, words } = asking(failing(code, "word b"));
  const results: BatchResult[] = [];
  const running = async (): Promise<void> => {
    for await (const result of runBatch(provider, items("a", "b", "c", "d"), { concurrency: 1 })) results.push(result);
  };
  await expect(running()).rejects.toMatchObject({ code });
  expect(outcomes(results)).toEqual({ a: "answered" });
  expect(words).toEqual(["word a", "word b"]);
});

describe("with a file", () => {
  test("a second run asks nothing, and gives the same results", async () => {
    const file = newFile();
    const first = asking(failing("context_overflow", "word b"));
    const before = await run(first.provider, items("a", "b", "c"), { file });
    const second = asking();
    const progress: unknown[] = [];
    const after = await run(second.provider, items("a", "b", "c"), { file, onProgress: (now) => progress.push(now) });
    expect(second.words).toEqual([]);
    const byId = (results: readonly BatchResult[]) => JSON.stringify(results.toSorted((one, two) => (one.id < two.id ? -1 : 1)));
    expect(byId(after)).toBe(byId(before));
    expect(progress.at(-1)).toEqual({ total: 3, succeeded: 2, failed: 1, resumed: 3 });
  });

  test("what another attempt may mend is asked again; its later line counts", async () => {
    const file = newFile();
    await run(asking(failing("overloaded", "word b")).provider, items("a", "b", "c"), { file });
    const second = asking();
    expect(outcomes(await run(second.provider, items("a", "b", "c"), { file }))).toEqual({
      a: "answered",
      b: "answered",
      c: "answered",
    });
    expect(second.words).toEqual(["word b"]);
    const third = asking();
    expect(outcomes(await run(third.provider, items("a", "b", "c"), { file }))).toEqual({
      a: "answered",
      b: "answered",
      c: "answered",
    });
    expect(third.words).toEqual([]);
  });

  test("new items are added to what is there", async () => {
    const file = newFile();
    await run(asking().provider, items("a"), { file });
    const second = asking();
    expect(Object.keys(outcomes(await run(second.provider, items("b", "a"), { file }))).sort()).toEqual(["a", "b"]);
    expect(second.words).toEqual(["word b"]);
  });

  test.each([1, 5, 40, 400])("a last line that is torn by %i bytes is repaired: only its item is asked again", async (bytes) => {
    const file = newFile();
    await run(asking().provider, items("a", "b", "c"), { file, concurrency: 1 });
    const whole = await readFile(file);
    await truncate(file, whole.length - bytes);
    const second = asking();
    const results = await run(second.provider, items("a", "b", "c"), { file, concurrency: 1 });
    expect(outcomes(results)).toEqual({ a: "answered", b: "answered", c: "answered" });
    expect(second.words).toEqual(["word c"]);
    expect((await readFile(file, "utf8")).trimEnd().split("\n")).toHaveLength(3);
  });

  test("an item whose request is another now is an error that names it, and nothing is asked", async () => {
    const file = newFile();
    await run(asking().provider, items("a", "b"), { file });
    const second = asking();
    const [a] = items("a");
    const changed: BatchItem = { id: "b", request: { model: "echo", messages: [userMessage("another question")] } };
    await expect(run(second.provider, [...(a === undefined ? [] : [a]), changed], { file })).rejects.toMatchObject({
      code: "invalid_request",
      detail: expect.stringContaining("item b"),
    });
    expect(second.words).toEqual([]);
  });

  test("the order of a request's fields does not make it another", async () => {
    const file = newFile();
    const request = { model: "echo", messages: [userMessage("Hi.")], maxOutputTokens: 50, temperature: 0 };
    const { model, messages, temperature, maxOutputTokens } = request;
    await run(asking().provider, [{ id: "a", request }], { file });
    const second = asking();
    await run(second.provider, [{ id: "a", request: { temperature, maxOutputTokens, messages, model } }], { file });
    expect(second.words).toEqual([]);
  });

  test.each([
    ["questions instead of results", '{"id":"a","prompt":"Hello"}\n'],
    ["a question without an end", '{"id":"a","prompt":"Hello"}'],
    ["no JSON", "notes\n"],
    ["no JSON and no end", "notes"],
  ])("a file of %s is refused and left as it was", async (_what, content) => {
    const file = newFile();
    await writeFile(file, content);
    await expect(run(asking().provider, items("a"), { file })).rejects.toMatchObject({ code: "invalid_request", field: "file" });
    expect(await readFile(file, "utf8")).toBe(content);
  });

  test("a line that is damaged in the middle is refused with its number", async () => {
    const file = newFile();
    await run(asking().provider, items("a"), { file });
    await appendFile(file, '{"id":"b","request":"x"}\n');
    await expect(run(asking().provider, items("a"), { file })).rejects.toMatchObject({
      detail: expect.stringContaining("line 2"),
    });
  });

  test("each result is on the disk before it is given", async () => {
    const file = newFile();
    for await (const { id } of runBatch(asking().provider, items("a", "b", "c"), { file, concurrency: 2 })) {
      expect(await readFile(file, "utf8")).toContain(`{"id":"${id}","request":`);
    }
  });

  test("a file that cannot be made is a wrong setting", async () => {
    const file = join(folder, "no", "such", "folder.jsonl");
    await expect(run(asking().provider, items("a"), { file })).rejects.toMatchObject({ code: "configuration" });
  });
});

/** Waits for the call's own end. */
function untilAborted({ signal }: CompletionCall): Promise<void> {
  return new Promise((_resolve, reject) => {
    const abort = (): void => reject(new DragomanError({ code: "aborted", detail: "the caller aborted the call" }));
    if (signal?.aborted === true) abort();
    else signal?.addEventListener("abort", abort, { once: true });
  });
}

test("an abort ends the calls and the run, and keeps what was answered", async () => {
  const file = newFile();
  const controller = new AbortController();
  const { provider } = asking((call, word) => (word === "word a" ? undefined : untilAborted(call)));
  const running = async (): Promise<void> => {
    for await (const { id } of runBatch(provider, items("a", "b", "c"), { file, concurrency: 2, signal: controller.signal })) {
      expect(id).toBe("a");
      controller.abort();
    }
  };
  await expect(running()).rejects.toMatchObject({ code: "aborted" });
  const second = asking();
  await run(second.provider, items("a", "b", "c"), { file, concurrency: 1 });
  expect(second.words).toEqual(["word b", "word c"]);
});

test("leaving the loop gives up what is under way", async () => {
  const aborted: string[] = [];
  const { provider } = asking(async (call, word) => {
    if (word === "word a") return;
    await untilAborted(call).finally(() => aborted.push(word));
  });
  for await (const _first of runBatch(provider, items("a", "b", "c"), { concurrency: 2 })) break;
  expect(aborted).toEqual(["word b"]);
});

test.each([0, -1, 1.5, Number.NaN])("a concurrency of %d is refused", async (concurrency) => {
  await expect(run(asking().provider, items("a"), { concurrency })).rejects.toMatchObject({ field: "concurrency" });
});
