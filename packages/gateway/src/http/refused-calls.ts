/**
 * Calls that are refused at the door, before their bodies are read: each is in the ledger and told to the observers as any other that is
 * refused. What stands in the body alone is not known of them: the model, unless the path names it, and whether the answer was to be streamed.
 */
import { type DialectId, DragomanError, ERROR_TABLE, toDragomanError } from "@dragoman/llm";
import type { FastifyRequest } from "fastify";
import type { Gateway } from "../gateway.ts";
import type { CallRecord, LedgerOperation } from "../ledger/call-record.ts";
import type { AdmittedOf } from "./access/guard-routes.ts";
import { decodePath, pathOf } from "./client-request.ts";
import type { IngressRoute } from "./ingress.ts";

/** What a route's request asks for, as far as method and path tell it. */
export interface CallAtDoor {
  readonly operation: LedgerOperation;
  readonly dialect: DialectId;
  /** Empty where only the body names it. */
  readonly asked: string;
}

/** Undefined for a request that is no call: lists of models, counts of tokens. */
export function callAtDoor({ operation, dialect }: IngressRoute, path: string): CallAtDoor | undefined {
  if (operation === "complete" || operation === "embed") return { operation, dialect, asked: "" };
  if (operation !== "gemini-model-action") return undefined;
  const [, asked = "", action = ""] = /\/models\/(.*):(\w+)$/.exec(path) ?? [];
  const named = GEMINI_ACTIONS.get(action);
  return named === undefined ? undefined : { operation: named, dialect, asked };
}

const GEMINI_ACTIONS: ReadonlyMap<string, LedgerOperation> = new Map([
  ["generateContent", "complete"],
  ["streamGenerateContent", "stream"],
  ["embedContent", "embed"],
  ["batchEmbedContents", "embed"],
]);

/** Which errors stand in a call's record: they are not told a second time as requests that became none. */
export interface KnownErrors {
  add(error: unknown): void;
  has(error: DragomanError): boolean;
}

export function createKnownErrors(): KnownErrors {
  const known = new WeakSet<DragomanError>();
  return {
    add: (error) => {
      if (DragomanError.is(error)) known.add(error);
    },
    has: (error) => known.has(error),
  };
}

type Refuse = (request: FastifyRequest, route: IngressRoute | undefined, error: DragomanError) => DragomanError;

/** Gives back the error that it was given, kept where it stands against a call. */
export function createRefusal(gateway: Gateway, admittedOf: AdmittedOf, known: KnownErrors): Refuse {
  return (request, route, error) => {
    const call = route === undefined ? undefined : callAtDoor(route, decodePath(pathOf(request)));
    if (call === undefined) return error;
    const record = recordOf(gateway.node, request, admittedOf(request).principal, call, error);
    try {
      gateway.ledger.refuse(record);
    } catch (thrown) {
      const failure = toDragomanError(thrown);
      gateway.observer.noticed({ level: "error", event: "ledger.not-written", message: failure.message, error: failure });
    }
    gateway.observer.callClosed(record);
    known.add(error);
    return error;
  };
}

function recordOf(
  node: string,
  { id }: FastifyRequest,
  { key, team }: { readonly key: string; readonly team?: string },
  call: CallAtDoor,
  { code, detail }: DragomanError,
): CallRecord {
  return {
    ...call,
    id,
    node,
    key,
    ...(team === undefined ? {} : { team }),
    startedAt: Date.now(),
    durationMs: 0,
    tags: {},
    reserved: NOTHING,
    outcome: "refused",
    code,
    detail,
    status: ERROR_TABLE[code].httpStatus,
    usage: {},
    costUsd: 0,
    knownCostUsd: 0,
    estimated: false,
    attempts: [],
    decision: { candidates: [] },
    warnings: [],
  };
}

const NOTHING = { requests: 0, inputTokens: 0, outputTokens: 0, usd: 0 } as const;
