/** Smaller answers: counts of tokens and listings of models, each held against the raw body. */
import { UNKNOWN_CAPABILITIES } from "../../capabilities.ts";
import type { ClientRequest, Dialect } from "../../dialect.ts";
import { compareRequests } from "./compare-request.ts";
import { either, isRawObject, listIn, numberIn, objectIn, type RawObject, shortened, wordIn } from "./raw-json.ts";
import { addressOf, type RecordedExchange, type Recording } from "./recording.ts";
import type { Findings } from "./report.ts";
import type { Wire } from "./wires.ts";

/** Counts of tokens: the answer's number, the request both ways. False when the dialect has no such codec. */
export function checkCountTokens(
  body: unknown,
  recording: Recording,
  exchange: RecordedExchange,
  wire: Wire,
  dialect: Dialect,
  findings: Findings,
): boolean {
  const codec = dialect.countTokens;
  if (codec === undefined) return false;
  const expected = numberIn(either(objectIn(body), "input_tokens", "inputTokens", "totalTokens", "total_tokens"));
  attempt("count-tokens", findings, () => {
    const tokens = codec.parseResponse(body);
    if (tokens !== expected) findings.add("count-tokens answer", String(expected), String(tokens));
    const again = codec.parseResponse(JSON.parse(JSON.stringify(codec.renderResponse(tokens))));
    if (again !== tokens) findings.add("count-tokens law 2", String(tokens), String(again));
  });
  const recorded = exchange.request.body;
  if (!recording.requestRecorded || !isRawObject(recorded)) return true;
  attempt("count-tokens request", findings, () => {
    const input = clientRequest(exchange, recorded);
    const parsed = codec.parseRequest(input);
    const rendered = codec.renderRequest(parsed.request, { stream: false, capabilities: UNKNOWN_CAPABILITIES });
    compareRequests(
      wire.readRequest(inner(recorded), new URL(input.path, "http://recorded.invalid")),
      wire.readRequest(
        inner(objectIn(JSON.parse(JSON.stringify(rendered.body ?? {})))),
        new URL(`.${rendered.path}`, "http://rendered.invalid/"),
      ),
      new Set([...wire.allowedAdditions, "model"]),
      [...parsed.warnings, ...rendered.warnings],
      findings,
    );
  });
  return true;
}

/** Gemini wraps the request whose tokens are counted, or does not. */
function inner(body: RawObject): RawObject {
  const { model: _model, ...request } = objectIn(body.generateContentRequest);
  return Object.keys(request).length > 0 ? request : body;
}

function clientRequest(exchange: RecordedExchange, body: RawObject): ClientRequest {
  const address = addressOf(exchange.request);
  const { headers } = exchange.request;
  return { path: address.pathname, query: Object.fromEntries(address.searchParams), headers, body };
}

/** Listings: every row that has an id, in order. False when the dialect has no such codec. */
export function checkListing(body: unknown, dialect: Dialect, findings: Findings): boolean {
  const codec = dialect.models;
  if (codec === undefined) return false;
  attempt("listing", findings, () => {
    const ids = codec.parseResponse(body).map((row) => row.id);
    const expected = listedIds(body);
    if (ids.join("\n") !== expected.join("\n")) findings.add("listing ids", shortened(expected, 300), shortened(ids, 300));
  });
  return true;
}

/** `data` of OpenAI and Anthropic, `models` of Google and Ollama, or a bare list, also of names alone. */
function listedIds(body: unknown): readonly string[] {
  const rows = listIn(Array.isArray(body) ? body : either(objectIn(body), "data", "models"));
  const ids = rows.map(
    (row) => wordIn(row) ?? wordIn(objectIn(row).id) ?? wordIn(objectIn(row).model) ?? wordIn(objectIn(row).name),
  );
  return ids.filter((id) => id !== undefined).map((id) => id.replace(/^models\//, ""));
}

function attempt(what: string, findings: Findings, step: () => void): void {
  try {
    step();
  } catch (thrown) {
    findings.add(what, "no error", shortened(String(thrown), 300));
  }
}
