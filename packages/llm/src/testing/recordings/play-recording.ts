/**
 * Plays a recording against the dialects: each answer goes over a real connection, in awkward pieces, through the real
 * transport and decoders, and what comes out is held against an independent reading of the raw bytes.
 */
import type { ClientContext, Dialect, ParseContext } from "../../dialect.ts";
import type { Transport, TransportResponse } from "../../transport/transport.ts";
import { checkCachedContent } from "./check-cached-content.ts";
import { checkCompletion } from "./check-completion.ts";
import { checkHttpError } from "./check-error.ts";
import { checkCountTokens, checkListing } from "./check-listing.ts";
import { checkRequest, modelAsked } from "./check-request.ts";
import { checkStreamAnswer } from "./check-stream.ts";
import { checkEmbedding, checkRerank } from "./check-vectors.ts";
import type { Chunking } from "./chunking.ts";
import { type Operation, operationOf } from "./operation.ts";
import { parsedOrAbsent, shortened } from "./raw-json.ts";
import { unitsOf } from "./raw-stream.ts";
import { readBody } from "./read-stream.ts";
import type { RecordedExchange, Recording } from "./recording.ts";
import { type RecordingServer, startRecordingServer } from "./recording-server.ts";
import { type ExchangeReport, Findings, type RecordingReport } from "./report.ts";
import { vendorQuirks } from "./vendors.ts";

/** How a recording is played. */
export interface PlayRecordingOptions {
  /** Default: the undici transport, made and closed for this recording. */
  readonly transport?: Transport;
  /** How answers are cut into pieces. Ignored when `server` is given. Default: awkward sizes from a fixed seed. */
  readonly chunking?: Chunking;
  /** A server to play from, kept open. Default: one for this recording. */
  readonly server?: RecordingServer;
}

/** Plays every exchange. Resolves with the findings; rejects only when the server or the transport cannot be made. */
export async function playRecording(recording: Recording, options: PlayRecordingOptions = {}): Promise<RecordingReport> {
  const transport = options.transport ?? (await createTransport());
  const server =
    options.server ?? (await startRecordingServer([], options.chunking === undefined ? {} : { chunking: options.chunking }));
  server.add(recording);
  try {
    const exchanges: ExchangeReport[] = [];
    for (const [index, exchange] of recording.exchanges.entries()) {
      exchanges.push(await playExchange(recording, exchange, index, server, transport));
    }
    return { id: recording.id, wire: recording.wire, exchanges };
  } finally {
    server.remove(recording);
    if (options.server === undefined) await server.close();
    if (options.transport === undefined) await transport.close();
  }
}

/** A provider that has no quirks. */
const NO_VENDOR = "";

async function createTransport(): Promise<Transport> {
  const { createUndiciTransport } = await import("../../transport/undici-transport.ts");
  return createUndiciTransport();
}

async function playExchange(
  recording: Recording,
  exchange: RecordedExchange,
  index: number,
  server: RecordingServer,
  transport: Transport,
): Promise<ExchangeReport> {
  const operation = operationOf(recording, exchange);
  if (operation.type === "skip") return { exchange: index, status: "skipped", reason: operation.reason };
  const findings = new Findings();
  let skipped: string | undefined;
  try {
    const dialect = await operation.wire.loadDialect(recording.provider, recording.api);
    const clientDialect = await operation.wire.loadDialect(NO_VENDOR, recording.api);
    const answer = await transport.send({
      url: server.exchangeUrl(recording, index),
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    skipped = await check({ recording, exchange, operation, dialect, clientDialect, answer, findings });
  } catch (thrown) {
    const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    findings.add("replay broke off", "no error", shortened(stack, 400));
  }
  if (skipped !== undefined) return { exchange: index, status: "skipped", reason: skipped };
  if (findings.list.length === 0) return { exchange: index, status: "replayed" };
  return { exchange: index, status: "failed", failures: findings.list };
}

interface Play {
  readonly recording: Recording;
  readonly exchange: RecordedExchange;
  readonly operation: Exclude<Operation, { readonly type: "skip" }>;
  readonly dialect: Dialect;
  /** The dialect as clients speak it: without the vendor's quirks. */
  readonly clientDialect: Dialect;
  readonly answer: TransportResponse;
  readonly findings: Findings;
}

/** Checks one exchange; returns a reason when the dialect turns out to have no codec for it. */
async function check(play: Play): Promise<string | undefined> {
  const { recording, exchange, operation, dialect, answer, findings } = play;
  if (answer.status !== exchange.response.status) {
    findings.add("transport status", String(exchange.response.status), String(answer.status));
  }
  const context = contextOf(recording, exchange);
  switch (operation.type) {
    case "error":
      if (operation.wire.completionApis.has(recording.api)) checkRequest(recording, exchange, operation.wire, dialect, findings);
      await checkHttpError(answer, exchange, dialect, context, findings);
      return undefined;
    case "complete": {
      const client = checkRequest(recording, exchange, operation.wire, dialect, findings);
      await playCompletion(play, operation, context, client);
      return undefined;
    }
    case "stream": {
      const client = checkRequest(recording, exchange, operation.wire, dialect, findings);
      await playStream(play, operation, context, client);
      return undefined;
    }
    case "vectors": {
      await answer.text();
      const checked = { body: operation.body, recording, exchange, context, findings };
      const { operation: vectors } = operation;
      if (vectors.type === "embed") checkEmbedding(await vectors.loadCodec(), checked);
      else checkRerank(await vectors.loadCodec(), checked);
      return undefined;
    }
    case "count-tokens":
      await answer.text();
      return checkCountTokens(operation.body, recording, exchange, operation.wire, dialect, findings)
        ? undefined
        : "the dialect counts no tokens";
    case "cached-content":
      await answer.text();
      await checkCachedContent(operation.body, recording, exchange, operation.wire, findings);
      return undefined;
    case "engine-listing":
      await answer.text();
      await operation.check(operation.body, exchange.request.body, findings);
      return undefined;
    case "listing":
      await answer.text();
      return checkListing(operation.body, dialect, findings) ? undefined : "the dialect has no codec for listings";
  }
}

async function playCompletion(
  play: Play,
  operation: Extract<Operation, { readonly type: "complete" }>,
  context: ParseContext,
  client: ClientContext,
): Promise<void> {
  const body = parsedOrAbsent(await play.answer.text());
  const expected = operation.wire.answers.readAnswer(operation.body);
  checkCompletion(body, expected, play, context, client, play.findings);
}

async function playStream(
  play: Play,
  operation: Extract<Operation, { readonly type: "stream" }>,
  context: ParseContext,
  client: ClientContext,
): Promise<void> {
  const { answer, dialect, findings } = play;
  const { text, wire } = operation;
  const framing = operation.framing ?? wire.framing;
  const units = operation.framing === undefined ? [] : unitsOf(text, operation.framing);
  const events = await readBody(answer.body, dialect.parseStream(context), framing, answer.headers["content-type"]);
  const stream = { text, framing, units, facts: wire.answers.readStream(units) };
  checkStreamAnswer(events, stream, play, context, client, findings);
}

function contextOf(recording: Recording, exchange: RecordedExchange): ParseContext {
  const { backend } = vendorQuirks(recording.provider);
  return {
    provider: recording.provider,
    model: modelAsked(recording, exchange),
    ...(backend === undefined ? {} : { backend }),
  };
}
