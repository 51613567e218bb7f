/** Vectors, an order of documents, files at the vendor and batches. */
import { type BatchResult, cohere, type EmbeddingResult, gemini, openai, type RankedDocument, userMessage } from "@dragoman/llm";

export async function vectors(texts: readonly string[]): Promise<EmbeddingResult | undefined> {
  return openai().embed?.({ model: "text-embedding-3-small", inputs: texts, dimensions: 256, purpose: "document" });
}

export async function best(query: string, documents: readonly string[]): Promise<RankedDocument | undefined> {
  const ranked = await cohere().rerank?.({ model: "rerank-v4.0", query, documents, resultsMax: 1 });
  return ranked?.results[0];
}

export async function upload(data: Uint8Array): Promise<string> {
  const provider = gemini();
  const file = await provider.files?.upload({ name: "one.pdf", mediaType: "application/pdf", data });
  if (file === undefined || file.status === "failed") return "";
  const part = {
    type: "file",
    mediaType: "application/pdf",
    source: { type: "reference", provider: "gemini", id: file.id },
  } as const;
  const { message } = await provider.complete({ model: "gemini-flash", messages: [userMessage([part])] });
  return message.parts.map((one) => (one.type === "text" ? one.text : one.type)).join(" ");
}

export async function* overnight(questions: readonly string[]): AsyncGenerator<BatchResult> {
  const { batches } = openai();
  if (batches === undefined) return;
  const items = questions.map((text, index) => ({
    id: `q${index}`,
    request: { model: "gpt-nano", messages: [userMessage(text)] },
  }));
  const job = await batches.submit(items);
  if (job.counts?.failed === 0) yield* batches.results(job.id);
}
