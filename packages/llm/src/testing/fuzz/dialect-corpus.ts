import { UNKNOWN_CAPABILITIES } from "../../capabilities.ts";
import type { Completion } from "../../completion.ts";
import { type ClientContext, type Dialect, type ErrorResponse, wireBytes } from "../../dialect.ts";
import { DragomanError, ERROR_TABLE, type ErrorCode } from "../../errors.ts";
import type { CompletionRequest } from "../../request.ts";
import { streamFromCompletion } from "../../stream-from-completion.ts";
import { asClientRequest, clientOf } from "../conformance/round-trip-cases.ts";
import { SAMPLE_COMPLETIONS, SAMPLE_REQUESTS } from "../conformance/samples.ts";
import type { FuzzCorpus, RequestSeed } from "./fuzz-case.ts";

/** The samples of the conformance suite, written by the dialect itself in both of its directions. */
export function dialectCorpus(dialect: Dialect): FuzzCorpus {
  const completions = Object.values(SAMPLE_COMPLETIONS);
  const streaming = clientOf(dialect, true);
  const waiting = clientOf(dialect, false);
  return {
    streams: completions.map((sample) => renderedStream(dialect, sample, streaming)),
    bodies: completions.map((sample) => JSON.stringify(dialect.renderResponse(sample, waiting).body)),
    errors: (Object.keys(ERROR_TABLE) as ErrorCode[]).map((code) => renderedError(dialect, code)),
    requests: Object.values(SAMPLE_REQUESTS).flatMap((sample, index) => renderedRequest(dialect, sample, index % 2 === 0)),
  };
}

/** All that two corpora hold. */
export function joinCorpora(one: FuzzCorpus, other: Partial<FuzzCorpus>): FuzzCorpus {
  return {
    streams: [...one.streams, ...(other.streams ?? [])],
    bodies: [...one.bodies, ...(other.bodies ?? [])],
    errors: [...one.errors, ...(other.errors ?? [])],
    requests: [...one.requests, ...(other.requests ?? [])],
  };
}

function renderedStream(dialect: Dialect, sample: Completion, client: ClientContext): Uint8Array {
  const renderer = dialect.renderStream(client);
  return wireBytes(
    dialect.framing,
    streamFromCompletion(sample)
      .map((event) => renderer.push(event))
      .join(""),
  );
}

function renderedError(dialect: Dialect, code: ErrorCode): ErrorResponse {
  const { status, headers, body } = dialect.renderError(
    new DragomanError({ code, detail: ERROR_TABLE[code].meaning, retryAfterMs: 1500 }),
  );
  return { status, headers, body: JSON.stringify(body), request: "POST /fuzz" };
}

/** None where the wire has no room for the sample. */
function renderedRequest(dialect: Dialect, sample: CompletionRequest, stream: boolean): readonly RequestSeed[] {
  try {
    const { body, ...rest } = asClientRequest(dialect.renderRequest(sample, { stream, capabilities: UNKNOWN_CAPABILITIES }));
    return [{ ...rest, bodyText: JSON.stringify(body) }];
  } catch (error) {
    if (DragomanError.is(error)) return [];
    throw error;
  }
}
