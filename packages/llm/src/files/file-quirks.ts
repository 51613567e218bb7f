/** What single vendors do otherwise with files of OpenAI's form. */
import type { OpenAIFilesQuirks } from "./openai-files.ts";

/** Source: Azure OpenAI's authoring reference. The classic surface answers to no call without its version. */
export function azureFilesQuirks(apiVersion: string | undefined): OpenAIFilesQuirks {
  const purposeOf: OpenAIFilesQuirks["purposeOf"] = (purpose) => (purpose === "media" ? "assistants" : purpose);
  return apiVersion === undefined
    ? { purposeOf }
    : { purposeOf, query: `api-version=${encodeURIComponent(apiVersion)}`, paging: "none" };
}

/** Only lines of a batch or a training, at a path of their own. Source: Together's API reference, "Upload a file". */
export const TOGETHER_FILES: OpenAIFilesQuirks = {
  uploadPath: "/files/upload",
  purposeOf: (purpose) => ({ media: undefined, batch: "batch-api", "fine-tune": "fine-tune" })[purpose],
  uploadFields: ({ name }) => ({ file_name: name, file_type: fileTypeOf(name) }),
  paging: "none",
};

function fileTypeOf(name: string): string {
  return /\.(csv|parquet)$/i.exec(name)?.[1]?.toLowerCase() ?? "jsonl";
}

/** Files serve batches alone, up to 100 MB. Source: the documentation of groq-typescript's files. */
export const GROQ_FILES: OpenAIFilesQuirks = {
  purposeOf: (purpose) => (purpose === "batch" ? "batch" : undefined),
  paging: "none",
  bytesMax: 100 * 1024 * 1024,
};

/** Documents go by id only when they were uploaded for `ocr`. Source: the types of @mistralai/mistralai, FilePurpose. */
export const MISTRAL_FILES: OpenAIFilesQuirks = {
  purposeOf: (purpose) => (purpose === "media" ? "ocr" : purpose),
  paging: "page",
};

/** Images and videos are named `ms://ID` in a message; up to 100 MB. Source: Moonshot's API reference, "Upload a file". */
export const MOONSHOT_FILES: OpenAIFilesQuirks = {
  purposeOf(purpose, mediaType) {
    if (purpose === "batch") return "batch";
    if (purpose === "fine-tune") return undefined;
    const kind = mediaType.split("/", 1)[0];
    return kind === "image" || kind === "video" ? kind : "file-extract";
  },
  referencePrefix: "ms://",
  paging: "none",
  bytesMax: 100 * 1024 * 1024,
};
