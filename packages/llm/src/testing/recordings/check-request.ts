/** A recorded request becomes canonical values and is rendered again; what went missing on the way must have been said. */
import { UNKNOWN_CAPABILITIES } from "../../capabilities.ts";
import type { ClientContext, ClientRequest, Dialect, ParsedRequest, RenderedRequest } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { compareRequests } from "./compare-request.ts";
import { isRawObject, objectIn, type RawObject, shortened } from "./raw-json.ts";
import { addressOf, type RecordedExchange, type Recording } from "./recording.ts";
import type { Findings } from "./report.ts";
import type { Wire } from "./wires.ts";

/** Checks the request and returns what an answer to this client depends on; a plain context where nothing was recorded. */
export function checkRequest(
  recording: Recording,
  exchange: RecordedExchange,
  wire: Wire,
  dialect: Dialect,
  findings: Findings,
): ClientContext {
  const plain: ClientContext = { model: modelAsked(recording, exchange), echo: {} };
  const { body } = exchange.request;
  if (!recording.requestRecorded || !isRawObject(body)) return wire.clientContext?.(dialect, plain) ?? plain;
  const accepted = exchange.response.status >= 200 && exchange.response.status < 300;
  const input = clientRequest(recording, exchange, body);
  const parsed = parse(dialect, input, accepted, findings);
  if (parsed === undefined) return plain;
  try {
    const rendered = dialect.renderRequest(parsed.request, { stream: parsed.stream, capabilities: UNKNOWN_CAPABILITIES });
    compare(input, parsed, rendered, wire, findings);
  } catch (thrown) {
    refused("request renderRequest", thrown, accepted, findings);
  }
  return wire.clientContext?.(dialect, parsed.client) ?? parsed.client;
}

function parse(dialect: Dialect, input: ClientRequest, accepted: boolean, findings: Findings): ParsedRequest | undefined {
  try {
    return dialect.parseRequest(input);
  } catch (thrown) {
    refused("request parseRequest", thrown, accepted, findings);
    return undefined;
  }
}

/** A refusal is right only where the vendor refused too, and only as a typed error. */
function refused(check: string, thrown: unknown, accepted: boolean, findings: Findings): void {
  if (!accepted && DragomanError.is(thrown) && thrown.code !== "internal") return;
  const message = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  findings.add(check, "no error", shortened(message, 300));
}

function compare(input: ClientRequest, parsed: ParsedRequest, rendered: RenderedRequest, wire: Wire, findings: Findings): void {
  const recordedAddress = new URL(input.path, "http://recorded.invalid");
  const renderedAddress = new URL(`.${rendered.path}`, "http://rendered.invalid/");
  const warnings = [...parsed.warnings, ...rendered.warnings];
  compareRequests(
    wire.readRequest(objectIn(input.body), recordedAddress),
    // Through text and back, as it would go over the wire.
    wire.readRequest(objectIn(JSON.parse(JSON.stringify(rendered.body ?? {}))), renderedAddress),
    wire.allowedAdditions,
    warnings,
    findings,
  );
}

/**
 * Deployments (Azure, Vertex) name the model in the address only; their providers put it into the body for the dialect,
 * and so does the player.
 */
function clientRequest(recording: Recording, exchange: RecordedExchange, body: RawObject): ClientRequest {
  const address = addressOf(exchange.request);
  const named = body.model !== undefined || MODEL_IN_PATH.has(recording.wire);
  return {
    path: address.pathname,
    query: Object.fromEntries(address.searchParams),
    headers: exchange.request.headers,
    body: named ? body : { ...body, model: modelAsked(recording, exchange) },
  };
}

/** Wires whose path names the model for the dialect itself. */
const MODEL_IN_PATH: ReadonlySet<string> = new Set(["gemini", "bedrock-converse"]);

/** The model as it was asked for: in the body, else in the address, else as the recording has it. */
export function modelAsked(recording: Recording, exchange: RecordedExchange): string {
  const inBody = objectIn(exchange.request.body).model;
  if (typeof inBody === "string" && inBody !== "") return inBody;
  const { pathname } = addressOf(exchange.request);
  const inAddress =
    /\/(?:models|deployments)\/([^/:?]+)/.exec(pathname)?.[1] ??
    /\/model\/(.+)\/(?:converse|converse-stream|count-tokens)$/.exec(pathname)?.[1];
  return inAddress === undefined ? recording.model || "unknown" : decodeURIComponent(inAddress);
}
