/**
 * Cache directives as Gemini's cached contents. For a stable part with a time to live an object is made at the first call,
 * named by the next ones, and extended while it is in use. Its name is remembered by what it holds. Whatever fails, the
 * call goes out plain, with a warning.
 */
import { createHash } from "node:crypto";
import { cachingRule } from "../../cache-minimum.ts";
import type { Dialect } from "../../dialect.ts";
import type { CachedContent, CachedContentsCodec } from "../../dialects/gemini/cached-contents.ts";
import { DragomanError, toDragomanError } from "../../errors.ts";
import { handoff } from "../../handoff.ts";
import type { HookContext, PreparedRequest } from "../../provider-definition.ts";
import type { CompletionRequest } from "../../request.ts";
import { estimateTokens } from "../../tokens.ts";
import type { Warning } from "../../warning.ts";
import { type StablePart, stablePart } from "./stable-part.ts";

/** What becomes of the prompts that are kept at Google. */
export interface CachedContentOptions {
  /** What becomes of objects when the provider is closed. Default `expire`: Google deletes them when their time is over. */
  readonly atClose?: "expire" | "delete";
  /** Objects whose names are remembered. Default 100; beyond it the one longest unused is left to expire. */
  readonly objectsMax?: number;
}

export interface CachedContentInit extends CachedContentOptions {
  readonly provider: string;
  readonly backend: string;
  readonly load: () => Promise<{ readonly dialect: Dialect; readonly codec: CachedContentsCodec }>;
  /** The resource's name of a model, as `models/gemini-2.5-flash`. */
  readonly resourceOf: (model: string) => string;
  /** Milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

export interface CachedContentKeeper {
  readonly prepare: (request: CompletionRequest, context: HookContext) => Promise<PreparedRequest>;
  /** An object that was named is gone at Google's. True when one had been remembered, so that the call may go again. */
  forget(error: DragomanError): boolean;
  close(): Promise<void>;
}

/** An object is extended once less than this part of its time is left. */
const EXTEND_BELOW = 0.25;
/** Taken off the time to live, for the way to Google and back. Milliseconds. */
const MARGIN_MS = 5_000;
/** How long a part that could not be kept is not tried again. Milliseconds. */
const FAILED_FOR_MS = 60_000;

interface Entry {
  readonly object: Promise<CachedContent>;
  expiresAt: number;
  /** Set once it was refused. */
  failure?: DragomanError;
}

export function createCachedContentKeeper(init: CachedContentInit): CachedContentKeeper {
  const { objectsMax = 100, atClose = "expire", now = Date.now } = init;
  const entries = new Map<string, Entry>();
  let lastFetch: HookContext["fetchJson"] | undefined;

  async function prepare(request: CompletionRequest, context: HookContext): Promise<PreparedRequest> {
    const part = stablePart(request);
    if (part === undefined) return { request };
    lastFetch = context.fetchJson;
    const warnings: Warning[] = [];
    try {
      const tooShort = shortness(part, init.backend);
      if (tooShort !== undefined) return { request, warnings: [other(part, tooShort)] };
      const { name } = await objectOf(part, context, warnings);
      const cache = (request.cache ?? []).map((directive, index) =>
        index === part.index ? { ...directive, stable: stableOf(directive.stable, part), object: name } : directive,
      );
      return { request: { ...request, cache }, warnings };
    } catch (thrown) {
      const error = toDragomanError(thrown);
      if (error.code === "aborted") throw error;
      return { request, warnings: [other(part, `nothing was kept, and the whole prompt was sent: ${describe(error)}`)] };
    }
  }

  /** The object that holds this part: the one at hand, extended where its time runs out, or a new one. */
  async function objectOf(part: StablePart, context: HookContext, warnings: Warning[]): Promise<CachedContent> {
    const key = keyOf(part);
    const known = entries.get(key);
    if (known !== undefined && now() < known.expiresAt) {
      if (known.failure !== undefined) throw known.failure;
      touch(key, known);
      const object = await known.object;
      if (known.expiresAt - now() < EXTEND_BELOW * lifeOf(part)) await extend(known, object, part, context, warnings);
      return object;
    }
    return create(key, part, context, warnings);
  }

  async function create(key: string, part: StablePart, context: HookContext, warnings: Warning[]): Promise<CachedContent> {
    const entry: Entry = { object: send(part, context, warnings), expiresAt: now() + lifeOf(part) };
    touch(key, entry);
    try {
      return await entry.object;
    } catch (thrown) {
      entry.failure = toDragomanError(thrown);
      if (entry.failure.code === "aborted") entries.delete(key);
      entry.expiresAt = now() + FAILED_FOR_MS;
      throw entry.failure;
    }
  }

  async function send(part: StablePart, { capabilities, fetchJson }: HookContext, warnings: Warning[]): Promise<CachedContent> {
    const { dialect, codec } = await init.load();
    const { model } = part.kept;
    const target = { dialect: dialect.id, provider: init.provider, backend: init.backend, model };
    const { messages } = handoff(part.kept.messages, { ...target, constraints: dialect.constraints, capabilities });
    if (messages.length !== part.kept.messages.length) {
      throw new DragomanError({ code: "unsupported", detail: "the history had to be repaired, so its beginning is not stable" });
    }
    const rendered = codec.renderCreate(
      { ...part.kept, messages },
      { stream: false, capabilities },
      { model: init.resourceOf(model), timeToLiveSeconds: part.timeToLiveSeconds },
    );
    const object = codec.parseResponse(await fetchJson("POST", rendered.path, rendered.body));
    const size = object.tokens === undefined ? "" : ` of ${object.tokens} tokens`;
    warnings.push(other(part, `a cached content${size} was made; Google bills it, and its keeping, beside this call`));
    return object;
  }

  async function extend(
    entry: Entry,
    { name }: CachedContent,
    part: StablePart,
    { fetchJson }: HookContext,
    warnings: Warning[],
  ): Promise<void> {
    const before = entry.expiresAt;
    // Set first, so that calls at the same time do not extend it too.
    entry.expiresAt = now() + lifeOf(part);
    try {
      const { codec } = await init.load();
      const { path, body } = codec.renderExtend(name, part.timeToLiveSeconds);
      await fetchJson("PATCH", path, body);
    } catch (thrown) {
      entry.expiresAt = before;
      warnings.push(other(part, `the cached content could not be extended: ${describe(toDragomanError(thrown))}`));
    }
  }

  /** The newest last; the one longest unused goes. */
  function touch(key: string, entry: Entry): void {
    entries.delete(key);
    entries.set(key, entry);
    const [oldest] = entries.keys();
    if (entries.size > objectsMax && oldest !== undefined) entries.delete(oldest);
  }

  async function close(): Promise<void> {
    const fetchJson = lastFetch;
    const kept = [...entries.values()];
    entries.clear();
    if (atClose === "expire" || fetchJson === undefined) return;
    const { codec } = await init.load();
    // What cannot be deleted expires all the same.
    await Promise.allSettled(kept.map(async ({ object }) => fetchJson("DELETE", codec.renderDelete((await object).name).path)));
  }

  return {
    prepare,
    forget(error) {
      if (!isAboutObject(error) || entries.size === 0) return false;
      entries.clear();
      return true;
    },
    close,
  };
}

function lifeOf(part: StablePart): number {
  return part.timeToLiveSeconds * 1000 - MARGIN_MS;
}

function stableOf(stable: "tools" | "system" | { readonly messages: number }, { messagesEnd }: StablePart) {
  return typeof stable === "object" ? { messages: messagesEnd } : stable;
}

/** Why it is not worth asking. The estimate may err; what is too short after all Google refuses. */
function shortness({ kept }: StablePart, backend: string): string | undefined {
  const { tokens } = estimateTokens(kept);
  const minimum = cachingRule({ model: kept.model, dialect: "gemini", backend })?.minimumTokens ?? 0;
  return tokens < minimum ? `the stable part is about ${tokens} tokens, and Google keeps ${minimum} or more` : undefined;
}

function keyOf({ kept, timeToLiveSeconds }: StablePart): string {
  return createHash("sha256")
    .update(JSON.stringify([kept, timeToLiveSeconds]))
    .digest("base64");
}

function other(part: StablePart, detail: string): Warning {
  return { type: "other", path: `cache[${part.index}]`, detail };
}

/** What is about a key is told by its code alone: its words may quote it. */
function describe({ code, detail }: DragomanError): string {
  return code === "authentication" ? code : `${code}: ${detail}`;
}

/** Source: the two doors' refusals, "CachedContent not found (or permission denied)" and "Not found: cache content metadata". */
function isAboutObject({ status, detail }: DragomanError): boolean {
  return (status === 403 || status === 404) && /cached? ?content/i.test(detail);
}
