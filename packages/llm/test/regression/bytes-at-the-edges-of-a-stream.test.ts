/**
 * What stands at the very beginning or end of the bytes: the last event was lost without the blank line after it, a byte order
 * mark hid a whole answer, and a web page in the place of a stream was told as a stream cut short.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { anthropic, fold, ollama, openaiCompatible, type Provider, Secret, textOf, userMessage } from "../../src/index.ts";

const CHUNKS = [
  { id: "c", model: "m", choices: [{ index: 0, delta: { content: "Hi" }, finish_reason: null }] },
  { id: "c", model: "m", choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
];
const BLOCKS = [
  { type: "message_start", message: { id: "m", model: "m", usage: { input_tokens: 1, output_tokens: 1 } } },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hi" } },
  { type: "content_block_stop", index: 0 },
  { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 2 } },
  { type: "message_stop" },
];
const LINES = [
  { model: "m", message: { role: "assistant", content: "Hi" }, done: false },
  { model: "m", message: { role: "assistant", content: "" }, done: true, done_reason: "stop" },
];
const WHOLE = {
  id: "c",
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "Hi" }, finish_reason: "stop" }],
};

const events = (values: readonly object[]) => values.map((value) => `data: ${JSON.stringify(value)}`).join("\n\n");
const key = new Secret("any-key");
const chat = (baseUrl: string) => openaiCompatible({ id: "chat", name: "Chat", baseUrl, key: "env:NONE", options: { key } });

async function answered(create: (baseUrl: string) => Provider, body: string): Promise<string> {
  // Ollama's provider asks what the model is before it asks the model.
  const server = createServer((request, response) => response.end(request.url?.endsWith("/api/show") ? "{}" : body));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const provider = create(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return textOf((await fold(provider.stream({ model: "m", messages: [userMessage("Hello")] }))).message);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test.each([
  ["OpenAI chat", chat, events(CHUNKS)],
  ["Anthropic", (baseUrl: string) => anthropic({ baseUrl, key }), events(BLOCKS)],
  ["Ollama", (baseUrl: string) => ollama({ baseUrl }), LINES.map((line) => JSON.stringify(line)).join("\n")],
])("%s: the last event counts without a line end after it", async (_name, create, body) => {
  expect(await answered(create, body)).toBe("Hi");
});

test("a whole answer in the place of a stream is found behind a byte order mark", async () => {
  expect(await answered(chat, `\uFEFF${JSON.stringify(WHOLE)}`)).toBe("Hi");
});

test("a web page in the place of a stream is no stream, and its beginning is told", async () => {
  await expect(answered(chat, "<!doctype html><title>Welcome</title>")).rejects.toMatchObject({
    code: "invalid_response",
    detail: expect.stringContaining("<title>Welcome"),
  });
});
