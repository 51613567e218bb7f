/**
 * Cache directives as `cachePoint` blocks, at most four a request: each says that everything before it is worth keeping.
 * Reading takes every point off again, for a directive can say all that one says.
 */
import type { CacheDirective } from "../../cache.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { CacheSection } from "./families.ts";
import { lossy, type Rendering, unsupported } from "./rendering.ts";

const POINTS_MAX = 4;

/** The blocks after which points are set. */
export interface CacheableBlocks {
  readonly tools: JsonObject[];
  /** The blocks of each canonical message, by its index; of system messages too. */
  readonly byMessage: readonly JsonObject[][];
  /** Index of the first message that is not part of the system prompt. */
  readonly systemEnd: number;
}

interface Point {
  readonly blocks: JsonObject[];
  readonly block: JsonObject;
  readonly path: string;
  /** Place in the prompt, for the choice of what goes when there are too many. */
  readonly order: number;
}

export function placeCachePoints(rendering: Rendering, cacheable: CacheableBlocks): void {
  const directives = rendering.request.cache ?? [];
  const points = directives.flatMap((directive, index) => pointFor(rendering, directive, `cache[${index}]`, cacheable));
  for (const { blocks, block } of withinLimit(rendering, withoutRepeated(points))) blocks.push(block);
}

function pointFor(rendering: Rendering, directive: CacheDirective, path: string, cacheable: CacheableBlocks): readonly Point[] {
  const { model } = rendering.request;
  if (directive.key !== undefined) unsupported(rendering, `${path}.key`, "Bedrock routes by content; the key was left out");
  if (isUncached(rendering)) {
    unsupported(rendering, path, `${model} takes no cache points; the directive was left out`);
    return [];
  }
  const place = placeFor(rendering, directive.stable, path, cacheable);
  if (place === undefined) {
    unsupported(rendering, path, "the prompt has nothing there that could be cached");
    return [];
  }
  if (!rendering.family.cachePoints.includes(place.section)) {
    unsupported(rendering, path, `${model} takes no cache point after its ${place.section}; the directive was left out`);
    return [];
  }
  const ttl = timeToLive(rendering, directive, path);
  const block = { cachePoint: { type: "default", ...(ttl === undefined ? {} : { ttl }) } };
  return [{ blocks: place.blocks, order: place.order, block, path }];
}

function isUncached({ family, capabilities }: Rendering): boolean {
  return family.cachePoints.length === 0 || capabilities.promptCache.answer === "no";
}

interface Place {
  readonly section: CacheSection;
  readonly blocks: JsonObject[];
  readonly order: number;
}

/** A message without blocks leaves the point to the one before it. */
function placeFor(
  rendering: Rendering,
  stable: CacheDirective["stable"],
  path: string,
  { tools, byMessage, systemEnd }: CacheableBlocks,
): Place | undefined {
  if (stable === "tools") return tools.length === 0 ? undefined : { section: "tools", blocks: tools, order: -1 };
  const asked = stable === "system" ? systemEnd : stable.messages;
  if (asked > byMessage.length) {
    const detail = `there are ${byMessage.length} messages, not ${asked}; the last was marked`;
    rendering.warnings.push({ type: "other", path, detail });
  }
  for (let index = Math.min(asked, byMessage.length) - 1; index >= 0; index--) {
    const blocks = byMessage[index] ?? [];
    if (blocks.length > 0) return { section: index < systemEnd ? "system" : "messages", blocks, order: index };
  }
  return undefined;
}

function timeToLive(rendering: Rendering, { timeToLive: asked }: CacheDirective, path: string): string | undefined {
  if (asked !== "24h") return asked;
  lossy(rendering, `${path}.timeToLive`, "Bedrock keeps a prompt for one hour at most; 1h was sent");
  return "1h";
}

/** Two points in one place become one, the later. In prompt order. */
function withoutRepeated(points: readonly Point[]): readonly Point[] {
  return [...new Map(points.map((point) => [point.blocks, point])).values()].sort((one, other) => one.order - other.order);
}

/** Too many: those in the middle go, for the newest reach furthest, and the oldest outlive a talk. */
function withinLimit(rendering: Rendering, points: readonly Point[]): readonly Point[] {
  const excess = points.length - POINTS_MAX;
  if (excess <= 0) return points;
  const dropped = new Set(points.slice(2, 2 + excess));
  for (const { path } of dropped) {
    unsupported(rendering, path, `a request has at most ${POINTS_MAX} cache points; this one was left out`);
  }
  return points.filter((point) => !dropped.has(point));
}

// From a client

/** The directive for a point that a client set, or undefined for a block that is none. */
export function directiveFor(block: JsonObject, stable: CacheDirective["stable"]): CacheDirective | undefined {
  const point = block.cachePoint;
  if (!isJsonObject(point)) return undefined;
  const ttl = lifeOf(point.ttl);
  return ttl === undefined ? { stable } : { stable, timeToLive: ttl };
}

function lifeOf(ttl: JsonValue | undefined): "5m" | "1h" | undefined {
  return ttl === "5m" || ttl === "1h" ? ttl : undefined;
}
