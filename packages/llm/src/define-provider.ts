/**
 * Makes a provider of a vendor's facts: endpoint, key, dialect, catalogue. Ours and a stranger's are made here alike.
 *
 * A call goes one way: settle the request (aliases, the vendor's own preparation), hand the history off to this vendor,
 * bring in media that the vendor cannot fetch, render, send, parse, and complete the answer with cost, timing and
 * warnings. What differs between vendors is data or one of the named hooks; this file knows no vendor and no wire.
 */
import { cacheOutcome } from "./cache-outcome.ts";
import { type Capabilities, type CapabilityFacts, withCapabilities } from "./capabilities.ts";
import {
  type Catalogue,
  catalogueCapabilities,
  cataloguePricing,
  EMPTY_CATALOGUE,
  type FamilyRule,
  findModel,
} from "./catalogue.ts";
import type { Completion } from "./completion.ts";
import type { Dialect, ParseContext, RenderedRequest } from "./dialect.ts";
import { DragomanError, toDragomanError } from "./errors.ts";
import { handoff, handoffWarnings } from "./handoff.ts";
import { type InlineMedia, inlineMedia } from "./inline-media.ts";
import type { PriceRates, PriceTier, Pricing } from "./pricing.ts";
import { costOf } from "./pricing.ts";
import type { Availability, CallOptions, ModelInfo, Provider } from "./provider.ts";
import { type CompletionCall, type CompletionRequest, requestOf, type Timeouts } from "./request.ts";
import { describeSecret, resolveSecret, type Secret, type SecretReference, type SecretSources } from "./secret.ts";
import type { StreamEvent } from "./stream.ts";
import { streamAnswer } from "./stream-answer.ts";
import { estimateTokens, type TokenCount } from "./tokens.ts";
import type { Transport, TransportResponse } from "./transport/transport.ts";
import type { EngineTiming } from "./usage.ts";
import type { Warning } from "./warning.ts";

/** How a key goes into a request. */
export type AuthScheme =
  | { readonly type: "bearer"; readonly key: SecretReference; readonly optional?: boolean }
  | { readonly type: "header"; readonly name: string; readonly key: SecretReference; readonly optional?: boolean }
  | { readonly type: "none" };

/** Places where a vendor's own behaviour goes, beside the refusal that it avoids. Each is optional. */
export interface ProviderHooks {
  /** Changes a request before it is handed off, as in setting a context size. May ask the vendor. */
  readonly prepare?: (request: CompletionRequest, context: HookContext) => Promise<PreparedRequest> | PreparedRequest;
  /** Looks at an answer beside its request for what the vendor does not say, as in a prompt cut short. */
  readonly inspect?: (completion: Completion, request: CompletionRequest) => readonly Warning[];
  readonly engineTiming?: (completion: Pick<Completion, "vendor">) => EngineTiming | undefined;
  /** Counts where the dialect has no endpoint for it. */
  readonly countTokens?: (request: CompletionRequest, context: HookContext) => Promise<TokenCount | undefined>;
  /** What the vendor's API tells of one model, beyond its listing. */
  readonly listModels?: (context: HookContext) => Promise<readonly ModelFacts[]>;
}

export interface ModelFacts {
  readonly id: string;
  readonly displayName?: string;
  readonly createdAt?: number;
  readonly facts?: CapabilityFacts;
}

export interface PreparedRequest {
  readonly request: CompletionRequest;
  readonly warnings?: readonly Warning[];
}

/** What a hook may use: one authenticated JSON request to its own vendor. */
export interface HookContext {
  readonly capabilities: Capabilities;
  readonly fetchJson: (method: "GET" | "POST", path: string, body?: object) => Promise<unknown>;
}

export interface ProviderDefinition {
  readonly id: string;
  /** For people: `Anthropic`. */
  readonly name: string;
  /** Without a slash at the end; the dialect's paths are appended. */
  readonly baseUrl: string;
  readonly dialect: Dialect;
  readonly auth: AuthScheme;
  /** Who serves behind the endpoint, where signatures depend on it. */
  readonly backend?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly catalogue?: Catalogue;
  readonly families?: readonly FamilyRule[];
  /** Short names in data: `claude-sonnet` -> `claude-sonnet-5`. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Beginnings of bare model ids that belong here, beyond the catalogue's rows. */
  readonly modelPrefixes?: readonly string[];
  /** Overrides the path of the model listing, where it is not the dialect's. */
  readonly modelsPath?: string;
  /** How to get it running, for a local engine: `start it with ollama serve`. */
  readonly startHint?: string;
  readonly hooks?: ProviderHooks;
  /** What one caller wants otherwise; see `ProviderOptions`. */
  readonly options?: ProviderOptions;
}

/** What every provider's function takes. */
export interface ProviderOptions {
  /** Registers under another name, for a second account or host. */
  readonly id?: string;
  readonly key?: SecretReference;
  readonly baseUrl?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeouts?: Timeouts;
  /** Default: undici, shared by all providers of the process that bring none. */
  readonly transport?: Transport;
  /** Own prices by model id, over the catalogue's. */
  readonly prices?: Readonly<Record<string, PriceRates & { readonly tiers?: readonly PriceTier[] }>>;
  readonly aliases?: Readonly<Record<string, string>>;
  /** What `probe` measured of a model, by model id. */
  readonly probed?: Readonly<Record<string, CapabilityFacts>>;
  /** What the owner knows of a model, by model id; goes over everything else. */
  readonly capabilities?: Readonly<Record<string, CapabilityFacts>>;
  /** Replaces the bundled catalogue, as after `dragoman models refresh`. */
  readonly catalogue?: Catalogue;
  readonly secrets?: SecretSources;
  /** Fetches media by URL where the vendor cannot. Default: guarded, public addresses only, 20 MiB. */
  readonly inlineMedia?: InlineMedia;
}

/** What of a call the transport needs. */
interface SendOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeouts?: Timeouts | undefined;
}

/** A request on its way: rendered, with all that the answer needs to be completed. */
interface PreparedCall {
  readonly request: CompletionRequest;
  readonly rendered: RenderedRequest;
  readonly warnings: readonly Warning[];
  readonly context: ParseContext;
  /** Method and path, for errors. */
  readonly label: string;
}

export function defineProvider(definition: ProviderDefinition): Provider {
  const options = definition.options ?? {};
  const id = options.id ?? definition.id;
  const baseUrl = (options.baseUrl ?? definition.baseUrl).replace(/\/+$/, "");
  const dialect = definition.dialect;
  const catalogue = options.catalogue ?? definition.catalogue ?? EMPTY_CATALOGUE;
  const aliases = new Map(Object.entries({ ...definition.aliases, ...options.aliases }));
  const ownPrices = byModel(options.prices);
  const probed = byModel(options.probed);
  const ownCapabilities = byModel(options.capabilities);
  const auth: AuthScheme =
    options.key !== undefined && definition.auth.type !== "none" ? { ...definition.auth, key: options.key } : definition.auth;
  const ownHeaders = { ...lowerCased(definition.headers), ...lowerCased(options.headers) };
  const capabilityCache = new Map<string, Capabilities>();
  const pricingCache = new Map<string, Pricing | undefined>();
  const learned = new Map<string, CapabilityFacts>();
  let key: Promise<Secret | undefined> | undefined;

  function modelOf(name: string): string {
    return aliases.get(name) ?? name;
  }

  /** What the owner says of models, under their own ids where he names them by an alias. */
  function byModel<Facts>(rows: Readonly<Record<string, Facts>> = {}): ReadonlyMap<string, Facts> {
    return new Map(Object.entries(rows).map(([name, facts]) => [modelOf(name), facts]));
  }

  function capabilities(name: string): Capabilities {
    const model = modelOf(name);
    let known = capabilityCache.get(model);
    if (known === undefined) {
      known = catalogueCapabilities(catalogue, definition.families ?? [], model);
      const fromVendor = learned.get(model);
      if (fromVendor !== undefined) known = withCapabilities(known, fromVendor, "vendor");
      const measured = probed.get(model);
      if (measured !== undefined) known = withCapabilities(known, measured, "probe");
      const own = ownCapabilities.get(model);
      if (own !== undefined) known = withCapabilities(known, own, "configuration");
      remember(capabilityCache, model, known);
    }
    return known;
  }

  function pricing(name: string): Pricing | undefined {
    const model = modelOf(name);
    if (pricingCache.has(model)) return pricingCache.get(model);
    const own = ownPrices.get(model);
    const found = own === undefined ? cataloguePricing(catalogue, model) : { ...own, catalogue: "own" };
    remember(pricingCache, model, found);
    return found;
  }

  function supports(name: string): boolean {
    if (aliases.has(name) || findModel(catalogue, name) !== undefined) return true;
    if (learned.has(name) || ownPrices.has(name) || probed.has(name) || ownCapabilities.has(name)) return true;
    return definition.modelPrefixes?.some((prefix) => name.startsWith(prefix)) ?? false;
  }

  function knownModels(): readonly string[] {
    return [...new Set([...aliases.keys(), ...catalogue.models.map((row) => row.id), ...learned.keys()])];
  }

  // One call

  async function prepare(call: CompletionCall, stream: boolean): Promise<PreparedCall> {
    const model = modelOf(call.model);
    const known = capabilities(model);
    const asked: CompletionRequest = { ...requestOf(call), model };
    const settled = (await definition.hooks?.prepare?.(asked, hookContext(known, call))) ?? { request: asked };
    const { request, warnings } = await adapt(settled.request, known, call.signal);
    const rendered = dialect.renderRequest(request, { stream, capabilities: known });
    return {
      request,
      rendered,
      warnings: [...(settled.warnings ?? []), ...warnings, ...rendered.warnings],
      context: { provider: id, model, ...(definition.backend === undefined ? {} : { backend: definition.backend }) },
      label: labelOf(rendered.method, baseUrl, rendered.path),
    };
  }

  /** The request with its history handed off to this vendor, and with the media that it cannot fetch. */
  async function adapt(
    request: CompletionRequest,
    known: Capabilities,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly request: CompletionRequest; readonly warnings: readonly Warning[] }> {
    const target = {
      dialect: dialect.id,
      provider: id,
      backend: definition.backend,
      model: request.model,
      constraints: dialect.constraints,
      capabilities: known,
    };
    const handed = handoff(request.messages, target);
    const inlined = await (options.inlineMedia ?? inlineMedia)(handed.messages, dialect.constraints, signal);
    return {
      request: inlined === request.messages ? request : { ...request, messages: inlined },
      warnings: handoffWarnings(handed.report),
    };
  }

  async function send(prepared: PreparedCall, call: SendOptions): Promise<TransportResponse> {
    const { rendered, context, label } = prepared;
    const transport = options.transport ?? (await sharedTransport());
    const response = await transport.send({
      url: addressOf(baseUrl, rendered.path),
      method: rendered.method,
      headers: await headersFor(rendered),
      ...(rendered.body === undefined ? {} : { body: JSON.stringify(rendered.body) }),
      signal: call.signal,
      timeouts: call.timeouts === undefined ? options.timeouts : { ...options.timeouts, ...call.timeouts },
    });
    if (response.status >= 200 && response.status < 300) return response;
    if (response.status < 400) {
      response.cancel();
      throw new DragomanError({
        code: "invalid_response",
        status: response.status,
        detail: "the vendor answered with a redirect, which is never followed",
        advice: "correct the base URL",
        ...context,
        request: label,
      });
    }
    const body = await errorText(response);
    throw dialect.parseError({ status: response.status, headers: response.headers, body, request: label }, context);
  }

  async function headersFor(rendered: RenderedRequest): Promise<Record<string, string>> {
    const headers = { ...ownHeaders, ...lowerCased(rendered.headers) };
    if (rendered.body !== undefined) headers["content-type"] = "application/json";
    if (auth.type === "none") return headers;
    key ??= resolveSecret(auth.key, options.secrets);
    const secret = await key.catch((error: unknown) => {
      key = undefined;
      throw error;
    });
    if (secret === undefined) {
      key = undefined;
      if (auth.optional === true) return headers;
      throw new DragomanError({
        code: "authentication",
        provider: id,
        detail: `no key: ${describeSecret(auth.key)} is not set`,
        advice: nextStepForKey(auth.key),
      });
    }
    if (auth.type === "bearer") headers.authorization = `Bearer ${secret.reveal()}`;
    else headers[auth.name.toLowerCase()] = secret.reveal();
    return headers;
  }

  function completed(completion: Completion, prepared: PreparedCall, startedAt: number, firstTokenMs?: number): Completion {
    const engine = definition.hooks?.engineTiming?.(completion);
    const cost = costOf(completion.usage, pricing(completion.origin.model) ?? pricing(prepared.request.model));
    const cache = cacheOutcome(prepared.request, completion);
    const inspected = definition.hooks?.inspect?.(completion, prepared.request) ?? [];
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

  function located(thrown: unknown, call: CompletionCall, label?: string): DragomanError {
    return toDragomanError(thrown).with({ provider: id, model: modelOf(call.model), request: label });
  }

  async function complete(call: CompletionCall): Promise<Completion> {
    const startedAt = performance.now();
    let label: string | undefined;
    try {
      const prepared = await prepare(call, false);
      label = prepared.label;
      const response = await send(prepared, call);
      const body = parseBody(await response.text(), prepared);
      return completed(dialect.parseResponse(body, prepared.context), prepared, startedAt);
    } catch (error) {
      throw located(error, call, label);
    }
  }

  function stream(call: CompletionCall): AsyncIterable<StreamEvent> {
    return streamAnswer<PreparedCall>({
      dialect,
      signal: call.signal,
      firstTokenMs: call.timeouts?.firstTokenMs ?? options.timeouts?.firstTokenMs,
      open: async (signal) => {
        const request = await prepare(call, true);
        return { request, response: await send(request, { ...call, signal }) };
      },
      complete: completed,
      locate: (error, request) => located(error, call, request?.label),
    });
  }

  // Everything beside the call

  async function fetchJson(
    method: "GET" | "POST",
    path: string,
    body: object | undefined,
    call: SendOptions,
    headers: RenderedRequest["headers"] = {},
  ): Promise<unknown> {
    const rendered: RenderedRequest = {
      method,
      path,
      headers,
      warnings: [],
      ...(body === undefined ? {} : { body: body as never }),
    };
    const prepared: PreparedCall = {
      request: { model: "", messages: [] },
      rendered,
      warnings: [],
      context: { provider: id, model: "" },
      label: labelOf(method, baseUrl, path),
    };
    const response = await send(prepared, call);
    return parseBody(await response.text(), prepared);
  }

  function hookContext(known: Capabilities, call: SendOptions): HookContext {
    return { capabilities: known, fetchJson: (method, path, body) => fetchJson(method, path, body, call) };
  }

  async function listed(call: CallOptions): Promise<readonly ModelFacts[]> {
    if (definition.hooks?.listModels !== undefined) return definition.hooks.listModels(hookContext(capabilities(""), call));
    if (dialect.models === undefined) return [];
    return dialect.models.parseResponse(await fetchJson("GET", definition.modelsPath ?? dialect.models.path, undefined, call));
  }

  async function models(callOptions: CallOptions = {}): Promise<readonly ModelInfo[]> {
    const rows = await listed(callOptions);
    for (const row of rows) {
      learned.set(row.id, row.facts ?? {});
      capabilityCache.delete(row.id);
    }
    if (rows.length === 0)
      return catalogue.models.map((row) =>
        modelInfo(row.id, { id: row.id, ...(row.name === undefined ? {} : { displayName: row.name }) }, "catalogue"),
      );
    return rows.map((row) => modelInfo(row.id, row, "vendor"));
  }

  function modelInfo(model: string, row: ModelFacts, source: ModelInfo["source"]): ModelInfo {
    const price = pricing(model);
    return {
      id: model,
      provider: id,
      ...(row.displayName === undefined ? {} : { displayName: row.displayName }),
      ...(row.createdAt === undefined ? {} : { createdAt: row.createdAt }),
      capabilities: capabilities(model),
      ...(price === undefined ? {} : { pricing: price }),
      source,
    };
  }

  async function countTokens(call: CompletionCall): Promise<TokenCount> {
    try {
      const model = modelOf(call.model);
      const known = capabilities(model);
      const { request } = await adapt({ ...requestOf(call), model }, known, call.signal);
      if (dialect.countTokens !== undefined) {
        const rendered = dialect.countTokens.renderRequest(request, { stream: false, capabilities: known });
        const body = await fetchJson(rendered.method, rendered.path, rendered.body, call, rendered.headers);
        return { tokens: dialect.countTokens.parseResponse(body), exact: true, method: "endpoint" };
      }
      return (
        (await definition.hooks?.countTokens?.(request, hookContext(known, call)).catch(unlessMissing)) ?? estimateTokens(request)
      );
    } catch (error) {
      throw located(error, call);
    }
  }

  async function availability(callOptions: CallOptions = {}): Promise<Availability> {
    if (auth.type !== "none" && auth.optional !== true) {
      const secret = await resolveSecret(auth.key, options.secrets).catch(toDragomanError);
      if (DragomanError.is(secret))
        return { available: false, reason: "not-configured", detail: secret.detail, nextStep: secret.advice };
      if (secret === undefined)
        return {
          available: false,
          reason: "no-key",
          detail: `${describeSecret(auth.key)} is not set`,
          nextStep: nextStepForKey(auth.key),
        };
    }
    try {
      const rows = await listed({ ...callOptions, ...REACH_TIMEOUTS });
      return { available: true, detail: `${rows.length} models at ${baseUrl}` };
    } catch (error) {
      return unavailable(toDragomanError(error));
    }
  }

  function unavailable(error: DragomanError): Availability {
    const refused = error.code === "authentication" || error.code === "permission_denied";
    const nextStep = refused && auth.type !== "none" ? nextStepForKey(auth.key) : (definition.startHint ?? error.advice);
    return {
      available: false,
      reason: refused ? "refused" : "not-reachable",
      detail: `${baseUrl}: ${error.code}: ${error.detail}`,
      nextStep,
    };
  }

  return {
    id,
    aliases: Object.fromEntries(aliases),
    supports,
    knownModels,
    models,
    capabilities,
    pricing,
    countTokens,
    complete,
    stream,
    availability,
    ...(options.transport === undefined ? {} : { close: () => options.transport?.close() ?? Promise.resolve() }),
  };
}

/** An engine too old for the route leaves us to the estimate. */
function unlessMissing(thrown: unknown): undefined {
  if (DragomanError.is(thrown) && thrown.code === "not_found") return undefined;
  throw thrown;
}

/** A question that costs nothing should not keep anybody waiting. */
const REACH_TIMEOUTS = { timeouts: { connectMs: 2_000, firstByteMs: 5_000, totalMs: 8_000 } } as const;

function nextStepForKey(key: SecretReference): string {
  const described = describeSecret(key);
  return described.startsWith("env:")
    ? `set ${described.slice("env:".length)} in the environment or in .env`
    : `check ${described}`;
}

function parseBody(text: string, prepared: PreparedCall): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The cause is left out: it quotes the body, unredacted.
    const start = text.trim().slice(0, 120);
    throw new DragomanError({
      code: "invalid_response",
      detail: start === "" ? "the body is empty" : `the body is not JSON; it begins ${JSON.stringify(start)}`,
      provider: prepared.context.provider,
      model: prepared.context.model,
      request: prepared.label,
    });
  }
}

/** Bytes of an error's body that are read. */
const ERROR_BYTES_MAX = 1_048_576;

/** A body over the limit costs its words, not the status. */
async function errorText(response: TransportResponse): Promise<string> {
  try {
    return await response.text(ERROR_BYTES_MAX);
  } catch (error) {
    if (DragomanError.is(error) && error.code === "invalid_response") return "an error whose body is too large to be read";
    throw error;
  }
}

/** Names in lower case, so that one name never goes out twice. */
function lowerCased(headers: Readonly<Record<string, string>> = {}): Record<string, string> {
  const lowered: Record<string, string> = {};
  for (const name in headers) lowered[name.toLowerCase()] = headers[name] ?? "";
  return lowered;
}

/** Models whose facts are kept at hand. Callers choose the names, so there must be an end. */
const MODELS_REMEMBERED_MAX = 1_000;

function remember<Facts>(cache: Map<string, Facts>, model: string, facts: Facts): void {
  if (cache.size >= MODELS_REMEMBERED_MAX) cache.clear();
  cache.set(model, facts);
}

/** A path that begins with `../` leaves the base URL's own path, as for an engine's native routes beside `/v1`. */
function addressOf(baseUrl: string, path: string): string {
  return path.startsWith("../") ? new URL(path, `${baseUrl}/`).href : baseUrl + path;
}

/** Method and path as the vendor sees them, without the query. */
function labelOf(method: string, baseUrl: string, path: string): string {
  const address = addressOf(baseUrl, path);
  // By hand: parsing the URL would be a twentieth of a call's CPU.
  const pathStart = address.indexOf("/", address.indexOf("://") + 3);
  return `${method} ${pathStart === -1 ? path : address.slice(pathStart).split("?", 1)[0]}`;
}

let shared: Promise<Transport> | undefined;

/** One connection pool for the process, opened at the first call. The only thing that providers share. */
function sharedTransport(): Promise<Transport> {
  shared ??= import("./transport/undici-transport.ts").then((module) => module.createUndiciTransport());
  return shared;
}
