/** Files and batches of the fakes, asked by the vendors' own SDKs: so that no mistake of ours is in both. */
import Anthropic, { toFile as anthropicFile } from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import OpenAI, { toFile } from "openai";
import { afterEach, expect, test } from "vitest";
import { type FakeVendor, type FakeVendorName, startFakeVendor } from "../../src/testing/index.ts";
import { everything } from "../everything.ts";

const opened: FakeVendor[] = [];
afterEach(async () => {
  for (const fake of opened.splice(0)) await fake.close();
});

async function start(vendor: FakeVendorName): Promise<FakeVendor> {
  const fake = await startFakeVendor(vendor);
  opened.push(fake);
  return fake;
}

const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);

test("OpenAI's SDK uploads lines, submits them, and reads the results", async () => {
  const { baseUrl } = await start("openai");
  const client = new OpenAI({ baseURL: baseUrl, apiKey: "any", maxRetries: 0 });
  const body = { model: "gpt-4.1-mini", messages: [{ role: "user", content: "Hello" }] };
  const line = { custom_id: "one", method: "POST", url: "/v1/chat/completions", body };
  const file = await client.files.create({ file: await toFile(Buffer.from(JSON.stringify(line)), "in.jsonl"), purpose: "batch" });
  const made = await client.batches.create({
    input_file_id: file.id,
    endpoint: "/v1/chat/completions",
    completion_window: "24h",
  });
  expect(made.status).toBe("validating");
  await client.batches.retrieve(made.id);
  const { status, output_file_id: output, error_file_id: errors } = await client.batches.retrieve(made.id);
  expect([status, errors]).toEqual(["completed", null]);
  const result = JSON.parse(await (await client.files.content(output ?? "")).text());
  expect(result).toMatchObject({ custom_id: "one", error: null, response: { status_code: 200 } });
  expect(result.response.body.choices[0].message.content).toContain("Hello");
  expect(await everything(client.files.list())).toHaveLength(2);
  expect((await everything(client.batches.list())).map(({ id }) => id)).toEqual([made.id]);
  await expect(client.batches.cancel(made.id)).rejects.toMatchObject({ status: 409 });
  expect(await client.files.delete(file.id)).toMatchObject({ deleted: true });
});

test("Anthropic's SDK keeps a file and submits a batch that names it", async () => {
  const { url } = await start("anthropic");
  const client = new Anthropic({ baseURL: url, apiKey: "any", maxRetries: 0 });
  const betas = ["files-api-2025-04-14"];
  const file = await client.beta.files.upload({ file: await anthropicFile(PIXEL, "dot.png", { type: "image/png" }), betas });
  expect(file).toMatchObject({ filename: "dot.png", mime_type: "image/png", size_bytes: PIXEL.length });
  const source = { type: "file", file_id: file.id } as const;
  const params = {
    model: "claude-sonnet-4-5",
    max_tokens: 100,
    messages: [{ role: "user" as const, content: [{ type: "image" as const, source }] }],
  };
  const made = await client.beta.messages.batches.create({ requests: [{ custom_id: "one", params }], betas });
  await client.messages.batches.retrieve(made.id);
  expect((await client.messages.batches.retrieve(made.id)).processing_status).toBe("ended");
  const results = await everything(await client.messages.batches.results(made.id));
  expect(JSON.stringify(results)).toContain(`image/png of ${PIXEL.length} bytes`);
  await client.beta.files.delete(file.id, { betas });
  await expect(client.beta.files.retrieveMetadata(file.id, { betas })).rejects.toMatchObject({ status: 404 });
});

test("Google's SDK submits inline requests and reads the responses in their order", async () => {
  const { url } = await start("gemini");
  const client = new GoogleGenAI({ apiKey: "any", httpOptions: { baseUrl: url } });
  const asked = ["one", "two"].map((text) => ({ contents: [{ role: "user", parts: [{ text }] }], metadata: { key: text } }));
  const made = await client.batches.create({ model: "gemini-2.5-flash", src: asked, config: { displayName: "test" } });
  const name = made.name ?? "";
  expect(made.state).toBe("JOB_STATE_PENDING");
  await client.batches.get({ name });
  const { state, dest } = await client.batches.get({ name });
  expect(state).toBe("JOB_STATE_SUCCEEDED");
  const texts = dest?.inlinedResponses?.map(({ response }) => response?.candidates?.[0]?.content?.parts?.[0]?.text);
  expect(texts).toEqual([expect.stringContaining("one"), expect.stringContaining("two")]);
});

test("Gemini's upload is refused where its length is not what was announced", async () => {
  const { url } = await start("gemini");
  const headers = {
    "x-goog-api-key": "any",
    "x-goog-upload-protocol": "resumable",
    "x-goog-upload-command": "start",
    "x-goog-upload-header-content-length": "5",
    "x-goog-upload-header-content-type": "text/plain",
  };
  const started = await fetch(`${url}/upload/v1beta/files`, { method: "POST", headers, body: '{"file":{"displayName":"a"}}' });
  const session = new URL(started.headers.get("x-goog-upload-url") ?? "");
  const finalize = { "x-goog-api-key": "any", "x-goog-upload-command": "upload, finalize", "x-goog-upload-offset": "0" };
  const address = `${url}${session.pathname}${session.search}`;
  const short = await fetch(address, { method: "POST", headers: finalize, body: "1234" });
  expect([short.status, await short.text()]).toEqual([400, expect.stringContaining("another length")]);
  expect((await fetch(address, { method: "POST", headers: finalize, body: "12345" })).status).toBe(200);
});
