/**
 * Makes a provider of a vendor's facts: endpoint, key, dialect, catalogue. Ours and a stranger's are made here alike.
 *
 * A call goes one way: settle the request (aliases, the vendor's own preparation), hand the history off to this vendor,
 * bring in media that the vendor cannot fetch, render, send, parse, and complete the answer with cost, timing and
 * warnings. What differs between vendors is data or one of the named hooks; this file knows no vendor and no wire.
 */
import { answerCost } from "./answer-cost.ts";
import { awaitAnswer } from "./await-answer.ts";
import { cacheOutcome } from "./cache-outcome.ts";
import type { Capabilities } from "./capabilities.ts";
import { checkCall } from "./check-call.ts";
import type { Completion } from "./completion.ts";
import type { Dialect, ParseContext, RenderedRequest } from "./dialect.ts";
import { DragomanError, toDragomanError } from "./errors.ts";
import { type HandoffResult, handoff, handoffWarnings, isOfAnother } from "./handoff.ts";
import { inlineMedia } from "./inline-media.ts";
import type { JsonObject } from "./json.ts";
import { textOf } from "./message.ts";
import { createModelKnowledge } from "./model-knowledge.ts";
import { passedRequest } from "./passed-request.ts";
import type { Availability, CallOptions, Provider } from "./provider.ts";
import type { HookContext, ModelFacts, ProviderDefinition } from "./provider-definition.ts";
import { providerOperations } from "./provider-operations.ts";
import { type CompletionCall, type CompletionRequest, requestOf, type WireRequest } from "./request.ts";
import type { StreamEvent } from "./stream.ts";
import { streamAnswer } from "./stream-answer.ts";
import { estimateTokens, type TokenCount } from "./tokens.ts";
import { createVendorConnection, parseJsonBody, type SendOptions } from "./vendor-connection.ts";
import type { Warning } from "./warning.ts";
import { withWireText } from "./wire-text.ts";

/** A request on its way: rendered, with all that the answer needs to be completed. */
interface PreparedCall {
  readonly operation: "complete" | "stream";
  readonly model: string;
  readonly dialect: Dialect;
  readonly request: CompletionRequest;
  readonly rendered: RenderedRequest;
  readonly warnings: readonly Warning[];
  readonly context: ParseContext;
  /** Method and path, for errors. */
  readonly label: string;
  /** The client's own request, where that is what is sent. */
  readonly passed?: WireRequest;
}

/** Makes a provider of a vendor's facts. Ours are made with it, and so is a stranger's. */
export function defineProvider(definition: ProviderDefinition): Provider {
  const { hooks = {}, options = {} } = definition;
  const id = options.id ?? definition.id;
  const loadDialect = dialectLoader(definition.dialect);
  const known = createModelKnowledge(id, definition);
  const vendor = createVendorConnection(id, definition, loadDialect);
  const backend = definition.backend === undefined ? {} : { backend: definition.backend };

  // What a vendor needs beside the wire cannot be done to words that go on as they came.
  const mayPass = hooks.prepare === undefined && hooks.address === undefined;

  // One call

  async function prepare(call: CompletionCall, operation: PreparedCall["operation"]): Promise<PreparedCall> {
    const unknown = checkCall(call);
    const dialect = await loadDialect();
    const model = known.modelOf(call.model);
    const capabilities = known.capabilities(model);
    const asked: CompletionRequest = { ...requestOf(call), model };
    const passed = mayPass ? passedRequest(call, dialect, { model, stream: operation === "stream" }) : undefined;
    // A client sends back what it was given, and that may be another maker's.
    const handed = passed === undefined ? undefined : handOff(dialect, asked, capabilities);
    if (passed !== undefined && handed !== undefined && !isOfAnother(handed))
      return prepared(operation, model, dialect, asked, passed, unknown, call.wire);
    const settled =
      hooks.prepare === undefined ? { request: asked } : await hooks.prepare(asked, hookContext(capabilities, call));
    const history = handed ?? handOff(dialect, settled.request, capabilities);
    const { request, warnings } = await adapt(dialect, settled.request, history, call.signal);
    const plain = dialect.renderRequest(request, { stream: operation === "stream", capabilities });
    const rendered = hooks.address?.(plain, { operation, model }) ?? plain;
    const told = [...unknown, ...(settled.warnings ?? []), ...warnings, ...rendered.warnings];
    return prepared(operation, model, dialect, request, rendered, told);
  }

  function prepared(
    operation: PreparedCall["operation"],
    model: string,
    dialect: Dialect,
    request: CompletionRequest,
    rendered: RenderedRequest,
    warnings: readonly Warning[],
    passed?: WireRequest,
  ): PreparedCall {
    return {
      operation,
      model,
      dialect,
      request,
      rendered,
      warnings,
      context: { provider: id, model, ...backend, ...prefillOf(request) },
      label: vendor.label(rendered),
      ...(passed === undefined ? {} : { passed }),
    };
  }

  /** The history as this vendor can read it. */
  function handOff({ constraints, id: dialect }: Dialect, request: CompletionRequest, capabilities: Capabilities): HandoffResult {
    const own: JsonObject = request.vendorOptions?.[dialect] ?? {};
    const keepsHistory = constraints.keptHistory?.some((name) => own[name] !== undefined && own[name] !== null) ?? false;
    const target = { dialect, provider: id, ...backend, model: request.model, constraints, capabilities, keepsHistory };
    return handoff(request.messages, target);
  }

  /** The request with a history that this vendor can read, and with the media that it cannot fetch. */
  async function adapt(
    { constraints }: Dialect,
    request: CompletionRequest,
    handed: HandoffResult,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly request: CompletionRequest; readonly warnings: readonly Warning[] }> {
    const inlined = await (options.inlineMedia ?? inlineMedia)(handed.messages, constraints, signal);
    return {
      request: inlined === request.messages ? request : { ...request, messages: inlined },
      warnings: handoffWarnings(handed.report),
    };
  }

  function completed(completion: Completion, prepared: PreparedCall, startedAt: number, firstTokenMs?: number): Completion {
    const engine = hooks.engineTiming?.(completion);
    const pricing = known.pricing(completion.origin.model) ?? known.pricing(prepared.request.model);
    const cost = answerCost(completion, pricing, hooks);
    const cache = cacheOutcome(prepared.request, completion, { pricing, capabilities: known.capabilities(prepared.model) });
    const inspected = hooks.inspect?.(completion, prepared.request) ?? [];
    return {
      ...completion,
      ...(cost === undefined ? {} : { cost }),
      ...(cache === undefined ? {} : { cache }),
      timing: {
        totalMs: performance.now() - startedAt,
        ...(firstTokenMs === undefined ? {} : { firstTokenMs }),
        ...(engine === undefined ? {} : { engine }),
      },
      warnings: [...prepared.warnings, ...completion.warnings, ...inspected],
    };
  }

  async function complete(call: CompletionCall): Promise<Completion> {
    const startedAt = performance.now();
    let label: string | undefined;
    try {
      const prepared = await prepare(call, "complete");
      label = prepared.label;
      const { response, recovered } = await vendor.sendCall(prepared, call);
      const text = await response.text();
      const first = parseJsonBody(text);
      const body = await answerOf(first, prepared.dialect, call);
      const completion = completed(
        prepared.dialect.parseResponse(body, prepared.context),
        warned(prepared, recovered),
        startedAt,
      );
      const isVerbatim = prepared.passed !== undefined && body === first;
      return isVerbatim ? withWireText(completion, { dialect: prepared.dialect.id, text }) : completion;
    } catch (error) {
      throw vendor.locate(error, known.modelOf(call.model), label);
    }
  }

  /** The body itself, at once, unless it says that the answer is still being made. */
  function answerOf(body: unknown, dialect: Dialect, { signal, timeouts }: SendOptions): unknown {
    if (dialect.suspended?.(body) === undefined) return body;
    const fetchJson = (request: RenderedRequest, whileOpen: AbortSignal | undefined) =>
      vendor.fetchJson(request, { signal: whileOpen, timeouts });
    return awaitAnswer(body, { dialect, polling: options.polling, signal, fetchJson });
  }

  function stream(call: CompletionCall): AsyncIterable<StreamEvent> {
    return streamAnswer<PreparedCall>({
      signal: call.signal,
      firstTokenMs: call.timeouts?.firstTokenMs ?? options.timeouts?.firstTokenMs,
      bytesMax: options.streamBytesMax,
      open: async (signal) => {
        const prepared = await prepare(call, "stream");
        const { response, recovered } = await vendor.sendCall(prepared, { signal, timeouts: call.timeouts });
        return { request: warned(prepared, recovered), response };
      },
      resume: (request, signal) => {
        const sending = { signal, timeouts: call.timeouts };
        return vendor.send(request, sending);
      },
      complete: completed,
      locate: (error, request) => vendor.locate(error, known.modelOf(call.model), request?.label),
    });
  }

  // Everything beside the call

  function hookContext(capabilities: Capabilities, call: SendOptions): HookContext {
    const fetchJson: HookContext["fetchJson"] = (method, path, body) =>
      vendor.fetchJson({ method, path, ...(body === undefined ? {} : { body: body as JsonObject }) }, call);
    return { capabilities, fetchJson };
  }

  async function listed(call: SendOptions): Promise<readonly ModelFacts[]> {
    if (hooks.listModels !== undefined) return hooks.listModels(hookContext(known.capabilities(""), call));
    const { models } = await loadDialect();
    if (models === undefined) return [];
    const path = definition.modelsPath ?? models.path;
    return models.parseResponse(await vendor.fetchJson({ method: "GET", path }, call));
  }

  async function countTokens(call: CompletionCall): Promise<TokenCount> {
    const model = known.modelOf(call.model);
    try {
      const dialect = await loadDialect();
      const capabilities = known.capabilities(model);
      const asked = { ...requestOf(call), model };
      const { request } = await adapt(dialect, asked, handOff(dialect, asked, capabilities), call.signal);
      if (dialect.countTokens !== undefined) {
        const plain = dialect.countTokens.renderRequest(request, { stream: false, capabilities });
        const rendered = hooks.address?.(plain, { operation: "count-tokens", model }) ?? plain;
        return {
          tokens: dialect.countTokens.parseResponse(await vendor.fetchJson(rendered, call)),
          exact: true,
          method: "endpoint",
        };
      }
      const counted = await hooks.countTokens?.(request, hookContext(capabilities, call)).catch(unlessMissing);
      return counted ?? estimateTokens(request);
    } catch (error) {
      throw vendor.locate(error, model);
    }
  }

  async function availability(call: CallOptions = {}): Promise<Availability> {
    try {
      const missing = await vendor.missingKey();
      if (missing !== undefined) return { available: false, reason: "no-key", ...missing };
      const rows = await listed({ ...call, ...REACH_TIMEOUTS });
      return { available: true, detail: `${rows.length} models at ${vendor.baseUrl}` };
    } catch (thrown) {
      return unavailable(toDragomanError(vendor.locate(thrown, "")));
    }
  }

  function unavailable(error: DragomanError): Availability {
    if (error.code === "configuration")
      return { available: false, reason: "not-configured", detail: error.detail, nextStep: error.advice };
    const refused = error.code === "authentication" || error.code === "permission_denied";
    const detail = `${vendor.baseUrl}: ${error.code}: ${error.detail}`;
    const nextStep = (refused ? vendor.keyNextStep : definition.startHint) ?? error.advice;
    return { available: false, reason: refused ? "refused" : "not-reachable", detail, nextStep };
  }

  return {
    id,
    aliases: Object.fromEntries(known.aliases),
    supports: known.supports,
    knownModels: known.knownModels,
    capabilities: known.capabilities,
    pricing: known.pricing,
    models: async (call = {}) => {
      try {
        return known.infos(await listed(call));
      } catch (error) {
        throw vendor.locate(error, "");
      }
    },
    countTokens,
    complete,
    stream,
    availability,
    ...providerOperations({
      provider: id,
      definition,
      known,
      vendor,
      loadDialect,
      render: async (request, signal) =>
        (await prepare(signal === undefined ? request : { ...request, signal }, "complete")).rendered,
    }),
    ...(options.transport === undefined ? {} : { close: () => options.transport?.close() ?? Promise.resolve() }),
  };
}

/** The words of an assistant's message that ends the request. */
function prefillOf({ messages }: CompletionRequest): { readonly prefill?: string } {
  const last = messages.at(-1);
  const text = last?.role === "assistant" ? textOf(last) : "";
  return text === "" ? {} : { prefill: text };
}

/** A call whose answer was made of a refusal says so. */
function warned(prepared: PreparedCall, warning: Warning | undefined): PreparedCall {
  return warning === undefined ? prepared : { ...prepared, warnings: [...prepared.warnings, warning] };
}

/** Loads once; a failure to load is tried again at the next call. */
function dialectLoader(dialect: ProviderDefinition["dialect"]): () => Dialect | Promise<Dialect> {
  if (!("load" in dialect)) return () => dialect;
  let loaded: Dialect | undefined;
  return () => loaded ?? dialect.load().then((value) => (loaded = value));
}

/** An engine too old for the route leaves us to the estimate. */
function unlessMissing(thrown: unknown): undefined {
  if (DragomanError.is(thrown) && thrown.code === "not_found") return undefined;
  throw thrown;
}

/** A question that costs nothing should not keep anybody waiting. */
const REACH_TIMEOUTS = { timeouts: { connectMs: 2_000, firstByteMs: 5_000, totalMs: 8_000 } } as const;
