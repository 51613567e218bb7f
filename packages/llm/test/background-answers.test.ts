/** Answers that the vendor works at after it has replied: they are fetched, taken up again, or given up, within limits. */
import { startFakeVendor } from "@dragoman/llm/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createFold,
  createUndiciTransport,
  openai,
  type PollingOptions,
  Secret,
  type Transport,
  textOf,
  userMessage,
} from "../src/index.ts";
import type { FakeVendor } from "../src/testing/fake-vendors/fake-vendor.ts";
import { checkStream } from "../src/testing/laws.ts";

let vendor: FakeVendor;
beforeAll(async () => {
  vendor = await startFakeVendor("openai");
});
afterAll(() => vendor.close());

const vendorOptions = { "openai-responses": { background: true } };
const messages = [userMessage("one two three four five six seven eight")];

function provider(polling: PollingOptions = { firstMs: 1, mostMs: 1 }) {
  return openai({ baseUrl: vendor.baseUrl, key: new Secret("sk-background"), polling });
}

function paths(): readonly string[] {
  return vendor.requests.map(({ method, path }) => `${method} ${path.replace(/resp_[^/?]+/, "ID")}`);
}

test("a whole answer in the background is asked after until it is there", async () => {
  const plain = await provider().complete({ model: "gpt-5-mini", messages });
  const before = vendor.requests.length;
  const completion = await provider().complete({ model: "gpt-5-mini", messages, vendorOptions });
  expect(textOf(completion.message)).toBe(textOf(plain.message));
  expect(completion.usage.outputTokens).toBe(plain.usage.outputTokens);
  expect(completion.cost).toBeDefined();
  expect(paths().slice(before)).toEqual(["POST /v1/responses", "GET /v1/responses/ID", "GET /v1/responses/ID"]);
});

test("an answer that takes too long is given up at the vendor too", async () => {
  const before = vendor.requests.length;
  const late = provider({ firstMs: 5, mostMs: 5, totalMs: 1 });
  await expect(late.complete({ model: "gpt-5-mini", messages, vendorOptions })).rejects.toMatchObject({
    code: "timeout",
    detail: expect.stringContaining("polling.totalMs"),
  });
  expect(paths().slice(before)).toEqual(["POST /v1/responses", "POST /v1/responses/ID/cancel"]);
});

test("an abort while it is waited for reaches the vendor", async () => {
  const before = vendor.requests.length;
  const controller = new AbortController();
  const inner = createUndiciTransport();
  const transport: Transport = {
    send: (request) => {
      if (request.method === "GET") controller.abort();
      return inner.send(request);
    },
    close: () => inner.close(),
  };
  const asking = openai({ baseUrl: vendor.baseUrl, key: new Secret("sk-background"), polling: { firstMs: 1 }, transport });
  const call = asking.complete({ model: "gpt-5-mini", messages, vendorOptions, signal: controller.signal });
  await expect(call).rejects.toMatchObject({ code: "aborted" });
  await transport.close();
  expect(paths().slice(before)[0]).toBe("POST /v1/responses");
  expect(paths().at(-1)).toBe("POST /v1/responses/ID/cancel");
});

test.each(["fault-cut", "fault-reset-mid"])("a stream in the background goes on where it broke: %s", async (fault) => {
  const before = vendor.requests.length;
  const events = [];
  for await (const event of provider().stream({ model: fault, messages, vendorOptions })) events.push(event);
  expect(checkStream(events)).toEqual([]);
  const folded = createFold();
  for (const event of events) folded.push(event);
  const completion = folded.completion();
  expect(textOf(completion.message)).toContain("one two three four five six seven eight");
  expect(completion.finish.reason).toBe("stop");
  expect(paths().slice(before)).toEqual([
    "POST /v1/responses",
    expect.stringMatching(/^GET \/v1\/responses\/ID\?stream=true&starting_after=\d+$/),
  ]);
});

test("a stream that is not in the background is not taken up again", async () => {
  const events = [];
  for await (const event of provider().stream({ model: "fault-cut", messages })) events.push(event);
  expect(events.at(-1)).toMatchObject({ type: "error", error: { code: "stream_truncated" } });
});
