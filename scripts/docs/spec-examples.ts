/**
 * The examples of `docs/spec/`: a fence `json OPERATION [DIALECT]` or `text OPERATION [DIALECT]` is an input, the fence
 * `json gives` after it what comes of it. They are run, so that the specification says what the code does.
 */
import {
  type CapabilityFacts,
  type Completion,
  type CompletionRequest,
  costOf,
  createFold,
  DragomanError,
  type ErrorCode,
  handoff,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  lowerSchema,
  type Message,
  type Pricing,
  type StreamEvent,
  UNKNOWN_CAPABILITIES,
  type Usage,
  withCapabilities,
} from "@dragoman/llm";
import type { Dialect } from "@dragoman/llm/dialects";
import { checkStream } from "@dragoman/llm/testing";
import { createAnswerReader } from "../../packages/llm/src/answer-reader.ts";
import { OPENAI_STRICT } from "../../packages/llm/src/dialects/schema-profiles.ts";
import { DIALECT_SUBJECTS } from "../../packages/llm/test/subjects/dialects.ts";

export interface SpecExample {
  readonly page: string;
  /** Of the input's fence, counted from 1. */
  readonly line: number;
  readonly operation: string;
  readonly dialect: string | undefined;
  readonly input: string;
  /** As it stands on the page. */
  readonly gives: string;
}

const FENCED = /^```(json|text) ([a-z-]+)(?: ([a-z-]+))?\n([\s\S]*?)^```\n([\s\S]*?)^```json gives\n([\s\S]*?)^```$/gm;

export function specExamples(page: string, text: string): readonly SpecExample[] {
  return [...text.matchAll(FENCED)].map((match) => ({
    page,
    line: text.slice(0, match.index).split("\n").length,
    operation: match[2] ?? "",
    dialect: match[3],
    input: match[4] ?? "",
    gives: match[6] ?? "",
  }));
}

/** The page with every result written anew. */
export function withResults(text: string): string {
  return text.replace(
    FENCED,
    (whole, _language, operation: string, dialect: string | undefined, input: string, _between, gives: string) => {
      const result = `${JSON.stringify(runExample(operation, dialect, input), null, 2)}\n`;
      if (isSame(gives, result)) return whole;
      return `${whole.slice(0, whole.length - gives.length - "```".length)}${result}\`\`\``;
    },
  );
}

/** Layout does not count. */
function isSame(one: string, other: string): boolean {
  try {
    return JSON.stringify(JSON.parse(one)) === JSON.stringify(JSON.parse(other));
  } catch {
    return false;
  }
}

const CONTEXT = { provider: "example", model: "example-model" };

/** What comes of an input, as JSON. Throws for an operation that there is none of. */
export function runExample(operation: string, dialect: string | undefined, input: string): unknown {
  const run = OPERATIONS[operation];
  if (run === undefined) throw new Error(`there is no operation ${operation}`);
  return plain(run(input, dialect === undefined ? undefined : dialectOf(dialect)));
}

function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function dialectOf(id: string): Dialect {
  const subject = DIALECT_SUBJECTS.find(({ name }) => name === id);
  if (subject === undefined) throw new Error(`there is no dialect ${id}`);
  return subject.dialect;
}

type Operation = (input: string, dialect: Dialect | undefined) => unknown;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  /** Canonical request -> what goes to a vendor. */
  render: withDialect((input, dialect) => rendered(dialect, object(input))),
  /** A vendor's answer -> completion. */
  answer: withDialect((input, dialect) => reported(() => dialect.parseResponse(JSON.parse(input), CONTEXT))),
  /** A vendor's stream, as text -> events. */
  stream: withDialect((input, dialect) => read(dialect, input)),
  /** A refusal of a vendor -> error. */
  refusal: withDialect((input, dialect) => {
    const { status, headers = {}, body } = object(input);
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return dialect.parseError({ status: Number(status), headers: headers as Record<string, string>, body: text }, CONTEXT);
  }),
  /** A client's request -> canonical request. */
  request: withDialect((input, dialect) => {
    const { path = "/", query = {}, headers = {}, body } = object(input);
    const asked = {
      path: String(path),
      query: query as Record<string, string>,
      headers: headers as Record<string, string>,
      body,
    };
    return reported(() => dialect.parseRequest(asked));
  }),
  /** Completion -> what a client is answered. */
  reply: withDialect((input, dialect) => {
    return dialect.renderResponse(value<Completion>(input), { model: CONTEXT.model, echo: {} });
  }),
  /** An error of the table -> what a client is told. */
  tell: withDialect((input, dialect) => {
    const { code, detail } = object(input);
    return dialect.renderError(new DragomanError({ code: code as ErrorCode, detail: String(detail) }));
  }),
  /** Events -> completion. */
  fold: (input) => {
    const fold = createFold();
    for (const event of value<readonly StreamEvent[]>(input)) fold.push(event);
    return fold.completion();
  },
  /** Events -> which law they break. */
  laws: (input) => checkStream(value<readonly StreamEvent[]>(input)),
  handoff: (input) => {
    const { messages, target } = object(input);
    const { dialect, facts = {}, ...rest } = target as JsonObject;
    const { id, constraints } = dialectOf(String(dialect));
    const capabilities = withCapabilities(UNKNOWN_CAPABILITIES, facts as CapabilityFacts, "configuration");
    const maker = { provider: "example", model: "example-model", ...(rest as object) };
    return handoff(messages as unknown as readonly Message[], { ...maker, dialect: id, constraints, capabilities });
  },
  cost: (input) => {
    const { usage, pricing } = object(input);
    return costOf(usage as Usage, pricing as unknown as Pricing) ?? null;
  },
  lower: (input) => lowerSchema(object(input), OPENAI_STRICT, "schema"),
};

function withDialect(run: (input: string, dialect: Dialect) => unknown): Operation {
  return (input, dialect) => {
    if (dialect === undefined) throw new Error("the fence names no dialect");
    return run(input, dialect);
  };
}

function rendered(dialect: Dialect, input: JsonObject): unknown {
  const { facts = {}, stream = false, ...request } = input;
  const capabilities = withCapabilities(UNKNOWN_CAPABILITIES, facts as CapabilityFacts, "configuration");
  return reported(() =>
    dialect.renderRequest(request as unknown as CompletionRequest, { stream: stream === true, capabilities }),
  );
}

function read(dialect: Dialect, text: string): readonly StreamEvent[] {
  const events: StreamEvent[] = [];
  const reader = createAnswerReader(dialect, CONTEXT);
  reader.push(new TextEncoder().encode(text), events);
  reader.end(events);
  return events;
}

/** What is thrown is a result too. */
function reported(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    if (DragomanError.is(error)) return { throws: error };
    throw error;
  }
}

function object(input: string): JsonObject {
  const parsed: unknown = JSON.parse(input);
  if (!isJsonObject(parsed as JsonValue)) throw new Error("the input is no object");
  return parsed as JsonObject;
}

function value<Value>(input: string): Value {
  return JSON.parse(input) as Value;
}
