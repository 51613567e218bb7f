import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ERROR_TABLE } from "../../src/errors.ts";
import type { FakeVendor, FakeVendorName } from "../../src/testing/fake-vendors/fake-vendor.ts";
import { FAULTS, type Fault, faultOutcome, findFault, hasFault } from "../../src/testing/fake-vendors/faults.ts";
import { startFakeVendor } from "../../src/testing/fake-vendors/start-fake-vendor.ts";

/** What a plain HTTP client sees of one call. */
interface Seen {
  readonly status?: number;
  readonly headers?: Headers;
  readonly body: string;
  /** How it ended: the body was complete, the connection broke, or nothing came for a while. */
  readonly end: "complete" | "broken" | "nothing more";
}

const QUIET_MS = 60;
const SLOW_MS = 20;

interface Ask {
  readonly path: (model: string, stream: boolean) => string;
  readonly body: (model: string, stream: boolean) => object;
  readonly headers: Record<string, string>;
  /** Whether a streamed body has the mark that it is complete. */
  readonly isTerminated: (body: string) => boolean;
}

const messages = [{ role: "user", content: "one two three four five" }];
const chat: Ask = {
  path: () => "/v1/chat/completions",
  body: (model, stream) => ({ model, stream, messages }),
  headers: { authorization: "Bearer any" },
  isTerminated: (body) => body.includes("data: [DONE]") || body.includes('"finish_reason":"'),
};
/** The wires; a vendor that shares one of them is driven by its provider, in its conformance. */
const NAMES = [
  "openai",
  "anthropic",
  "gemini",
  "ollama",
  "lmstudio",
  "llamacpp",
  "huggingface",
  "moonshot",
  "openai-compatible",
] as const satisfies readonly FakeVendorName[];
type Name = (typeof NAMES)[number];

const ASKS: Record<Name, Ask> = {
  openai: chat,
  lmstudio: chat,
  llamacpp: chat,
  huggingface: chat,
  moonshot: chat,
  "openai-compatible": chat,
  anthropic: {
    path: () => "/v1/messages",
    body: (model, stream) => ({ model, stream, messages, max_tokens: 1000 }),
    headers: { "x-api-key": "any", "anthropic-version": "2023-06-01" },
    isTerminated: (body) => body.includes("message_stop"),
  },
  gemini: {
    path: (model, stream) => `/v1beta/models/${model}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
    body: () => ({ contents: [{ role: "user", parts: [{ text: "one two three four five" }] }] }),
    headers: { "x-goog-api-key": "any" },
    isTerminated: (body) => body.includes("finishReason"),
  },
  ollama: {
    path: () => "/api/chat",
    body: (model, stream) => ({ model, stream, messages }),
    headers: {},
    isTerminated: (body) => body.includes('"done":true'),
  },
};

const vendors = new Map<Name, FakeVendor>();
beforeAll(async () => {
  for (const name of NAMES) vendors.set(name, await startFakeVendor(name, { slowMs: SLOW_MS }));
});
afterAll(async () => {
  await Promise.all([...vendors.values()].map((vendor) => vendor.close()));
});

function vendorOf(name: Name): FakeVendor {
  const vendor = vendors.get(name);
  if (vendor === undefined) throw new Error(`${name} was not started`);
  return vendor;
}

async function call(name: Name, model: string, stream: boolean): Promise<Seen> {
  const ask = ASKS[name];
  const quiet = new QuietWatch();
  const body = JSON.stringify(ask.body(model, stream));
  const headers = { "content-type": "application/json", ...ask.headers };
  const { url, requests } = vendorOf(name);
  const before = requests.length;
  try {
    const answering = fetch(`${url}${ask.path(model, stream)}`, { method: "POST", headers, body, signal: quiet.signal });
    if (model.includes("silence")) await until(() => requests.length > before).then(() => quiet.restart());
    const response = await answering;
    return { status: response.status, headers: response.headers, ...(await readAll(response, quiet, model.includes("stall"))) };
  } catch {
    return { body: "", end: quiet.signal.aborted ? "nothing more" : "broken" };
  } finally {
    quiet.stop();
  }
}

/** Gives a connection up when nothing has come for a while; it begins only once something is known to be on its way. */
class QuietWatch {
  readonly #abort = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  readonly signal = this.#abort.signal;

  restart(): void {
    this.stop();
    this.#timer = setTimeout(() => this.#abort.abort(), QUIET_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

async function readAll(response: Response, quiet: QuietWatch, mayStall: boolean): Promise<Pick<Seen, "body" | "end">> {
  const decoder = new TextDecoder();
  let body = "";
  try {
    for await (const bytes of response.body ?? []) {
      body += decoder.decode(bytes, { stream: true });
      if (mayStall) quiet.restart();
    }
    return { body, end: "complete" };
  } catch {
    return { body, end: quiet.signal.aborted ? "nothing more" : "broken" };
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The data of an event stream or of JSON lines, one text an event. */
function eventsOf(body: string): string[] {
  const lines = body.split("\n").map((line) => line.replace(/^data: /, ""));
  return lines.filter((line) => line !== "" && line !== "[DONE]" && !line.startsWith("event:") && !line.startsWith(":"));
}

const STATUS: Record<string, readonly number[]> = {
  "rate-limit": [429],
  quota: [400, 402, 429],
  "server-error": [500],
  unavailable: [503],
  overloaded: [429, 503, 529],
  loading: [503],
  "context-overflow": [400],
};

function expectFailure(name: Name, fault: Fault, seen: Seen): void {
  const kind = fault.action.type === "failure" ? fault.action.kind : "";
  expect(STATUS[kind]).toContain(seen.status);
  expect(isJson(seen.body)).toBe(true);
  const header = seen.headers?.get("retry-after-ms") ?? seen.headers?.get("retry-after") ?? null;
  if (fault.retryAfter === undefined) expect(header).toBeNull();
  else if (name === "gemini") expect(seen.body).toContain(`"retryDelay":"${fault.retryAfter.ms / 1000}s"`);
  else expect(Number(header) * (fault.retryAfter.fraction ? 1 : 1000)).toBe(fault.retryAfter.ms);
}

/** What a plain client must see of a fault of the connection: [of a whole answer, of a stream]. */
const DELIVERED: Record<string, (seen: Seen, stream: boolean, ask: Ask) => void> = {
  reset: (seen) => expect(seen).toEqual({ body: "", end: "broken" }),
  silence: (seen) => expect(seen).toEqual({ body: "", end: "nothing more" }),
  "slow-first-token": (seen, stream, ask) => expectGood(seen, stream, ask),
  cut(seen, stream, ask) {
    expect([seen.status, seen.end]).toEqual([200, "complete"]);
    expectUnfinished(seen, stream, ask);
  },
  "reset-mid"(seen, stream, ask) {
    expect([seen.status, seen.end]).toEqual([200, "broken"]);
    expectUnfinished(seen, stream, ask);
  },
  stall(seen, stream, ask) {
    expect([seen.status, seen.end]).toEqual([200, "nothing more"]);
    expect(stream ? ask.isTerminated(seen.body) : isJson(seen.body)).toBe(false);
  },
  malformed(seen, stream, ask) {
    expect([seen.status, seen.end]).toEqual([200, "complete"]);
    if (stream) expect([eventsOf(seen.body).some((event) => !isJson(event)), ask.isTerminated(seen.body)]).toEqual([true, true]);
    else expect(isJson(seen.body)).toBe(false);
  },
  "no-terminator"(seen, stream, ask) {
    if (!stream) expectGood(seen, stream, ask);
    else expect([seen.end, ask.isTerminated(seen.body), seen.body.includes("done.")]).toEqual(["complete", false, true]);
  },
  "error-in-200"(seen, stream, ask) {
    expect([seen.status, seen.end]).toEqual([200, "complete"]);
    const last = stream ? (eventsOf(seen.body).at(-1) ?? "") : seen.body;
    expect(JSON.parse(last)).toMatchObject({ error: expect.anything() });
    expect(ask.isTerminated(seen.body)).toBe(false);
  },
  html: (seen) =>
    expect([seen.status, seen.headers?.get("content-type"), seen.body.slice(0, 6)]).toEqual([502, "text/html", "<html>"]),
  empty: (seen) => expect([seen.status, seen.body, seen.end]).toEqual([200, "", "complete"]),
};

function expectGood(seen: Seen, stream: boolean, ask: Ask): void {
  expect([seen.status, seen.end]).toEqual([200, "complete"]);
  expect(stream ? ask.isTerminated(seen.body) : isJson(seen.body)).toBe(true);
  expect(seen.body).toContain("done.");
}

function expectUnfinished(seen: Seen, stream: boolean, ask: Ask): void {
  expect(seen.body).not.toBe("");
  expect(stream ? ask.isTerminated(seen.body) : isJson(seen.body)).toBe(false);
  if (stream) expect(eventsOf(seen.body).every(isJson)).toBe(true);
}

const FINISHES: Record<Name, { length: string; refusal: string }> = {
  openai: { length: '"finish_reason":"length"', refusal: '"refusal":"' },
  anthropic: { length: '"stop_reason":"max_tokens"', refusal: '"stop_reason":"refusal"' },
  gemini: { length: '"finishReason":"MAX_TOKENS"', refusal: '"blockReason":"PROHIBITED_CONTENT"' },
  ollama: { length: '"done_reason":"length"', refusal: "sorry" },
  lmstudio: { length: '"finish_reason":"length"', refusal: "sorry" },
  llamacpp: { length: '"finish_reason":"length"', refusal: "sorry" },
  huggingface: { length: '"finish_reason":"length"', refusal: '"finish_reason":"content_filter"' },
  moonshot: { length: '"finish_reason":"length"', refusal: '"type":"content_filter"' },
  "openai-compatible": { length: '"finish_reason":"length"', refusal: '"finish_reason":"content_filter"' },
};

describe.each(NAMES)("the faults of the fake %s", (name) => {
  const own = FAULTS.filter((fault) => hasFault(name, fault));

  it.each(own.flatMap((fault) => [false, true].map((stream) => ({ fault, stream, name: fault.name }))))(
    "$name, stream: $stream",
    async ({ fault, stream }) => {
      const { action } = fault;
      const model = `${fault.name}-${stream ? "streamed" : "whole"}`;
      const seen = await call(name, model, stream);
      if (action.type === "failure") expectFailure(name, fault, seen);
      else if (action.type === "answer") expect(seen.body).toContain(FINISHES[name][action.finish]);
      else if (action.type === "refusal") expect(seen.status).toBe(action.status);
      else DELIVERED[action.how]?.(seen, stream, ASKS[name]);
      if (fault.once) expectGood(await call(name, model, stream), stream, ASKS[name]);
    },
  );

  it("answers a fault that it does not have as an unknown model", async () => {
    for (const fault of FAULTS.filter((candidate) => !hasFault(name, candidate))) {
      expect((await call(name, fault.name, false)).status).toBe(404);
    }
  });
});

describe("the table of faults", () => {
  it("names each fault once, with an outcome for every vendor that the errors' table knows", () => {
    expect(new Set(FAULTS.map((fault) => fault.name)).size).toBe(FAULTS.length);
    for (const fault of FAULTS) {
      for (const vendor of NAMES) {
        for (const mode of ["complete", "stream"] as const) {
          const outcome = faultOutcome(vendor, fault, mode);
          expect(outcome.finish !== undefined || (outcome.errors ?? []).length > 0).toBe(true);
          for (const code of outcome.errors ?? []) expect(ERROR_TABLE).toHaveProperty(code);
        }
      }
    }
  });

  it("has an expectation here for every way of delivering badly", () => {
    const ways = FAULTS.flatMap(({ action }) => (action.type === "delivery" ? [action.how] : []));
    expect(Object.keys(DELIVERED).sort()).toEqual([...ways].sort());
  });

  it("takes the longest name, wherever it stands in the model's name", () => {
    expect(findFault("openai", "fault-429-retry-after-ms")?.retryAfter?.ms).toBe(250);
    expect(findFault("openai", "fault-429-once:latest")?.once).toBe(true);
    expect(findFault("huggingface", "org/fault-reset-mid-reasoner")?.name).toBe("fault-reset-mid");
    expect(findFault("openai", "fault-5000")).toBeUndefined();
    expect(findFault("openai", "gpt-4.1-mini")).toBeUndefined();
  });
});

describe("faults as the vendors' own clients see them", () => {
  it("OpenAI's client waits as it is told and retries", async () => {
    const client = new OpenAI({ baseURL: vendorOf("openai").baseUrl, apiKey: "any", maxRetries: 1 });
    const request = { model: "fault-500-once-sdk", messages: [{ role: "user" as const, content: "x" }] };
    const answer = await client.chat.completions.create(request);
    expect(answer.choices[0]?.finish_reason).toBe("stop");
  });

  it("OpenAI's client throws what stands in the stream", async () => {
    const client = new OpenAI({ baseURL: vendorOf("openai").baseUrl, apiKey: "any", maxRetries: 0 });
    const request = { model: "fault-error-in-200", messages: [{ role: "user" as const, content: "x" }], stream: true as const };
    const stream = await client.chat.completions.create(request);
    await expect(drain(stream)).rejects.toMatchObject({ type: "server_error" });
    const responses = client.responses.stream({ model: "fault-error-in-200", input: "x" });
    await expect(responses.finalResponse()).resolves.toMatchObject({ status: "failed", error: { code: "server_error" } });
  });

  it("OpenAI's client reads an incomplete and a refused response", async () => {
    const client = new OpenAI({ baseURL: vendorOf("openai").baseUrl, apiKey: "any", maxRetries: 0 });
    const short = await client.responses.stream({ model: "fault-length", input: "x" }).finalResponse();
    expect(short).toMatchObject({ status: "incomplete", incomplete_details: { reason: "max_output_tokens" } });
    const refused = await client.responses.stream({ model: "fault-refusal", input: "x" }).finalResponse();
    expect(refused.output).toMatchObject([{ content: [{ type: "refusal", refusal: expect.stringContaining("sorry") }] }]);
  });

  it("Anthropic's client throws the overload, and what stands in the stream", async () => {
    const client = new Anthropic({ baseURL: vendorOf("anthropic").url, apiKey: "any", maxRetries: 0 });
    const request = { max_tokens: 100, messages: [{ role: "user" as const, content: "x" }] };
    await expect(client.messages.create({ ...request, model: "fault-529" })).rejects.toMatchObject({
      status: 529,
      type: "overloaded_error",
    });
    const stream = client.messages.stream({ ...request, model: "fault-error-in-200" });
    await expect(stream.finalMessage()).rejects.toMatchObject({ type: "api_error" });
    const cut = client.messages.stream({ ...request, model: "fault-cut" });
    await expect(cut.finalMessage()).rejects.toThrow();
  });
});

async function drain(stream: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _item of stream) count++;
  return count;
}
