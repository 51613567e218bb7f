/**
 * `cachedContents`: the beginning of a prompt kept at Google under a name. Sources: ai.google.dev/api/caching, and recorded
 * answers. Time here does not pass: an object is gone once it is deleted.
 */
import type { JsonObject, JsonValue } from "../../../json.ts";
import { countTokens } from "../brain.ts";
import { listOf, objectOf, objectsOf, stringOf } from "../json-reading.ts";
import { type FakeRequest, jsonReply } from "../reply.ts";
import type { Route } from "../vendor-definition.ts";
import type { FakeWorld } from "../world.ts";
import { geminiError } from "./gemini-error.ts";

/** The fewest tokens that are kept. Source: the service's own refusal. */
const TOKENS_MIN = 1024;
const CREATED = "2026-01-01T00:00:00Z";

interface Kept {
  readonly name: string;
  readonly content: JsonObject;
  readonly tokens: number;
  readonly expireTime: string;
}

const STORES = new WeakMap<FakeWorld, Map<string, Kept>>();

function storeOf(world: FakeWorld): Map<string, Kept> {
  const store = STORES.get(world) ?? new Map();
  STORES.set(world, store);
  return store;
}

/** The four routes, below a path as `/v1beta`. `resource` is what stands before `cachedContents/` in a name. */
export function cachedContentRoutes(prefix: string, resourceOf: (path: string) => string): readonly Route[] {
  const all = new RegExp(`^${prefix}/cachedContents$`);
  const one = new RegExp(`^${prefix}/cachedContents/([^/]+)$`);
  return [
    {
      method: "POST",
      path: all,
      handle: (request, world) => ({ reply: jsonReply(200, create(request, world, resourceOf(request.path))) }),
    },
    {
      method: "GET",
      path: one,
      handle: (request, world) => ({ reply: jsonReply(200, rowOf(find(nameIn(request, resourceOf), world))) }),
    },
    { method: "PATCH", path: one, handle: (request, world) => ({ reply: jsonReply(200, extend(request, world, resourceOf)) }) },
    {
      method: "DELETE",
      path: one,
      handle: (request, world) => {
        storeOf(world).delete(find(nameIn(request, resourceOf), world).name);
        return { reply: jsonReply(200, {}) };
      },
    },
  ];
}

function nameIn(request: FakeRequest, resourceOf: (path: string) => string): string {
  return `${resourceOf(request.path)}cachedContents/${request.path.slice(request.path.lastIndexOf("/") + 1)}`;
}

function create({ body }: FakeRequest, world: FakeWorld, resource: string): JsonObject {
  const { ttl, expireTime: _expiry, displayName: _name, ...content } = body;
  const model = stringOf(content.model);
  if (!model.startsWith(`${resource === "" ? "" : `${resource}publishers/google/`}models/`)) {
    throw geminiError(`Invalid model name: ${model}`);
  }
  const tokens = countTokens(textsOf(content));
  if (tokens < TOKENS_MIN) {
    throw geminiError(`Cached content is too small. total_token_count=${tokens}, min_total_token_count=${TOKENS_MIN}`);
  }
  const name = `${resource}cachedContents/${world.id("", 40).toLowerCase()}`;
  const kept = { name, content, tokens, expireTime: expiryAfter(ttl) };
  storeOf(world).set(name, kept);
  return rowOf(kept);
}

function extend(request: FakeRequest, world: FakeWorld, resourceOf: (path: string) => string): JsonObject {
  const kept = find(nameIn(request, resourceOf), world);
  const changed = Object.keys(request.body);
  if (changed.some((field) => field !== "ttl" && field !== "expireTime")) {
    throw geminiError("Only expiration time can be updated.");
  }
  const extended = { ...kept, expireTime: expiryAfter(request.body.ttl) };
  storeOf(world).set(kept.name, extended);
  return rowOf(extended);
}

function expiryAfter(ttl: JsonValue | undefined): string {
  const seconds = Number(/^(\d+(?:\.\d+)?)s$/.exec(stringOf(ttl))?.[1] ?? "3600");
  return new Date(Date.parse(CREATED) + seconds * 1000).toISOString();
}

function rowOf({ name, content, tokens, expireTime }: Kept): JsonObject {
  const times = { createTime: CREATED, updateTime: CREATED, expireTime };
  return { name, model: content.model, ...times, displayName: "", usageMetadata: { totalTokenCount: tokens } };
}

function find(name: string, world: FakeWorld): Kept {
  const kept = storeOf(world).get(name);
  if (kept !== undefined) return kept;
  // Each door has its own words for it.
  if (name.startsWith("projects/"))
    throw geminiError(`Not found: cached content metadata for ${name.slice(name.lastIndexOf("/") + 1)}.`, 404);
  throw geminiError("CachedContent not found (or permission denied)", 403);
}

function textsOf(content: JsonObject): readonly string[] {
  const turns = [objectOf(content.systemInstruction), ...objectsOf(content.contents)];
  const parts = turns.flatMap((turn) => objectsOf(turn.parts)).map((part) => stringOf(part.text) || JSON.stringify(part));
  return [...objectsOf(content.tools).map((tool) => JSON.stringify(tool)), ...parts];
}

const BESIDE = ["systemInstruction", "tools", "toolConfig"] as const;

/** The request with what its cached content holds, and how many of its tokens that is. */
export function withCachedContent(
  body: JsonObject,
  model: string,
  world: FakeWorld,
): { readonly body: JsonObject; readonly cachedTokens: number } {
  const name = stringOf(body.cachedContent);
  if (name === "") return { body, cachedTokens: 0 };
  const { content, tokens } = find(name, world);
  if (BESIDE.some((field) => body[field] !== undefined)) {
    throw geminiError(
      "CachedContent can not be used with GenerateContent request setting system_instruction, tools or tool_config.\n\nProposed fix: move those values to CachedContent from GenerateContent request.",
    );
  }
  if (!stringOf(content.model).endsWith(`models/${model}`)) {
    throw geminiError(
      `Model used by GenerateContent request (models/${model}) and CachedContent (${stringOf(content.model)}) has to be the same.`,
    );
  }
  const { model: _model, contents, ...rest } = content;
  return { body: { ...rest, ...body, contents: [...listOf(contents), ...listOf(body.contents)] }, cachedTokens: tokens };
}
