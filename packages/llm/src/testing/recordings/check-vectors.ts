/** Vectors and ranks: an answer held against an independent reading of the raw body, and the request there and back. */
import type { ParseContext } from "../../dialect.ts";
import type { EmbeddingAnswer, EmbeddingCodec, EmbeddingRequest, ParsedEmbeddingRequest } from "../../embedding.ts";
import type { RerankCodec } from "../../rerank.ts";
import { isRawObject, listIn, numberIn, objectIn, type RawObject, shortened, stringIn } from "./raw-json.ts";
import { addressOf, type RecordedExchange, type Recording } from "./recording.ts";
import type { Findings } from "./report.ts";

interface Checked {
  readonly body: unknown;
  readonly recording: Recording;
  readonly exchange: RecordedExchange;
  readonly context: ParseContext;
  readonly findings: Findings;
}

export function checkEmbedding(codec: EmbeddingCodec, { body, recording, exchange, context, findings }: Checked): void {
  attempt("vectors", findings, () => {
    const answer = codec.parseResponse(body, { ...context, headers: exchange.response.headers });
    compareVectors(answer.embeddings, rawVectors(body), findings);
    const tokens = rawTokens(body) ?? numberOf(exchange.response.headers["x-amzn-bedrock-input-token-count"]);
    same("vectors usage.inputTokens", tokens, answer.usage.inputTokens, findings);
    const parsed = recording.requestRecorded ? checkEmbeddingRequest(codec, exchange, recording, findings) : undefined;
    if (parsed !== undefined) checkAgain(codec, answer, parsed, context, findings);
  });
}

export function checkRerank(codec: RerankCodec, { body, recording, exchange, context, findings }: Checked): void {
  attempt("ranks", findings, () => {
    const answer = codec.parseResponse(body, context);
    const rows = listIn(objectIn(body).results ?? objectIn(body).data).map(objectIn);
    const expected = rows.map((row) => `${row.index} ${row.relevance_score}`).join(", ");
    same("ranks results", expected, answer.results.map(({ index, score }) => `${index} ${score}`).join(", "), findings);
    same("ranks usage.inputTokens", rawTokens(body), answer.usage.inputTokens, findings);
    const billed = objectIn(objectIn(objectIn(body).meta).billed_units);
    same("ranks searchUnits", numberIn(billed.search_units), answer.searchUnits, findings);
    const asked = objectIn(exchange.request.body);
    if (!recording.requestRecorded || !listIn(asked.documents).every((document) => typeof document === "string")) return;
    const resultsMax = numberIn(asked.top_n ?? asked.top_k);
    const { body: rendered } = codec.renderRequest({
      model: recording.model,
      query: String(asked.query),
      documents: listIn(asked.documents).map(String),
      ...(resultsMax === undefined || resultsMax === 0 ? {} : { resultsMax }),
    });
    const places = listIn(asked.documents).length;
    const limit = resultsMax === undefined || resultsMax === 0 ? undefined : Math.min(resultsMax, places);
    same("ranks request limit", limit, numberIn(rendered?.top_n ?? rendered?.top_k), findings);
    same(
      "ranks request",
      JSON.stringify([asked.query, asked.documents]),
      JSON.stringify([rendered?.query, rendered?.documents]),
      findings,
    );
  });
}

/** What the client asked goes to the vendor again. Undefined where no client speaks the wire. */
function checkEmbeddingRequest(
  codec: EmbeddingCodec,
  exchange: RecordedExchange,
  recording: Recording,
  findings: Findings,
): ParsedEmbeddingRequest | undefined {
  const { body: recorded, headers } = exchange.request;
  if (codec.parseRequest === undefined || !isRawObject(recorded)) return undefined;
  const address = addressOf(exchange.request);
  const body = recorded.model === undefined ? { ...recorded, model: recording.model } : recorded;
  const parsed = codec.parseRequest({ path: address.pathname, query: {}, headers, body });
  const rendered = codec.renderRequest(parsed.request);
  const expected = facts(recorded);
  const got = facts(objectIn(JSON.parse(JSON.stringify(rendered.body ?? {}))));
  const warned = [...parsed.warnings, ...rendered.warnings].map(({ path }) => path);
  for (const [name, value] of expected) {
    if (got.get(name) === value || warned.includes(name)) continue;
    if (name === "encoding_format" || (name === "taskType" && isInstructed(parsed.request))) continue;
    findings.add(`vectors request ${name}`, shortened(value, 200), shortened(got.get(name), 200));
  }
  for (const name of got.keys())
    if (!expected.has(name)) findings.add(`vectors request ${name}`, "nothing", shortened(got.get(name), 200));
  return parsed;
}

/** Gemini Embedding 2 is told in the text. */
function isInstructed({ model }: EmbeddingRequest): boolean {
  return model.includes("gemini-embedding-2");
}

/** The answer as a client gets it says the same. */
function checkAgain(
  codec: EmbeddingCodec,
  answer: EmbeddingAnswer,
  parsed: ParsedEmbeddingRequest,
  context: ParseContext,
  findings: Findings,
): void {
  const rendered: unknown = JSON.parse(JSON.stringify(codec.renderResponse?.(answer, parsed)));
  const again = codec.parseResponse(rendered, context);
  if (context.provider !== "perplexity") compareVectors(again.embeddings, answer.embeddings, findings);
}

/** Settings as they stand on any of the wires; a text alone is a list of one, and what is null is not there. */
function facts(body: RawObject): ReadonlyMap<string, string> {
  const requests = listIn(body.requests).map(objectIn);
  const [first] = requests;
  const settings = first === undefined ? body : { ...first, texts: requests.map((request) => textOf(request.content)) };
  const told = new Map<string, string>();
  for (const [name, value] of Object.entries(settings)) {
    if (value === undefined || value === null || name === "model") continue;
    if (name === "content") {
      if (first === undefined) told.set("texts", JSON.stringify([textOf(value)]));
    } else if (name === "input" || name === "texts") told.set("texts", JSON.stringify(Array.isArray(value) ? value : [value]));
    else told.set(name, JSON.stringify(value));
  }
  return told;
}

/** Without the instruction that the codec puts before it. */
function textOf(content: unknown): string {
  const words = listIn(objectIn(content).parts).map((part) => stringIn(objectIn(part).text) ?? "");
  return words.join("").replace(/^task: search result \| query: /, "");
}

/** Rows of whichever wire: `data`, `embeddings`, one `embedding`, or the bare list. */
function rawVectors(body: unknown): readonly unknown[] {
  const { data, embeddings, embedding, predictions } = objectIn(body);
  if (Array.isArray(body)) return typeof body[0] === "number" ? [body] : body;
  if (Array.isArray(data)) return data.map((row) => objectIn(row).embedding);
  if (Array.isArray(embeddings))
    return embeddings.map((row: unknown) => (Array.isArray(row) ? row : (objectIn(row).values ?? objectIn(row).embedding)));
  if (Array.isArray(embedding)) return [embedding];
  if (isRawObject(embedding)) return [embedding.values];
  if (Array.isArray(predictions)) return predictions.map((row) => objectIn(objectIn(row).embeddings).values);
  return listIn(Object.values(objectIn(embeddings))[0]);
}

function rawTokens(body: unknown): number | undefined {
  const { usage, usageMetadata, meta, prompt_eval_count: evaluated, inputTextTokenCount: titan } = objectIn(body);
  const { prompt_tokens: read, total_tokens: total } = objectIn(usage);
  const billed = objectIn(objectIn(meta).billed_units);
  const ofCohere = numberIn(billed.input_tokens ?? billed.image_tokens);
  return numberIn(read ?? total ?? objectIn(usageMetadata).promptTokenCount ?? evaluated ?? titan) ?? ofCohere;
}

function compareVectors(got: readonly (readonly number[])[], raw: readonly unknown[], findings: Findings): void {
  same("vectors count", raw.length, got.length, findings);
  for (const [index, row] of raw.entries()) {
    const vector = got[index] ?? [];
    if (Array.isArray(row)) {
      const differs = row.findIndex((value: unknown, place) => value !== vector[place]);
      if (row.length !== vector.length || (differs >= 0 && !isNear(row[differs], vector[differs]))) {
        findings.add(`vectors [${index}]`, shortened(row, 80), shortened(vector, 80));
      }
      continue;
    }
    const bytes = Buffer.from(String(row), "base64");
    // Four bytes a number; a vendor of small integers has one.
    const isFloat = bytes.length === vector.length * 4;
    const first = isFloat ? bytes.readFloatLE(0) : bytes.readInt8(0);
    const last = isFloat ? bytes.readFloatLE(bytes.length - 4) : bytes.readInt8(bytes.length - 1);
    same(`vectors [${index}] first and last`, `${first} ${last}`, `${vector[0]} ${vector.at(-1)}`, findings);
  }
}

/** As far as 32 bits tell numbers apart. */
function isNear(one: unknown, other: unknown): boolean {
  return typeof one === "number" && typeof other === "number" && Math.abs(one - other) <= Math.abs(one) * 1e-6 + 1e-12;
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function same(check: string, expected: unknown, got: unknown, findings: Findings): void {
  if (expected !== got) findings.add(check, shortened(expected, 200), shortened(got, 200));
}

function attempt(what: string, findings: Findings, step: () => void): void {
  try {
    step();
  } catch (thrown) {
    findings.add(what, "no error", shortened(String(thrown), 300));
  }
}
