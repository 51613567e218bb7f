/**
 * One line a call and one a notice, as JSON for machines or as text for people. Nothing of prompts, answers or keys is in it: a line is made
 * of the record's own fields, named here one by one, and its words pass through the redaction of errors.
 */
import { redactSecrets } from "@dragoman/llm";
import type { TelemetryConfiguration } from "../configuration.ts";
import type { CallRecord } from "../ledger/call-record.ts";
import { createDenialLimit } from "../tenancy/audit/denial-limit.ts";
import type { FailedRequest, GatewayObserver, Notice } from "./observer.ts";

/** As pino has it, which is loaded when the log is made. */
interface Lines {
  readonly debug: Line;
  readonly info: Line;
  readonly warn: Line;
  readonly error: Line;
}
type Line = (fields: object, message: string) => void;

export interface LogOptions extends Pick<TelemetryConfiguration, "logLevel"> {
  /** Where lines go. Default: standard error, so that standard output stays for what was asked for. */
  readonly write?: (line: string) => void;
  /** `text` is for people at a terminal. */
  readonly format: "json" | "text";
  /** Milliseconds since 1970. Default `Date.now`. */
  readonly clock?: () => number;
}

export async function createLog({
  logLevel,
  format,
  write = toStandardError,
  clock = Date.now,
}: LogOptions): Promise<GatewayObserver> {
  const lines = format === "json" ? await jsonLines(logLevel, write) : textLines(logLevel, write);
  // Whoever has no key can send as many requests as he likes: the disk is not his to fill.
  const strangers = createDenialLimit(clock);
  return {
    requestFailed(failed) {
      const { kept, leftOut } = failed.key === undefined ? strangers.admit() : ALL_KEPT;
      if (!kept) return;
      const { code } = failed.error;
      const isOurs = code === "internal" || code === "configuration";
      lines[isOurs ? "error" : "info"](failedFields(failed, leftOut), failedMessage(failed, leftOut));
    },
    callClosed(record) {
      const failed = record.outcome === "failed" || record.outcome === "cut" || record.outcome === "interrupted";
      lines[failed ? "warn" : "info"](fieldsOf(record), messageOf(record));
    },
    noticed({ level, event, message, error, fields }: Notice) {
      const all = { event, ...fields, ...(error === undefined ? {} : { code: error.code }) };
      lines[level](all, redactSecrets(message));
    },
  };
}

const ALL_KEPT = { kept: true, leftOut: 0 } as const;

function failedFields({ id, method, path, key, team, error }: FailedRequest, leftOut: number): object {
  return {
    event: "request.failed",
    id,
    method,
    path: shownPath(path),
    key,
    team,
    code: error.code,
    leftOut: leftOut || undefined,
  };
}

/** As in `refused POST /v1/messages: authentication: no key was sent`. */
function failedMessage({ method, path, error }: FailedRequest, leftOut: number): string {
  const what = method === undefined ? "a connection" : `${method} ${shownPath(path)}`;
  const others = leftOut === 0 ? "" : ` (${leftOut} more were left out before)`;
  return redactSecrets(`refused ${what}: ${error.code}: ${error.detail}${others}`);
}

/** Somebody may have put a key into it, and as much of it as a request may hold. */
function shownPath(path: string | undefined): string | undefined {
  return path === undefined ? undefined : redactSecrets(path.slice(0, PATH_LENGTH_MAX));
}

const PATH_LENGTH_MAX = 200;

function toStandardError(line: string): void {
  process.stderr.write(line);
}

async function jsonLines(level: TelemetryConfiguration["logLevel"], write: (line: string) => void): Promise<Lines> {
  const { pino } = await import("pino");
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, { write });
  const line =
    (name: keyof Lines): Line =>
    (fields, message) =>
      logger[name](fields, message);
  return { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
}

const LEVELS = ["debug", "info", "warn", "error", "silent"] as const;

function textLines(level: TelemetryConfiguration["logLevel"], write: (line: string) => void): Lines {
  const line = (name: keyof Lines): Line => {
    if (LEVELS.indexOf(name) < LEVELS.indexOf(level)) return () => {};
    const mark = name === "info" || name === "debug" ? "" : `${name}: `;
    return (_fields, message) => write(`${new Date().toTimeString().slice(0, 8)} ${mark}${onOneLine(message)}\n`);
  };
  return { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
}

/** Names are the clients' to choose: none of them begins a line of its own, or paints the terminal. */
function onOneLine(text: string): string {
  return text.replace(CONTROLS, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Control characters, line and paragraph separators, and those that turn the direction of writing. */
const CONTROLS = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

function fieldsOf(record: CallRecord): object {
  const { id, operation, dialect, key, team, agent, session, asked, route, provider, model, outcome, code, finish } = record;
  const { durationMs, firstTokenMs, costUsd, estimated, cached, attempts, usage } = record;
  return {
    event: "call.closed",
    id,
    operation,
    dialect,
    key,
    team,
    agent,
    session,
    asked,
    route,
    provider,
    model,
    outcome,
    code,
    finish,
    durationMs: Math.round(durationMs),
    firstTokenMs: firstTokenMs === undefined ? undefined : Math.round(firstTokenMs),
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    costUsd,
    estimated: estimated || undefined,
    cached: cached === undefined ? undefined : true,
    attempts: attempts.length,
  };
}

/** As in `answered openai:gpt-5-mini for smart in 812 ms, 1 204 + 88 tokens, 0.00041 USD`. */
function messageOf(record: CallRecord): string {
  const { outcome, asked, provider, model, durationMs, usage, costUsd, code, detail, attempts } = record;
  // Of a call that was refused before its body was read, nobody knows which model it was for.
  const wanted = asked === "" ? "a call" : asked;
  const who = model === undefined ? wanted : `${provider}:${model}${asked === `${provider}:${model}` ? "" : ` for ${asked}`}`;
  const tokens = usage.inputTokens === undefined ? "" : `, ${usage.inputTokens} + ${usage.outputTokens ?? "?"} tokens`;
  const cost = costUsd === undefined || costUsd === 0 ? "" : `, ${costUsd.toPrecision(2)} USD`;
  const tried = attempts.length > 1 ? `, ${attempts.length} attempts` : "";
  const why = code === undefined ? "" : `: ${code}: ${detail ?? ""}`;
  return redactSecrets(`${outcome} ${who} in ${Math.round(durationMs)} ms${tokens}${cost}${tried}${why}`);
}
