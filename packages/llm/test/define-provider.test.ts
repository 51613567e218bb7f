/** What a provider of `defineProvider` puts on the wire, and what it makes of what comes back: over a real server. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { checkStream, startFakeVendor } from "@dragoman/llm/testing";
import { describe, expect, test } from "vitest";
import { createAnthropicMessagesDialect, createOpenAIChatDialect } from "../src/dialects/index.ts";
import {
  type AuthScheme,
  anthropic,
  assistantMessage,
  createInlineMedia,
  createUrlGuard,
  DragomanError,
  defineProvider,
  fold,
  ollama,
  type Provider,
  type ProviderDefinition,
  Secret,
  type StreamEvent,
  systemMessage,
  userMessage,
} from "../src/index.ts";
import { startServer } from "./transport/local-server.ts";

const KEY = "sk-define-0123456789abcdef";
const ANSWER = {
  id: "1",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "Hi." }, finish_reason: "stop" }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 },
};
const CALL = { model: "m", messages: [userMessage("Hello.")] };

interface Seen {
  readonly headers: IncomingMessage["headers"];
  readonly url: string;
}

type Respond = (response: ServerResponse, request: IncomingMessage) => unknown;

const json: Respond = (response) => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(ANSWER));

/** A provider in front of a server that answers as told, and what the server saw. */
async function withServer<T>(
  respond: Respond,
  change: Partial<ProviderDefinition>,
  body: (provider: Provider, seen: readonly Seen[]) => Promise<T>,
): Promise<T> {
  const seen: Seen[] = [];
  await using server = await startServer((request, response) => {
    seen.push({ headers: request.headers, url: request.url ?? "" });
    request.resume();
    request.on("end", () => respond(response, request));
  });
  const provider = defineProvider({
    id: "example",
    name: "Example",
    baseUrl: `${server.url}/v1/`,
    dialect: createOpenAIChatDialect(),
    auth: { type: "bearer", key: new Secret(KEY) },
    ...change,
  });
  return await body(provider, seen);
}

async function failureOf(promise: Promise<unknown>): Promise<DragomanError> {
  const thrown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!DragomanError.is(thrown)) throw new Error(`a DragomanError was expected, not ${String(thrown)}`);
  return thrown;
}

async function eventsOf(events: AsyncIterable<StreamEvent>): Promise<readonly StreamEvent[]> {
  const all: StreamEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

describe("the key", () => {
  test.each<[string, AuthScheme, string, string | undefined]>([
    ["bearer", { type: "bearer", key: new Secret(KEY) }, "authorization", `Bearer ${KEY}`],
    ["header", { type: "header", name: "X-Api-Key", key: new Secret(KEY) }, "x-api-key", KEY],
    ["none", { type: "none" }, "authorization", undefined],
    ["optional and not set", { type: "bearer", key: "env:NOT_SET", optional: true }, "authorization", undefined],
    ["by reference", { type: "bearer", key: "env:THE_KEY" }, "authorization", `Bearer ${KEY}`],
  ])("goes out as told: %s", async (_name, auth, header, value) => {
    await withServer(json, { auth, options: { secrets: { environment: { THE_KEY: KEY } } } }, async (provider, seen) => {
      await provider.complete(CALL);
      expect(seen[0]?.headers[header]).toBe(value);
    });
  });

  test("that is missing is an error that names the variable, before anything is sent", async () => {
    const auth = { type: "bearer", key: "env:EXAMPLE_KEY" } as const;
    await withServer(json, { auth, options: { secrets: { environment: {} } } }, async (provider, seen) => {
      const error = await failureOf(provider.complete(CALL));
      expect(error).toMatchObject({ code: "authentication", provider: "example", model: "m" });
      expect(error.message).toContain("set EXAMPLE_KEY in the environment or in .env");
      expect(seen).toEqual([]);
      const availability = await provider.availability();
      expect(availability).toMatchObject({ available: false, reason: "no-key" });
    });
  });

  test("is read again after it could not be read", async () => {
    const folder = await mkdtemp(join(tmpdir(), "key-"));
    const path = join(folder, "key");
    try {
      await withServer(json, { auth: { type: "bearer", key: `file:${path}` } }, async (provider, seen) => {
        expect(await failureOf(provider.complete(CALL))).toMatchObject({ code: "configuration" });
        await writeFile(path, `${KEY}\n`);
        await provider.complete(CALL);
        expect(seen[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("that the vendor repeats in its words is shown to nobody", async () => {
    for (const body of [`bad key ${KEY}`, JSON.stringify({ error: { message: `bad key ${KEY}` } })]) {
      for (const status of [200, 400, 401, 500]) {
        await withServer(
          (response) => response.writeHead(status).end(body),
          {},
          async (provider) => {
            const error = await failureOf(provider.complete(CALL));
            const streamed = await failureOf(fold(provider.stream(CALL)));
            for (const shown of [error, streamed])
              expect(`${inspect(shown)} ${JSON.stringify(shown)} ${shown.stack}`).not.toContain(KEY);
          },
        );
      }
    }
  });

  test("of the caller goes over the definition's", async () => {
    await withServer(json, { options: { key: new Secret("own-key-of-the-caller") } }, async (provider, seen) => {
      await provider.complete(CALL);
      expect(seen[0]?.headers.authorization).toBe("Bearer own-key-of-the-caller");
    });
  });
});

describe("headers", () => {
  test("of the caller go over the definition's, whatever their case, and each goes out once", async () => {
    const change = { headers: { "x-version": "1", "x-kept": "k" }, options: { headers: { "X-Version": "2", "X-Own": "o" } } };
    await withServer(json, change, async (provider, seen) => {
      await provider.complete(CALL);
      expect(seen[0]?.headers).toMatchObject({
        "x-version": "2",
        "x-kept": "k",
        "x-own": "o",
        "content-type": "application/json",
      });
      expect(seen[0]?.url).toBe("/v1/chat/completions");
    });
  });
});

describe("an answer that is none", () => {
  test.each<[string, Respond, object]>([
    [
      "a redirect",
      (response) => response.writeHead(302, { location: "http://127.0.0.1:9/" }).end(),
      { code: "invalid_response", status: 302, advice: "correct the base URL" },
    ],
    ["not modified", (response) => response.writeHead(304).end(), { code: "invalid_response", status: 304 }],
    [
      "no JSON",
      (response) => response.writeHead(200).end("hello"),
      { code: "invalid_response", detail: 'the body is not JSON; it begins "hello"' },
    ],
    ["empty", (response) => response.writeHead(200).end(), { code: "invalid_response", detail: "the body is empty" }],
    ["JSON of another kind", (response) => response.writeHead(200).end("[1]"), { code: "invalid_response" }],
    [
      "a page of a proxy",
      (response) => response.writeHead(503).end("<html><title>Down</title></html>"),
      { code: "overloaded", detail: "an HTML page: Down" },
    ],
    [
      "an error too large to be read",
      (response) => response.writeHead(500).end("x".repeat(2_000_000)),
      { code: "vendor_error", status: 500 },
    ],
    ["a closed connection", (response) => response.destroy(), { code: "connection_failed" }],
  ])("%s", async (_name, respond, expected) => {
    await withServer(respond, {}, async (provider) => {
      const error = await failureOf(provider.complete(CALL));
      expect(error).toMatchObject({ provider: "example", model: "m", request: "POST /v1/chat/completions", ...expected });
      const events = await eventsOf(provider.stream(CALL));
      expect(checkStream(events)).toEqual([]);
      expect(events.at(-1)).toMatchObject({
        type: "error",
        error: { provider: "example", model: "m", request: "POST /v1/chat/completions" },
      });
    });
  });

  test("a redirect is not followed, and the key goes nowhere else", async () => {
    let elsewhere = 0;
    await using other = await startServer((_request, response) => {
      elsewhere += 1;
      response.end("{}");
    });
    await withServer(
      (response) => response.writeHead(307, { location: other.url }).end(),
      {},
      async (provider) => {
        await failureOf(provider.complete(CALL));
        await failureOf(fold(provider.stream(CALL)));
      },
    );
    expect(elsewhere).toBe(0);
  });

  test("an error names the vendor's id of the request and its wait", async () => {
    const respond: Respond = (response) =>
      response.writeHead(429, { "retry-after": "7", "x-request-id": "req_7" }).end('{"error":{"message":"slow"}}');
    await withServer(respond, {}, async (provider) => {
      expect(await failureOf(provider.complete(CALL))).toMatchObject({
        code: "rate_limited",
        retryAfterMs: 7_000,
        requestId: "req_7",
        status: 429,
      });
    });
  });
});

describe("time limits", () => {
  const silent: Respond = () => undefined;

  test("of the caller go over the provider's, one by one", async () => {
    await withServer(silent, { options: { timeouts: { totalMs: 60, firstByteMs: 50_000 } } }, async (provider) => {
      expect(await failureOf(provider.complete(CALL))).toMatchObject({
        code: "timeout",
        detail: expect.stringContaining("totalMs"),
      });
      const hurried = provider.complete({ ...CALL, timeouts: { totalMs: 50_000, firstByteMs: 60 } });
      expect((await failureOf(hurried)).detail).toContain("firstByteMs");
    });
  });

  test("for the first token end a stream that only makes noise, and not one that has begun to speak", async () => {
    const noise: Respond = (response) =>
      void response.writeHead(200, { "content-type": "text/event-stream" }).write(": ping\n\n");
    await withServer(noise, { options: { timeouts: { firstTokenMs: 60 } } }, async (provider) => {
      const error = await failureOf(fold(provider.stream(CALL)));
      expect(error).toMatchObject({ code: "timeout", detail: "no first token within 60 ms (firstTokenMs)" });
    });
    const chunk = (delta: object, finish: string | null) =>
      `data: ${JSON.stringify({ id: "1", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
    const slow: Respond = (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write(chunk({ role: "assistant", content: "Hi" }, null));
      setTimeout(() => response.end(`${chunk({}, "stop")}data: [DONE]\n\n`), 250);
    };
    await withServer(slow, { options: { timeouts: { firstTokenMs: 200 } } }, async (provider) => {
      const { timing } = await fold(provider.stream(CALL));
      expect(timing?.firstTokenMs).toBeLessThanOrEqual(timing?.totalMs ?? 0);
    });
  });
});

test("a server that ignores stream answers whole, and the stream says that it was made from it", async () => {
  await withServer(json, {}, async (provider) => {
    const completion = await fold(provider.stream(CALL));
    expect(completion.message.parts).toEqual([{ type: "text", text: "Hi." }]);
    expect(completion.warnings).toContainEqual(expect.objectContaining({ type: "simulated" }));
    expect(completion.usage).toMatchObject({ inputTokens: 3, outputTokens: 1 });
  });
});

test("a provider closes the transport that it was given, and no other", async () => {
  let closed = 0;
  const transport = {
    send: () => Promise.reject(new DragomanError({ code: "connection_failed", detail: "no network here" })),
    close: async () => {
      closed += 1;
    },
  };
  const own = anthropic({ key: new Secret(KEY), transport });
  expect(await failureOf(own.complete({ ...CALL, model: "claude-sonnet-4-5" }))).toMatchObject({
    code: "connection_failed",
    provider: "anthropic",
    model: "claude-sonnet-4-5",
  });
  await own.close?.();
  expect(closed).toBe(1);
  expect(anthropic({ key: new Secret(KEY) }).close).toBeUndefined();
});

describe("what only counting and calling alike can get wrong", () => {
  const foreign = {
    ...assistantMessage([{ type: "reasoning", text: "hm", vendor: { "anthropic-messages": { signature: "of somebody else" } } }]),
    origin: { dialect: "anthropic-messages", provider: "another-account", model: "claude-sonnet-4-5" },
  };

  test("a history of another maker is handed off before its tokens are counted", async () => {
    const fake = await startFakeVendor("anthropic");
    try {
      const provider = anthropic({ baseUrl: fake.baseUrl, key: new Secret(KEY) });
      const messages = [userMessage("?"), foreign, userMessage("And?")];
      const count = await provider.countTokens({ model: "claude-sonnet-4-5", messages });
      expect(count).toMatchObject({ exact: true, method: "endpoint" });
      expect(JSON.stringify(fake.requests[0]?.body)).not.toContain("of somebody else");
      expect((await provider.complete({ model: "claude-sonnet-4-5", messages })).warnings).toContainEqual(
        expect.objectContaining({ type: "handoff" }),
      );
    } finally {
      await fake.close();
    }
  });
});

describe("prompt caching", () => {
  test("says what was expected and what was hit", async () => {
    const fake = await startFakeVendor("anthropic");
    try {
      const provider = anthropic({ baseUrl: fake.baseUrl, key: new Secret(KEY) });
      const call = {
        model: "claude-sonnet-4-5",
        messages: [systemMessage("You know everything. ".repeat(50)), userMessage("Why?")],
        cache: [{ stable: "system" }],
      } as const;
      const first = await provider.complete(call);
      const second = await provider.complete(call);
      const streamed = await fold(provider.stream(call));
      expect(first.cache?.expectedTokens).toBeGreaterThan(100);
      expect(first.cache?.hitTokens ?? 0).toBe(0);
      expect(second.cache).toMatchObject({
        expectedTokens: first.cache?.expectedTokens,
        hitTokens: second.usage.cacheReadTokens,
      });
      expect(first.cache?.savedUsd).toBeLessThan(0);
      expect(second.cache?.savedUsd).toBeGreaterThan(0);
      expect(second.cache?.hitTokens).toBeGreaterThan(0);
      expect(streamed.cache).toEqual(second.cache);
      expect((await provider.complete({ ...call, cache: [] })).cache).toBeUndefined();
    } finally {
      await fake.close();
    }
  });
});

describe("media by URL that the vendor does not fetch", () => {
  const image = (url: string) => ({ type: "image", source: { type: "url", url } }) as const;
  const PIXEL = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
    "base64",
  );

  test("is refused for an address that is not public, before the vendor hears of it", async () => {
    const fake = await startFakeVendor("ollama");
    try {
      const provider = ollama({ baseUrl: fake.url });
      for (const url of [
        "http://127.0.0.1/x.png",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/x",
        "file:///etc/passwd",
      ]) {
        const call = { model: "qwen3:4b", messages: [userMessage([image(url), { type: "text", text: "?" }])] };
        expect(await failureOf(provider.complete(call))).toMatchObject({ code: "invalid_request", provider: "ollama" });
        expect(await failureOf(fold(provider.stream(call)))).toMatchObject({ code: "invalid_request" });
      }
      expect(fake.requests.filter((request) => request.path === "/api/chat")).toEqual([]);
    } finally {
      await fake.close();
    }
  });

  test("is fetched under the owner's guard and sent by value", async () => {
    const fake = await startFakeVendor("ollama");
    await using media = await startServer((_request, response) =>
      response.writeHead(200, { "content-type": "image/png" }).end(PIXEL),
    );
    try {
      const guard = createUrlGuard({ allowHosts: [`127.0.0.1:${media.port}`], ports: "any" });
      const provider = ollama({ baseUrl: fake.url, inlineMedia: createInlineMedia(guard) });
      const messages = [userMessage([image(`${media.url}/pixel.png`), { type: "text", text: "What is it?" }])];
      const { message } = await provider.complete({ model: "qwen3:4b", messages });
      expect(JSON.stringify(message.parts)).toContain(`${PIXEL.length} bytes`);
      expect(JSON.stringify(fake.requests.at(-1)?.body)).toContain(PIXEL.toString("base64"));
    } finally {
      await fake.close();
    }
  });

  test("that the vendor fetches itself goes over as it is", async () => {
    const provider = defineProvider({
      id: "x",
      name: "X",
      baseUrl: "http://127.0.0.1:9",
      dialect: createAnthropicMessagesDialect(),
      auth: { type: "none" },
      options: {
        transport: {
          send: ({ body }) => Promise.reject(new DragomanError({ code: "connection_failed", detail: String(body) })),
          close: async () => undefined,
        },
      },
    });
    const messages = [userMessage([image("https://example.com/x.png")])];
    expect((await failureOf(provider.complete({ model: "m", messages, maxOutputTokens: 9 }))).detail).toContain(
      "https://example.com/x.png",
    );
  });
});
