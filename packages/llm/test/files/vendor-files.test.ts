/** What single vendors do with files, over their fake servers; what all do alike is in the conformance suite. */
import { expect, test } from "vitest";
import { anthropic, gemini, groq, mistral, moonshot, openai, type Provider, together, userMessage } from "../../src/index.ts";
import { startOver } from "../providers/over-fake.ts";

const video = { name: "clip.mp4", mediaType: "video/mp4", data: Buffer.from("frames") };
const withPolling = (options: Parameters<typeof gemini>[0]) => gemini({ ...options, polling: { firstMs: 1, mostMs: 1 } });

test("Gemini's upload waits until the file can be used", async () => {
  const { provider, fake } = await startOver("gemini", withPolling);
  const file = await provider.files?.upload(video);
  expect(file).toMatchObject({
    status: "ready",
    name: "clip.mp4",
    mediaType: "video/mp4",
    sizeBytes: 6,
    createdAt: 1_767_225_600,
  });
  expect(file?.expiresAt).toBe(1_767_398_400);
  expect(fake.requests.map(({ method, path }) => `${method} ${path.split("?")[0]}`)).toEqual([
    "POST /upload/v1beta/files",
    "POST /upload/v1beta/files",
    expect.stringMatching(/^GET \/v1beta\/files\//),
    expect.stringMatching(/^GET \/v1beta\/files\//),
  ]);
});

test("Gemini's file is found by its URI, its resource name and its bare name", async () => {
  const { provider } = await startOver("gemini", withPolling);
  const file = await provider.files?.upload({ ...video, mediaType: "text/plain" });
  const name = file?.id.split("/").at(-1) ?? "";
  for (const id of [file?.id ?? "", `files/${name}`, name]) expect((await provider.files?.get(id))?.id).toBe(file?.id);
  await expect(provider.files?.get("https://elsewhere.example/../models")).rejects.toMatchObject({ code: "invalid_request" });
});

test("a file that could not be prepared, or not in time, is an error", async () => {
  const { provider } = await startOver("gemini", withPolling);
  const broken = { ...video, data: Buffer.from("fault-failed") };
  await expect(provider.files?.upload(broken)).rejects.toMatchObject({ code: "vendor_error", retryable: false });
  const { provider: hasty } = await startOver("gemini", (options) =>
    gemini({ ...options, polling: { firstMs: 50, totalMs: 10 } }),
  );
  await expect(hasty.files?.upload(video)).rejects.toMatchObject({ code: "timeout" });
});

test("the key goes to the provider's own host, whatever host an upload is sent on to", async () => {
  const { provider, fake } = await startOver("gemini", withPolling);
  await provider.files?.upload({ ...video, mediaType: "text/plain" });
  // the fake names the service's address for the second request, and gets it itself
  expect(fake.requests[1]?.path).toMatch(/^\/upload\/v1beta\/files\?upload_id=/);
  expect(fake.requests[1]?.headers["x-goog-upload-command"]).toBe("upload, finalize");
});

test("Moonshot names images and videos ms://, and takes the id in both spellings", async () => {
  const { provider, fake } = await startOver("moonshot", moonshot);
  const file = await provider.files?.upload({ name: "dot.png", mediaType: "image/png", data: Buffer.from("dot") });
  expect(file?.id).toMatch(/^ms:\/\/file-/);
  const bare = file?.id.slice("ms://".length) ?? "";
  expect((await provider.files?.get(bare))?.id).toBe(file?.id);
  const form = String(fake.requests[0]?.body);
  expect(form).toMatch(/name="purpose"\r\n\r\nimage\r\n/);
  await provider.files?.upload({ name: "a.pdf", mediaType: "application/pdf", data: Buffer.from("pdf") });
  expect(String(fake.requests.at(-1)?.body)).toMatch(/name="purpose"\r\n\r\nfile-extract\r\n/);
});

test.each([
  ["groq", groq, "media"],
  ["together", together, "media"],
  ["moonshot", moonshot, "fine-tune"],
  ["anthropic", anthropic, "batch"],
] as const)("%s refuses a purpose that it has no files for, unasked", async (vendor, create, purpose) => {
  const { provider, fake } = await startOver(vendor, create as (options: object) => Provider);
  const request = { name: "a.jsonl", mediaType: "application/jsonl", data: Buffer.from("{}\n"), purpose };
  await expect(provider.files?.upload(request)).rejects.toMatchObject({ code: "unsupported", provider: vendor });
  expect(fake.requests).toEqual([]);
});

test("a file over the vendor's limit is refused unasked", async () => {
  const { provider, fake } = await startOver("groq", groq);
  const data = new Uint8Array(100 * 1024 * 1024 + 1);
  const request = { name: "a.jsonl", mediaType: "application/jsonl", data, purpose: "batch" } as const;
  await expect(provider.files?.upload(request)).rejects.toMatchObject({ code: "request_too_large" });
  expect(fake.requests).toEqual([]);
});

test("Anthropic's files are asked for behind the beta header, and a batch that names one has it too", async () => {
  const { provider, fake } = await startOver("anthropic", anthropic);
  const file = await provider.files?.upload({ name: "a.pdf", mediaType: "application/pdf", data: Buffer.from("paper") });
  const source = { type: "reference", provider: "anthropic", id: file?.id ?? "" } as const;
  const messages = [
    userMessage([
      { type: "file", mediaType: "application/pdf", source },
      { type: "text", text: "What is it?" },
    ]),
  ];
  const plain = [userMessage("Hello.")];
  const job = await provider.batches?.submit([
    { id: "plain", request: { model: "claude-sonnet-4-5", messages: plain } },
    { id: "paper", request: { model: "claude-sonnet-4-5", messages } },
  ]);
  expect(fake.requests.every(({ headers }) => headers["anthropic-beta"]?.includes("files-api-2025-04-14"))).toBe(true);
  const id = job?.id ?? "";
  while ((await provider.batches?.get(id))?.status === "running");
  const texts: string[] = [];
  for await (const result of provider.batches?.results(id) ?? []) texts.push(JSON.stringify(result));
  expect(texts[1]).toContain("application/pdf of 5 bytes");
});

test("a reference to a file that is gone is the vendor's refusal, not an answer without it", async () => {
  const source = { type: "reference", provider: "openai", id: "file-gone" } as const;
  const messages = [userMessage([{ type: "file", mediaType: "application/pdf", source }])];
  const { provider } = await startOver("openai", openai);
  await expect(provider.complete({ model: "gpt-4.1-mini", messages })).rejects.toMatchObject({ detail: /file-gone/ });
});

test("Mistral's listing goes on page by page", async () => {
  const { provider, fake } = await startOver("mistral", mistral);
  for (let count = 0; count < 4; count++) {
    await provider.files?.upload({ name: "a.pdf", mediaType: "application/pdf", data: Buffer.from("pdf") });
  }
  expect(await provider.files?.list()).toHaveLength(4);
  const pages = fake.requests.filter(({ method }) => method === "GET").map(({ path }) => path);
  expect(pages).toEqual(["/v1/files?page=0&page_size=100", "/v1/files?page=1&page_size=100"]);
});
