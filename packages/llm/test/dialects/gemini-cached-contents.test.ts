import type { CreateCachedContentParameters, CachedContent as SdkCachedContent } from "@google/genai";
import { expect, test } from "vitest";
import { createCachedContentsCodec, createGeminiDialect } from "../../src/dialects/gemini/index.ts";
import { type CompletionRequest, systemMessage, toDragomanError, UNKNOWN_CAPABILITIES, userMessage } from "../../src/index.ts";

const codec = createCachedContentsCodec();
const dialect = createGeminiDialect();
const context = { stream: false, capabilities: UNKNOWN_CAPABILITIES };
const TOOL = { name: "get_time", description: "The time.", inputSchema: { type: "object", properties: {} } };
const request: CompletionRequest = {
  model: "gemini-2.5-flash",
  messages: [systemMessage("Be brief."), userMessage("One?"), { role: "assistant", parts: [{ type: "text", text: "Two." }] }],
  tools: [TOOL],
  toolChoice: "auto",
};

test("creates one of what is to be kept, without an answer's settings", () => {
  const init = { model: "models/gemini-2.5-flash", timeToLiveSeconds: 300 };
  const { method, path, body } = codec.renderCreate({ ...request, temperature: 0, maxOutputTokens: 10 }, context, init);
  expect([method, path]).toEqual(["POST", "/cachedContents"]);
  expect(Object.keys(body ?? {}).sort()).toEqual(["contents", "model", "systemInstruction", "toolConfig", "tools", "ttl"]);
  expect(body).toMatchObject({ ttl: "300s" } satisfies CreateCachedContentParameters["config"]);
  const systemOnly = codec.renderCreate({ model: "m", messages: [systemMessage("Be brief.")] }, context, init);
  expect(systemOnly.body).not.toHaveProperty("contents");
});

test("reads a client's request to create one as the same part", () => {
  const { body } = codec.renderCreate(request, context, { model: "models/gemini-2.5-flash", timeToLiveSeconds: 300 });
  const parsed = codec.parseCreate({ path: "/v1beta/cachedContents", query: {}, headers: {}, body });
  expect(parsed.warnings).toEqual([]);
  expect(parsed.request).toEqual(request);
});

test.each(["cachedContents/abc", "projects/p/locations/l/cachedContents/abc"])("finds %s again by its last name", (name) => {
  expect(codec.renderGet(name)).toMatchObject({ method: "GET", path: "/cachedContents/abc" });
  expect(codec.renderDelete(name)).toMatchObject({ method: "DELETE", path: "/cachedContents/abc" });
  expect(codec.renderExtend(name, 60)).toMatchObject({
    method: "PATCH",
    path: "/cachedContents/abc?updateMask=ttl",
    body: { ttl: "60s" },
  });
});

test("reads what Google says of one, and refuses what is none", () => {
  const answer: SdkCachedContent = {
    name: "cachedContents/abc",
    model: "models/gemini-2.5-flash",
    expireTime: "2026-01-01T00:05:00.123456Z",
    usageMetadata: { totalTokenCount: 1090 },
  };
  expect(codec.parseResponse(answer)).toEqual({
    name: "cachedContents/abc",
    model: "models/gemini-2.5-flash",
    tokens: 1090,
    expiresAt: Date.UTC(2026, 0, 1, 0, 5, 0, 123),
  });
  expect(codec.parseResponse({ name: "cachedContents/abc" })).toEqual({ name: "cachedContents/abc" });
  expect(() => codec.parseResponse({})).toThrow(expect.objectContaining({ code: "invalid_response" }));
  for (const body of [{}, { model: 7 }, null]) {
    expect(failure(() => codec.parseCreate({ path: "", query: {}, headers: {}, body })).code).toBe("invalid_request");
  }
});

test("a request whose directive names an object sends only what is behind it, and warns of nothing", () => {
  const messages = [...request.messages, userMessage("Three?")];
  const cache = [{ stable: { messages: 3 }, timeToLive: "5m", object: "cachedContents/abc" }] as const;
  const { body, warnings } = dialect.renderRequest({ ...request, messages, cache, temperature: 0 }, context);
  expect(body).toEqual({
    cachedContent: "cachedContents/abc",
    contents: [{ role: "user", parts: [{ text: "Three?" }] }],
    generationConfig: { temperature: 0 },
  });
  expect(warnings).toEqual([]);
});

test("a directive without an object is told to be left to Gemini", () => {
  const { warnings } = dialect.renderRequest({ ...request, cache: [{ stable: "system" }] }, context);
  expect(warnings).toMatchObject([{ type: "unsupported", path: "cache" }]);
});

function failure(run: () => unknown) {
  try {
    run();
  } catch (thrown) {
    return toDragomanError(thrown);
  }
  throw new Error("it did not fail");
}
