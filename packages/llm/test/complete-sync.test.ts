import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { completeSync } from "@dragoman/llm/sync";
import type { FakeVendorName } from "@dragoman/llm/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DragomanError, textOf, userMessage } from "../src/index.ts";

const threads: Worker[] = [];
const baseUrls: Record<string, string> = {};

beforeAll(async () => {
  process.env.ANTHROPIC_API_KEY = "sk-sync-0123456789abcdef";
  const start = async (vendor: FakeVendorName) => {
    const thread = new Worker(new URL("./fake-vendor-thread.ts", import.meta.url), { workerData: { vendor } });
    threads.push(thread);
    const [{ baseUrl }] = await once(thread, "message");
    baseUrls[vendor] = baseUrl;
  };
  await Promise.all([start("anthropic"), start("llamacpp")]);
});

afterAll(async () => {
  delete process.env.ANTHROPIC_API_KEY;
  await Promise.all(threads.map((thread) => thread.terminate()));
});

function failureOf(run: () => unknown): DragomanError {
  try {
    run();
  } catch (error) {
    if (DragomanError.is(error)) return error;
    throw error;
  }
  throw new Error("it succeeded");
}

describe("completeSync", () => {
  test("gives the answer without a turn of the event loop", () => {
    let turned = false;
    setImmediate(() => {
      turned = true;
    });
    const completion = completeSync({ model: "anthropic:claude-sonnet-4-5", prompt: "Say hello.", baseUrls });
    expect(turned).toBe(false);
    expect(textOf(completion.message)).toContain("Say hello.");
    expect(completion.origin).toMatchObject({ provider: "anthropic", model: "claude-sonnet-4-5" });
    expect(completion.cost?.totalUsd).toBeGreaterThan(0);
    expect(JSON.parse(JSON.stringify(completion))).toEqual(completion);
  });

  test("takes whole messages, a system message among them", () => {
    const completion = completeSync({
      model: "llamacpp:qwen3-1.7b-q4_k_m",
      messages: [{ role: "system", parts: [{ type: "text", text: "Be brief." }] }, userMessage("Hello there.")],
      maxOutputTokens: 50,
      baseUrls,
    });
    expect(textOf(completion.message)).toContain("Hello there.");
  });

  test("throws the error of the call, with all that it says", () => {
    const error = failureOf(() => completeSync({ model: "anthropic:fault-429-retry-after", prompt: "Hi.", baseUrls }));
    expect(error).toBeInstanceOf(DragomanError);
    expect(error).toMatchObject({
      code: "rate_limited",
      provider: "anthropic",
      model: "fault-429-retry-after",
      status: 429,
      retryAfterMs: 1_000,
      retryable: true,
      request: "POST /v1/messages",
    });
    expect(error.message).toContain("retry after 1 s");
  });

  test("gives up when the vendor does not answer in time", () => {
    const call = { model: "anthropic:fault-silence", prompt: "Hi.", baseUrls, timeouts: { totalMs: 300 } };
    expect(failureOf(() => completeSync(call))).toMatchObject({ code: "timeout", retryable: true });
  });

  test("wants either a prompt or messages", () => {
    expect(failureOf(() => completeSync({ model: "anthropic:x" }))).toMatchObject({ code: "invalid_request", field: "prompt" });
    expect(failureOf(() => completeSync({ model: "anthropic:x", prompt: "a", messages: [userMessage("b")] })).code).toBe(
      "invalid_request",
    );
  });

  test("refuses a request that is not plain data", () => {
    const metadata = { tags: { made: (() => "later") as never } };
    expect(failureOf(() => completeSync({ model: "anthropic:x", prompt: "a", metadata }))).toMatchObject({
      code: "invalid_request",
      detail: expect.stringContaining("not plain data"),
    });
  });
});
