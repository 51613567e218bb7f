/** Law 2: what goes out and comes back is what it was, less what was reported. */
import { UNKNOWN_CAPABILITIES } from "../../capabilities.ts";
import type { Completion } from "../../completion.ts";
import type { ClientContext, ClientRequest, Dialect, RenderedRequest } from "../../dialect.ts";
import { type Message, type Part, userMessage } from "../../message.ts";
import type { CompletionRequest } from "../../request.ts";
import type { Warning } from "../../warning.ts";
import { compareCompletions, compareJson } from "../laws.ts";
import type { ConformanceCase, DialectSubject } from "./conformance-case.ts";
import { expectNone, expectTrue } from "./expect.ts";
import { SAMPLE_COMPLETIONS, SAMPLE_REQUESTS } from "./samples.ts";

export function roundTripCases({ dialect, lossy = {} }: DialectSubject): readonly ConformanceCase[] {
  const requests = Object.entries(SAMPLE_REQUESTS).map(
    ([name, sample]): ConformanceCase => ({
      name: `request round trip: ${name}`,
      run: async () => expectRequestRoundTrip(dialect, sample, lossy[name] !== undefined),
    }),
  );
  const completions = Object.entries(SAMPLE_COMPLETIONS).map(
    ([name, sample]): ConformanceCase => ({
      name: `answer round trip: ${name}`,
      run: async () => expectAnswerRoundTrip(dialect, sample),
    }),
  );
  return [...requests, ...completions];
}

function expectRequestRoundTrip(dialect: Dialect, sample: CompletionRequest, mustWarn: boolean): void {
  const rendered = dialect.renderRequest(sample, { stream: false, capabilities: UNKNOWN_CAPABILITIES });
  const parsed = dialect.parseRequest(asClientRequest(rendered));
  expectTrue(!parsed.stream, "a request without stream came back with it");
  const differences: string[] = [];
  compareJson(comparableRequest(sample), comparableRequest(withoutDemanded(parsed.request, sample)), "", differences);
  expectCovered(differences, [...rendered.warnings, ...parsed.warnings]);
  if (mustWarn) expectTrue(rendered.warnings.length > 0, "a loss that is declared was not reported");
  const streamed = dialect.parseRequest(
    asClientRequest(dialect.renderRequest(sample, { stream: true, capabilities: UNKNOWN_CAPABILITIES })),
  );
  expectTrue(streamed.stream, "a request with stream came back without it");
}

function expectAnswerRoundTrip(dialect: Dialect, sample: Completion): void {
  const { body, warnings } = dialect.renderResponse(sample, clientOf(dialect, false));
  const parsed = dialect.parseResponse(JSON.parse(JSON.stringify(body)), { provider: "sample", model: "sample-model" });
  expectCovered(compareCompletions(withoutOrigin(sample), withoutOrigin(parsed)), [...warnings, ...parsed.warnings]);
}

/** What a client of this dialect asked for, as its own parser understood it. */
export function clientOf(dialect: Dialect, stream: boolean): ClientContext {
  const asked = dialect.renderRequest(PLAIN_REQUEST, { stream, capabilities: UNKNOWN_CAPABILITIES });
  return dialect.parseRequest(asClientRequest(asked)).client;
}

const PLAIN_REQUEST: CompletionRequest = { model: "sample-model", messages: [userMessage("Hello.")] };

/** A difference is allowed where something was reported; without any report it is a silent loss. */
export function expectCovered(differences: readonly string[], warnings: readonly Warning[]): void {
  if (warnings.length === 0) expectNone(differences, "lost without a warning");
}

export function asClientRequest(rendered: RenderedRequest): ClientRequest {
  const url = new URL(rendered.path, "http://client.invalid");
  return {
    path: decodeURIComponent(url.pathname),
    query: Object.fromEntries(url.searchParams),
    headers: { ...rendered.headers },
    body: JSON.parse(JSON.stringify(rendered.body ?? {})),
  };
}

/** The origin is the parser's to say, the raw finish word and the raw usage each wire's own. */
export function withoutOrigin(completion: Completion): Completion {
  const { cost: _cost, ...rest } = completion;
  const { raw: _raw, ...finish } = completion.finish;
  const origin = { dialect: "any", provider: "any", model: "any" };
  return { ...rest, origin, finish, message: { ...completion.message, parts: completion.message.parts.map(withoutVendor) } };
}

function withoutVendor<P extends Part>(part: P): P {
  if (part.type === "opaque") return part;
  const { vendor: _vendor, ...rest } = part;
  return rest as unknown as P;
}

/** A limit that the caller did not set is there where the wire demands one. */
function withoutDemanded(parsed: CompletionRequest, sample: CompletionRequest): CompletionRequest {
  const { maxOutputTokens: _demanded, ...rest } = parsed;
  return sample.maxOutputTokens === undefined ? rest : parsed;
}

/** Neighbouring messages of one role say the same together; the name of a tool follows from its call. */
function comparableRequest({ vendorOptions: _options, messages, tools, reasoning, output, ...rest }: CompletionRequest): unknown {
  const merged: { role: Message["role"]; parts: unknown[] }[] = [];
  for (const message of messages) {
    const parts = message.parts.map(comparablePart);
    const last = merged.at(-1);
    if (last?.role === message.role) last.parts.push(...parts);
    else merged.push({ role: message.role, parts });
  }
  return {
    ...rest,
    // Effort and budget are two scales of one thing, and a wire may have either; some always enforce a schema.
    reasoning: reasoning === undefined ? undefined : "asked for",
    output: output === undefined ? undefined : { ...output, name: undefined, strict: undefined },
    tools: tools?.map((tool) =>
      tool.type === "vendor" ? tool : { name: tool.name, description: tool.description, inputSchema: tool.inputSchema },
    ),
    messages: merged,
  };
}

function comparablePart(part: Part): unknown {
  const bare = withoutVendor(part);
  // Of media by address only the address is known; a wire that demands a type gets a guess.
  if ("source" in bare && bare.source.type === "url") return { type: bare.type, source: bare.source };
  if (bare.type === "tool-result")
    return {
      ...bare,
      toolName: undefined,
      isError: bare.isError === true ? true : undefined,
      content: bare.content.map(comparablePart),
    };
  return bare.type === "tool-call" ? { ...bare, argumentsText: undefined } : bare;
}
