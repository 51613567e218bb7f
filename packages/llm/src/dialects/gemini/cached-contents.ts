/**
 * `cachedContents`: the beginning of a prompt, kept under a name for a time that is asked for. A request that names it
 * sends neither system instruction nor tools nor what of the contents is in it. Create, get, patch and delete.
 * Source: ai.google.dev/api/caching; Vertex AI's reference of `projects.locations.cachedContents`.
 */
import type { ClientRequest, ParsedRequest, RenderContext, RenderedRequest } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import type { CompletionRequest } from "../../request.ts";
import { readBody, readString } from "../wire-reader.ts";
import { camelFields } from "./field-names.ts";
import { parseBody } from "./parse-request.ts";
import { type GeminiQuirks, resolveQuirks } from "./quirks.ts";
import { renderBody } from "./request.ts";

/** An object as Google tells it. */
export interface CachedContent {
  /** As `cachedContents/abc`, or `projects/…/cachedContents/123`. */
  readonly name: string;
  /** As Google writes it: `models/gemini-2.5-flash`. */
  readonly model?: string;
  readonly tokens?: number;
  /** Milliseconds since 1970, by Google's clock. */
  readonly expiresAt?: number;
}

export interface CachedContentInit {
  /** The resource's name of the model, as `models/gemini-2.5-flash`. */
  readonly model: string;
  readonly timeToLiveSeconds: number;
}

export interface CachedContentsCodec {
  /** `request` holds what is to be kept and nothing else. Settings of an answer are not part of an object. */
  renderCreate(request: CompletionRequest, context: RenderContext, init: CachedContentInit): RenderedRequest;
  renderGet(name: string): RenderedRequest;
  /** Only the time to live can be changed. */
  renderExtend(name: string, timeToLiveSeconds: number): RenderedRequest;
  renderDelete(name: string): RenderedRequest;
  parseResponse(body: unknown): CachedContent;
  /** A client's request to create one. Throws `invalid_request`. */
  parseCreate(input: ClientRequest): ParsedRequest;
}

const KEPT_FIELDS = ["systemInstruction", "contents", "tools", "toolConfig"] as const;
/** Fields of an object that no request for an answer has. */
const OWN_FIELDS = new Set(["ttl", "expireTime", "displayName", "name", "model", "kmsKeyName", "encryptionSpec"]);

export function createCachedContentsCodec(quirks: GeminiQuirks = {}): CachedContentsCodec {
  const resolved = resolveQuirks(quirks);
  return {
    renderCreate(request, context, { model, timeToLiveSeconds }) {
      const { body, warnings } = renderBody(request, context, resolved);
      const kept: Record<string, JsonObject[string]> = { model, ttl: duration(timeToLiveSeconds) };
      for (const field of KEPT_FIELDS) {
        const value = body[field];
        if (value !== undefined && !(Array.isArray(value) && value.length === 0)) kept[field] = value;
      }
      return { method: "POST", path: "/cachedContents", headers: {}, body: kept, warnings };
    },
    renderGet: (name) => bare("GET", name),
    renderExtend: (name, timeToLiveSeconds) => {
      const { path, ...rest } = bare("PATCH", name);
      return { ...rest, path: `${path}?updateMask=ttl`, body: { ttl: duration(timeToLiveSeconds) } };
    },
    renderDelete: (name) => bare("DELETE", name),
    parseResponse,
    parseCreate(input) {
      const body = camelFields(readBody(input.body));
      const model = readString(body.model, "model").replace(/^(?:.*\/)?models\//, "");
      const content = Object.fromEntries(Object.entries(body).filter(([field]) => !OWN_FIELDS.has(field)));
      // A system instruction or tools alone are worth keeping too.
      const parsed = parseBody({ contents: [], ...content }, model, resolved);
      return { ...parsed, stream: false, client: { model, echo: {} } };
    },
  };
}

/** The last segment names the object; what stands before it is in the base URL already. */
function bare(method: RenderedRequest["method"], name: string): RenderedRequest {
  const id = encodeURIComponent(name.slice(name.lastIndexOf("/") + 1));
  return { method, path: `/cachedContents/${id}`, headers: {}, warnings: [] };
}

/** As proto's JSON has it: seconds with an `s`. */
function duration(seconds: number): string {
  return `${seconds}s`;
}

function parseResponse(body: unknown): CachedContent {
  const object = isJsonObject(body) ? camelFields(body) : {};
  const { name, model, expireTime, usageMetadata } = object;
  if (typeof name !== "string" || name === "") {
    throw new DragomanError({ code: "invalid_response", detail: "the cached content has no name" });
  }
  const tokens = isJsonObject(usageMetadata) ? camelFields(usageMetadata).totalTokenCount : undefined;
  const expiresAt = typeof expireTime === "string" ? Date.parse(expireTime) : Number.NaN;
  return {
    name,
    ...(typeof model === "string" ? { model } : {}),
    ...(typeof tokens === "number" ? { tokens } : {}),
    ...(Number.isFinite(expiresAt) ? { expiresAt } : {}),
  };
}
