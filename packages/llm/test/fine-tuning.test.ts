/** What fine-tuning promises whatever the vendor, over every vendor that has it; and what single ones do otherwise. */
import { type FakeVendor, type FakeVendorName, startFakeVendor } from "@dragoman/llm/testing";
import { afterEach, describe, expect, test } from "vitest";
import { renderTrainingLines } from "../src/fine-tuning/training-lines.ts";
import {
  assistantMessage,
  azure,
  DragomanError,
  type FineTuneProgress,
  type FineTuning,
  isFineTuneAtRest,
  mistral,
  openai,
  type Provider,
  readTrainingFile,
  Secret,
  systemMessage,
  type TrainingExample,
  together,
  toolResult,
  userMessage,
  watchFineTune,
} from "../src/index.ts";

interface Subject {
  readonly name: string;
  readonly vendor: FakeVendorName;
  readonly model: string;
  readonly create: (baseUrl: string) => Provider;
}

const key = new Secret("any-key");
const CLASSIC = "2024-10-21";

const SUBJECTS: readonly Subject[] = [
  { name: "openai", vendor: "openai", model: "gpt-4.1-mini", create: (baseUrl) => openai({ baseUrl, key }) },
  { name: "azure", vendor: "azure", model: "my-gpt-4-1", create: (baseUrl) => azure({ baseUrl: rootOf(baseUrl), key }) },
  {
    name: "azure, classic",
    vendor: "azure",
    model: "my-gpt-4-1",
    create: (baseUrl) => azure({ baseUrl: rootOf(baseUrl), key, apiVersion: CLASSIC }),
  },
  {
    name: "together",
    vendor: "together",
    model: "meta-llama/Llama-3.3-70B-Instruct-Turbo",
    create: (baseUrl) => together({ baseUrl, key }),
  },
  { name: "mistral", vendor: "mistral", model: "ministral-8b-latest", create: (baseUrl) => mistral({ baseUrl, key }) },
];

function rootOf(baseUrl: string): string {
  return new URL(baseUrl).origin;
}

const fakes: FakeVendor[] = [];
afterEach(async () => {
  await Promise.all(fakes.splice(0).map((fake) => fake.close()));
});

async function open({ vendor, create }: Subject): Promise<{ readonly fake: FakeVendor; readonly tuning: FineTuning }> {
  const fake = await startFakeVendor(vendor);
  fakes.push(fake);
  const tuning = create(fake.baseUrl).fineTuning;
  if (tuning === undefined) throw new Error("it has no fine-tuning");
  return { fake, tuning };
}

const EXAMPLE: TrainingExample = {
  messages: [systemMessage("Answer in one word."), userMessage("What is the sky?"), assistantMessage("Blue.")],
};
const WEATHER = { name: "weather", inputSchema: { type: "object", properties: { city: { type: "string" } } } };
const CALL = { type: "tool-call", id: "call00001", name: "weather", arguments: { city: "Rome" } } as const;
const WITH_TOOLS: TrainingExample = {
  messages: [userMessage("Rome?"), assistantMessage([CALL]), toolResult(CALL, "18 °C"), assistantMessage("Mild.")],
  tools: [WEATHER],
};
const examples = (more: readonly TrainingExample[] = []) => [...Array.from({ length: 10 }, () => EXAMPLE), ...more];
const saying = (text: string): TrainingExample => ({ messages: [userMessage(text), assistantMessage("Yes.")] });

const NO_WAIT = { everyMs: 1, totalMs: 100, sleep: async () => undefined };

async function collected<Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

async function watched(tuning: FineTuning, id: string): Promise<readonly FineTuneProgress[]> {
  return collected(watchFineTune(tuning, id, NO_WAIT));
}

async function errorOf(work: Promise<unknown>): Promise<DragomanError> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (DragomanError.is(thrown)) return thrown;
  throw new Error(`not refused: ${String(thrown)}`);
}

describe.each(SUBJECTS)("fine-tuning at $name", (subject) => {
  const { model } = subject;

  test("trains on examples, tells step and loss once, and names the new model at the end", async () => {
    const { tuning } = await open(subject);
    const request = { model, training: { examples: examples([WITH_TOOLS]) }, suffix: "mild", epochs: 2 };
    const started = await tuning.start({ ...request, validation: { examples: [EXAMPLE] } });
    expect(started).toMatchObject({ status: "queued", model, warnings: [] });
    expect(started.tunedModel).toBeUndefined();
    const seen = await watched(tuning, started.id);
    const last = seen.at(-1)?.job;
    expect(last).toMatchObject({ id: started.id, status: "succeeded", tunedModel: expect.stringContaining("mild") });
    expect(last?.trainedTokens).toBeGreaterThan(0);
    expect(last?.finishedAt).toBeGreaterThan(last?.createdAt ?? Number.NaN);
    const events = seen.flatMap((progress) => progress.events);
    expect(events).toEqual(await tuning.events(started.id));
    expect(events.map(({ at }) => at)).toEqual(events.map(({ at }) => at).toSorted((one, other) => one - other));
    const steps = events.flatMap(({ step }) => (step === undefined ? [] : [step]));
    expect(steps).toEqual([1, 2, 3, 4]);
    if (subject.vendor !== "together")
      expect(events.findLast(({ trainingLoss }) => trainingLoss !== undefined)?.trainingLoss).toBe(0.5);
  });

  test("takes a file that was uploaded before, and lists its jobs, the newest first", async () => {
    const { tuning, fake } = await open(subject);
    const uploaded = await tuning.upload({ examples: examples() });
    expect(uploaded).toMatchObject({ examples: 10, warnings: [] });
    const lines = renderTrainingLines(examples()).data;
    expect(uploaded.sizeBytes).toBe(lines.length);
    const ids: string[] = [];
    for (let count = 0; count < 5; count++) {
      ids.push((await tuning.start({ model, training: { fileId: uploaded.fileId } })).id);
    }
    const listed = (await tuning.list()).map(({ id }) => id);
    expect([...listed].sort()).toEqual([...ids].sort());
    if (subject.vendor !== "together") expect(listed).toEqual(ids.toReversed());
    expect(fake.requests.filter(({ path }) => /files(\/upload)?$/.test(path.split("?")[0] ?? ""))).toHaveLength(1);
  });

  test("cancels, and says so; what is at rest cannot be cancelled", async () => {
    const { tuning } = await open(subject);
    const { id } = await tuning.start({ model, training: { examples: examples() } });
    await tuning.get(id);
    expect((await tuning.cancel(id)).status).toMatch(/^cancel/);
    const last = (await watched(tuning, id)).at(-1)?.job;
    expect(last).toMatchObject({ status: "cancelled" });
    expect(last?.tunedModel).toBeUndefined();
    expect((await errorOf(tuning.cancel(id))).code).toBe("invalid_request");
  });

  test("tells why a training failed", async () => {
    const { tuning } = await open(subject);
    const { id } = await tuning.start({ model, training: { examples: examples([saying("fault-fails")]) } });
    const last = (await watched(tuning, id)).at(-1)?.job;
    expect(last).toMatchObject({ status: "failed", error: expect.stringContaining("harmful") });
    const events = await tuning.events(id);
    expect(events.findLast(({ level }) => level === "error")?.message).toContain("harmful");
  });

  test("sends nothing where an example is wrong, and names it", async () => {
    const { tuning, fake } = await open(subject);
    const wrong: TrainingExample = { messages: [userMessage("And?")] };
    const error = await errorOf(tuning.start({ model, training: { examples: examples([wrong]) } }));
    expect(error).toMatchObject({ code: "invalid_request", field: "examples" });
    expect(error.detail).toContain("examples[10].messages[0]: it ends with user");
    const validation = await errorOf(
      tuning.start({ model, training: { examples: examples() }, validation: { examples: [wrong] } }),
    );
    expect(validation.detail).toContain("examples[0].messages[0]");
    expect(fake.requests).toEqual([]);
  });

  test("passes on what the vendor refuses as an error of the table", async () => {
    const { tuning } = await open(subject);
    const refused = await errorOf(tuning.start({ model: "no-tuning", training: { examples: examples() } }));
    expect(["invalid_request", "model_not_found", "unsupported"]).toContain(refused.code);
    const missing = await errorOf(tuning.get("ft-nowhere"));
    expect(missing).toMatchObject({ status: 404 });
    expect(missing.message).not.toContain("any-key");
    await expect(tuning.start({ model, training: { fileId: "file-nowhere" } })).rejects.toThrow(/file-nowhere|training_file/);
  });

  test("lays the vendor's own fields over the body, and stops at an abort", async () => {
    const { tuning, fake } = await open(subject);
    const { fileId } = await tuning.upload({ examples: examples() });
    await tuning.start({ model, training: { fileId }, vendorOptions: { suffix: "own" } });
    const body = fake.requests.findLast(({ method, path }) => method === "POST" && /jobs|fine-tunes/.test(path))?.body;
    expect(body).toMatchObject({ model, suffix: "own" });
    const signal = AbortSignal.abort();
    expect((await errorOf(tuning.list({ signal }))).code).toBe("aborted");
  });
});

describe("settings that a vendor does not have", () => {
  test.each([
    ["together", "learningRateMultiplier", "learning_rate"],
    ["together", "seed", "leave it out"],
    ["mistral", "batchSize", "leave it out"],
    ["mistral", "learningRateMultiplier", "hyperparameters"],
    ["mistral", "seed", "leave it out"],
  ])("are refused by %s: %s", async (name, setting, advice) => {
    const subject = SUBJECTS.find((candidate) => candidate.name === name);
    if (subject === undefined) throw new Error(`no subject ${name}`);
    const { tuning, fake } = await open(subject);
    const error = await errorOf(tuning.start({ model: subject.model, training: { fileId: "file-1" }, [setting]: 1 }));
    expect(error).toMatchObject({ code: "unsupported", field: setting });
    expect(error.advice).toContain(advice);
    expect(fake.requests).toEqual([]);
  });

  test("OpenAI takes them all", async () => {
    const [subject] = SUBJECTS;
    if (subject === undefined) throw new Error("no subject");
    const { tuning, fake } = await open(subject);
    const settings = { epochs: 3, batchSize: 4, learningRateMultiplier: 0.5, seed: 7, suffix: "s" };
    await tuning.start({ model: subject.model, training: { examples: examples() }, ...settings });
    expect(fake.requests.at(-1)?.body).toMatchObject({
      suffix: "s",
      seed: 7,
      method: {
        type: "supervised",
        supervised: { hyperparameters: { n_epochs: 3, batch_size: 4, learning_rate_multiplier: 0.5 } },
      },
    });
    const few = await errorOf(tuning.start({ model: subject.model, training: { examples: [EXAMPLE] } }));
    expect(few.detail).toBe("there is 1 example; the vendor wants 10 or more");
  });
});

describe("examples", () => {
  test.each<[string, TrainingExample, string]>([
    ["no messages", { messages: [] }, "messages: there are none"],
    ["no user", { messages: [assistantMessage("Hello.")] }, "messages: no user says anything"],
    ["an empty answer", { messages: [userMessage("?"), assistantMessage(" ")] }, "messages[1]: the answer has neither"],
    [
      "a system message in the middle",
      { messages: [userMessage("?"), systemMessage("S"), assistantMessage("!")] },
      "messages[1]: a system message may stand at the beginning only",
    ],
    ["a call of an unknown tool", { messages: WITH_TOOLS.messages }, "messages[1]: there is no tool weather"],
    [
      "a result without its call",
      { messages: [userMessage("?"), toolResult(CALL, "x"), assistantMessage("!")] },
      "messages[1]: the result of call00001 follows no such call",
    ],
    [
      "a call without its result",
      { messages: [userMessage("?"), assistantMessage([CALL]), assistantMessage("!")], tools: [WEATHER] },
      "messages[1]: the call call00001 has no result",
    ],
  ])("with %s are refused", (_what, example, message) => {
    expect(() => renderTrainingLines([example])).toThrow(`examples[0].${message}`);
  });

  test("that end with a tool call need no result, and come back from their lines as they were", async () => {
    const calling: TrainingExample = { messages: [userMessage("Rome?"), assistantMessage([CALL])], tools: [WEATHER] };
    const text = Buffer.from(renderTrainingLines([EXAMPLE, WITH_TOOLS, calling]).data).toString("utf8");
    expect(text.trimEnd().split("\n")).toHaveLength(3);
    const read = await readTrainingFile(`${text}\n\n`);
    expect(read.warnings).toEqual([]);
    expect(Buffer.from(renderTrainingLines(read.examples).data).toString("utf8")).toBe(text);
  });

  test("over the limit of the file are refused", () => {
    expect(() => renderTrainingLines([EXAMPLE], { bytesMax: 10 })).toThrow(/request_too_large/);
  });

  test("say what of them could not be written as it was", () => {
    const thinking: TrainingExample = {
      messages: [
        userMessage("?"),
        assistantMessage([
          { type: "reasoning", text: "hm" },
          { type: "text", text: "!" },
        ]),
      ],
    };
    const { warnings } = renderTrainingLines([EXAMPLE, thinking]);
    expect(warnings).toContainEqual(expect.objectContaining({ path: expect.stringMatching(/^examples\[1\]/) }));
  });
});

test("a training file is refused with the number of every line that is wrong", async () => {
  const good = JSON.stringify({
    messages: [
      { role: "user", content: "u" },
      { role: "assistant", content: "a" },
    ],
  });
  const lines = [
    good,
    "{",
    "",
    '{"messages":[{"role":"user","content":"u"}]}',
    '{"prompt":"p","completion":"c"}',
    '{"messages":[{"role":"user","content":"u"},{"role":"assistant","content":"a","weight":0}]}',
  ];
  const error = await errorOf(readTrainingFile(lines.join("\n")));
  expect(error.detail).toBe(
    "line 2: it is not JSON; line 4: messages[0]: it ends with user; the last message must be the assistant's; " +
      "line 5: prompt: a line has no such field; it has messages, tools, parallel_tool_calls; " +
      "line 6: messages: a weight cannot be expressed here; upload the file as it is with the vendor's files",
  );
  expect((await errorOf(readTrainingFile("\n"))).detail).toBe("there is no example in it");
  const many = await errorOf(readTrainingFile("x\n".repeat(50)));
  expect(many.detail).toMatch(/line 10: it is not JSON; and 40 more$/);
});

describe("watching", () => {
  const job = { id: "j", provider: "p", model: "m", warnings: [] } as const;
  const tuning = (statuses: readonly (string | DragomanError)[]): FineTuning => {
    const left = [...statuses];
    const refuse = () => Promise.reject(new Error("not asked for here"));
    return {
      upload: refuse,
      start: refuse,
      list: refuse,
      cancel: refuse,
      events: async () => [],
      get: async () => {
        const next = left.shift();
        if (next === undefined) throw new Error("asked too often");
        if (typeof next !== "string") throw next;
        return { ...job, status: next === "succeeded" ? "succeeded" : "running" };
      },
    };
  };
  const passing = new DragomanError({ code: "overloaded", detail: "busy" });

  test("goes on after a passing failure, and tells of it", async () => {
    const failures: string[] = [];
    const options = { ...NO_WAIT, onFailure: (error: DragomanError) => failures.push(error.code) };
    const seen = await collected(watchFineTune(tuning(["running", passing, passing, "succeeded"]), "j", options));
    expect(seen.map((progress) => progress.job.status)).toEqual(["running", "succeeded"]);
    expect(failures).toEqual(["overloaded", "overloaded"]);
  });

  test("gives up after too many in a row, at once for what will not pass, and at its time limit", async () => {
    const six = Array.from({ length: 6 }, () => passing);
    expect((await errorOf(watched(tuning(six), "j"))).code).toBe("overloaded");
    const gone = new DragomanError({ code: "not_found", detail: "gone" });
    expect((await errorOf(watched(tuning([gone]), "j"))).code).toBe("not_found");
    const never = watchFineTune(tuning(["running", "running"]), "j", { ...NO_WAIT, everyMs: 60, totalMs: 100 });
    expect(await errorOf(collected(never))).toMatchObject({ code: "timeout", retryable: false });
  });
});

test("a word for a state that nobody knows counts as running, with a warning", async () => {
  const fetchJson = async () => ({ id: "ft-1", model: "m", status: "meditating" });
  const { openaiFineTuning } = await import("../src/fine-tuning/openai-fine-tuning.ts");
  const refuse = () => {
    throw new Error("not asked for here");
  };
  const operations = {
    provider: "openai",
    modelOf: (name: string) => name,
    render: refuse,
    parseCompletion: refuse,
    parseError: refuse,
  };
  const found = await openaiFineTuning({ ...operations, channel: { send: refuse, fetchJson } }).get("ft-1");
  expect(found).toMatchObject({ status: "running", warnings: [{ detail: expect.stringContaining('"meditating"') }] });
  expect(isFineTuneAtRest(found)).toBe(false);
});
