/** Gemini's cached contents: the answer's figures, and the request that made, changed or deleted one, both ways. */
import { UNKNOWN_CAPABILITIES } from "../../capabilities.ts";
import type { CachedContentsCodec } from "../../dialects/gemini/cached-contents.ts";
import { compareRequests } from "./compare-request.ts";
import { isRawObject, objectIn, type RawObject, shortened, stringIn } from "./raw-json.ts";
import { addressOf, type RecordedExchange, type Recording } from "./recording.ts";
import type { Findings } from "./report.ts";
import type { Wire } from "./wires.ts";

export async function checkCachedContent(
  body: unknown,
  recording: Recording,
  exchange: RecordedExchange,
  wire: Wire,
  findings: Findings,
): Promise<void> {
  const { createCachedContentsCodec } = await import("../../dialects/gemini/cached-contents.ts");
  const codec = createCachedContentsCodec();
  try {
    checkAnswer(codec, objectIn(body), findings);
    if (recording.requestRecorded) checkRequest(codec, exchange, objectIn(body), wire, findings);
  } catch (thrown) {
    findings.add("cached content", "no error", shortened(String(thrown), 300));
  }
}

function checkAnswer(codec: CachedContentsCodec, body: RawObject, findings: Findings): void {
  const { name, model, tokens, expiresAt } = codec.parseResponse(body);
  const got = [name, model, tokens, expiresAt];
  const expected = [body.name, body.model, objectIn(body.usageMetadata).totalTokenCount, Date.parse(String(body.expireTime))];
  if (JSON.stringify(got) !== JSON.stringify(expected)) {
    findings.add("cached content answer", shortened(expected, 300), shortened(got, 300));
  }
}

function checkRequest(
  codec: CachedContentsCodec,
  exchange: RecordedExchange,
  answer: RawObject,
  wire: Wire,
  findings: Findings,
): void {
  const address = addressOf(exchange.request);
  const { method, body } = exchange.request;
  if (method !== "POST") {
    const rendered = RENDERINGS[method]?.(codec, String(answer.name)).path.split("?", 1)[0];
    if (rendered === undefined || !address.pathname.endsWith(rendered)) {
      findings.add("cached content path", address.pathname, String(rendered));
    }
    return;
  }
  if (!isRawObject(body)) return;
  // A name for people, and a time, are no part of what is kept.
  const { displayName: _name, ttl, expireTime: _time, ...recorded } = body;
  const query = Object.fromEntries(address.searchParams);
  const parsed = codec.parseCreate({ path: address.pathname, query, headers: exchange.request.headers, body });
  const init = { model: stringIn(body.model) ?? "", timeToLiveSeconds: Number.parseFloat(String(ttl)) };
  const rendered = codec.renderCreate(parsed.request, { stream: false, capabilities: UNKNOWN_CAPABILITIES }, init);
  const { ttl: renderedTtl, ...kept } = objectIn(JSON.parse(JSON.stringify(rendered.body ?? {})));
  if (ttl !== undefined && renderedTtl !== ttl) findings.add("cached content ttl", String(ttl), String(renderedTtl));
  compareRequests(
    wire.readRequest(recorded, address),
    wire.readRequest(kept, address),
    wire.allowedAdditions,
    [...parsed.warnings, ...rendered.warnings],
    findings,
  );
}

const RENDERINGS: Readonly<Record<string, (codec: CachedContentsCodec, name: string) => { readonly path: string }>> = {
  GET: (codec, name) => codec.renderGet(name),
  PATCH: (codec, name) => codec.renderExtend(name, 300),
  DELETE: (codec, name) => codec.renderDelete(name),
};
