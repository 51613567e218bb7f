/** What must hold of any request of a client: refused as the caller's mistake, or understood, and then by everybody. */
import { UNKNOWN_CAPABILITIES } from "../../capabilities.ts";
import type { Dialect, ParsedRequest } from "../../dialect.ts";
import { DragomanError, ERROR_TABLE } from "../../errors.ts";
import { handoff } from "../../handoff.ts";
import { streamFromCompletion } from "../../stream-from-completion.ts";
import { SAMPLE_COMPLETIONS } from "../conformance/samples.ts";
import { compareJson } from "../laws.ts";
import { findForeignPrototype } from "./check-plain-data.ts";
import type { RequestSeed, Violation } from "./fuzz-case.ts";
import { isDeeperThan, REQUEST_DEPTH_MAX } from "./json-depth.ts";
import { thrown } from "./read-stream-case.ts";

export function checkRequestCase(
  dialect: Dialect,
  { bodyText, ...rest }: RequestSeed,
  peers: readonly Dialect[],
): Violation | undefined {
  const body = parsedBody(bodyText);
  if (body === NO_REQUEST || isDeeperThan(body, REQUEST_DEPTH_MAX)) return undefined;
  let parsed: ParsedRequest;
  try {
    parsed = dialect.parseRequest({ ...rest, body });
  } catch (error) {
    if (!DragomanError.is(error)) return thrown("reading the request", error);
    return ERROR_TABLE[error.code].httpStatus < 500 ? undefined : { law: `blames ${error.code}`, detail: error.message };
  }
  const violation = checkValue(parsed) ?? checkAnswerable(dialect, parsed);
  if (violation !== undefined) return violation;
  for (const peer of peers) {
    const found = checkForPeer(peer, parsed);
    if (found !== undefined) return found;
  }
  return undefined;
}

const NO_REQUEST = Symbol("not JSON");

/** A body that is not JSON never comes to the dialect. */
function parsedBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return NO_REQUEST;
  }
}

function checkValue(parsed: ParsedRequest): Violation | undefined {
  const place = findForeignPrototype(parsed);
  if (place !== undefined) return { law: "prototype", detail: `the prototype of ${place} came from the client` };
  try {
    const differences: string[] = [];
    compareJson(withoutOverflow(parsed), JSON.parse(JSON.stringify(parsed)), "", differences);
    const [lost] = differences;
    return lost === undefined ? undefined : { law: "not JSON", detail: `the request does not survive JSON: ${lost}` };
  } catch (error) {
    return thrown("writing the request as JSON", error);
  }
}

/** `1e999` and `-0` are read as numbers that `JSON.stringify` writes otherwise; no reader can help that. */
function withoutOverflow(value: unknown): unknown {
  if (typeof value === "number") return Math.abs(value) === Number.POSITIVE_INFINITY ? null : value + 0;
  if (Array.isArray(value)) return value.map(withoutOverflow);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutOverflow(item)]));
}

const SAMPLE = SAMPLE_COMPLETIONS["parallel tool calls"];

/** Whatever the client asked for, an answer can be written for it. */
function checkAnswerable(dialect: Dialect, { client }: ParsedRequest): Violation | undefined {
  if (SAMPLE === undefined) return undefined;
  try {
    JSON.stringify(dialect.renderResponse(SAMPLE, client));
    const renderer = dialect.renderStream(client);
    for (const event of streamFromCompletion(SAMPLE)) renderer.push(event);
    return undefined;
  } catch (error) {
    return thrown("answering the request", error);
  }
}

function checkForPeer(peer: Dialect, { request, stream }: ParsedRequest): Violation | undefined {
  const target = {
    dialect: peer.id,
    provider: "fuzz",
    model: request.model,
    constraints: peer.constraints,
    capabilities: UNKNOWN_CAPABILITIES,
  };
  try {
    const { messages } = handoff(request.messages, target);
    const rendered = peer.renderRequest({ ...request, messages }, { stream, capabilities: UNKNOWN_CAPABILITIES });
    JSON.stringify(rendered);
    const place = findForeignPrototype(rendered);
    return place === undefined
      ? undefined
      : { law: `prototype for ${peer.id}`, detail: `the prototype of ${place} came from the client` };
  } catch (error) {
    if (!DragomanError.is(error)) return thrown(`rendering for ${peer.id}`, error);
    return error.code === "internal" ? { law: `internal error of ${peer.id}`, detail: error.message } : undefined;
  }
}
