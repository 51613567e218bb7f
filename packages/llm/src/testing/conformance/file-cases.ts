import { textOf, userMessage } from "../../message.ts";
import type { Provider } from "../../provider.ts";
import type { UploadRequest, VendorFiles } from "../../vendor-file.ts";
import type { ConformanceCase, ProviderSubject } from "./conformance-case.ts";
import { allOf, errorOf, expectCode, expectTrue } from "./expect.ts";
import { withProvider } from "./with-provider.ts";

/** One transparent pixel, as PNG. */
const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);
/** Every byte, line ends and what looks like the border of a form among them. */
const PAPER = Buffer.concat([
  Buffer.from("%PDF-1.4\r\n--dragoman-\r\n"),
  Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
]);
const LINES = Buffer.from('{"custom_id":"one","body":{}}\n');

/** What files kept at a vendor promise: kept, found again, named in a message, deleted. */
export function fileCases(subject: ProviderSubject): readonly ConformanceCase[] {
  const { files: declared, faults } = subject;
  const without = declared === undefined ? { unavailable: "it keeps no files" } : {};
  const notAsked = declared?.ask === undefined ? { unavailable: "its messages name no files" } : {};
  const kind = declared?.kind ?? "lines";

  return [
    {
      name: "keeps a file, finds it again and deletes it",
      ...without,
      run: withProvider(subject, async ({ provider }) => {
        const files = filesOf(provider);
        const request = uploadOf(kind);
        const uploaded = await files.upload(request);
        expectTrue(uploaded.status === "ready", `the file is ${uploaded.status}`);
        expectTrue(uploaded.provider === provider.id, `the file's provider is ${uploaded.provider}`);
        const size = uploaded.sizeBytes ?? request.data.length;
        expectTrue(size === request.data.length, `the file has ${size} bytes, not ${request.data.length}`);
        expectTrue((await files.get(uploaded.id)).id === uploaded.id, "the file has another id when it is asked for");
        await files.delete(uploaded.id);
        // a vendor may not tell what is not there from what is somebody else's
        expectCode(await errorOf(files.get(uploaded.id)), "not_found", "permission_denied");
      }),
    },
    {
      name: "lists its files, also those beyond a page",
      ...without,
      run: withProvider(subject, async ({ provider }) => {
        const files = filesOf(provider);
        const ids: string[] = [];
        for (let count = 0; count < 4; count++) ids.push((await files.upload(uploadOf(kind))).id);
        const listed = new Set((await files.list()).map(({ id }) => id));
        expectTrue(
          ids.every((id) => listed.has(id)),
          `of ${ids.join()} it lists ${[...listed].join()}`,
        );
        for (const id of ids) await files.delete(id);
      }),
    },
    {
      name: "gives a file back as it was, or says that it does not",
      ...without,
      run: withProvider(subject, async ({ provider }) => {
        const files = filesOf(provider);
        const request = uploadOf(kind);
        const { id } = await files.upload(request);
        const content = allOf(files.content(id));
        if (declared?.givesBack === false) expectCode(await errorOf(content), "unsupported");
        else expectTrue(Buffer.concat(await content).equals(request.data), "the content is not what was uploaded");
        await files.delete(id);
      }),
    },
    {
      name: "answers about a file that a message names",
      ...without,
      ...notAsked,
      run: withProvider(subject, async ({ provider }) => {
        const request = uploadOf(kind);
        const { id } = await filesOf(provider).upload(request);
        const answer = await provider.complete({ model: declared?.ask ?? "", messages: [question(kind, provider.id, id)] });
        const text = textOf(answer.message);
        expectTrue(answer.warnings.length === 0, `it warns: ${answer.warnings.map(({ detail }) => detail).join("; ")}`);
        // the fake vendors say what they were shown
        if (faults !== undefined)
          expectTrue(text.includes(`${request.data.length} bytes`), `it answered ${JSON.stringify(text)}`);
        else expectTrue(text !== "", "the answer has no text");
      }),
    },
    {
      name: "refuses a wrong upload before it sends anything",
      ...without,
      run: withProvider(subject, async ({ provider, requestCount }) => {
        const files = filesOf(provider);
        const request = uploadOf(kind);
        expectCode(await errorOf(files.upload({ ...request, data: new Uint8Array() })), "invalid_request");
        expectCode(await errorOf(files.upload({ ...request, mediaType: "image/png\r\nx: y" })), "invalid_request");
        expectCode(await errorOf(files.upload({ ...request, name: "" })), "invalid_request");
        expectCode(await errorOf(files.upload({ ...request, signal: AbortSignal.abort() })), "aborted");
        if (requestCount !== undefined) expectTrue(requestCount() === 0, "a request went out");
      }),
    },
  ];
}

function filesOf(provider: Provider): VendorFiles {
  expectTrue(provider.files !== undefined, "the provider keeps no files, though its subject declares some");
  return provider.files;
}

type FileKind = NonNullable<ProviderSubject["files"]>["kind"];

const UPLOADS: Readonly<Record<FileKind, UploadRequest>> = {
  image: { name: 'a "quoted"; dot.png', mediaType: "image/png", data: PIXEL },
  document: { name: "Größe.pdf", mediaType: "application/pdf", data: PAPER },
  lines: { name: "lines.jsonl", mediaType: "application/jsonl", data: LINES, purpose: "batch" },
};

function uploadOf(kind: FileKind): UploadRequest {
  return UPLOADS[kind];
}

function question(kind: FileKind, provider: string, id: string) {
  const source = { type: "reference", provider, id } as const;
  const text = { type: "text", text: "What is it?" } as const;
  if (kind === "image") return userMessage([text, { type: "image", mediaType: "image/png", source }]);
  return userMessage([text, { type: "file", mediaType: "application/pdf", source }]);
}
