/**
 * Cache directives as `cache_control` marks, at most four a request. A mark on a block says: everything up to here, in the
 * order tools, system, messages, is worth keeping. Thinking blocks, empty text and deferred tools cannot carry one, so the
 * mark goes to the last block of its section that can.
 *
 * Reading takes the mark off the block where a directive says the same; a mark elsewhere stays on the part as vendor data.
 */
import type { CacheDirective } from "../../cache.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { Warning } from "../../warning.ts";
import type { RenderState } from "./render-state.ts";
import type { WireBlock, WireCacheControl } from "./wire.ts";

const BREAKPOINTS_MAX = 4;

function isCacheable(block: JsonObject): boolean {
  if (block.type === "thinking" || block.type === "redacted_thinking") return false;
  if (block.type === "text" && block.text === "") return false;
  return block.defer_loading !== true;
}

// To the vendor

export interface MarkableBlocks {
  readonly tools: readonly WireBlock[];
  readonly system: readonly WireBlock[];
  /** The blocks of each canonical message, by its index; of system messages too. */
  readonly byMessage: readonly (readonly WireBlock[])[];
  /** Marks that the vendor sets by itself: one where the body has a `cache_control` of its own. */
  readonly automatic: number;
}

interface Mark {
  readonly block: WireBlock;
  readonly control: WireCacheControl;
  readonly path: string;
  /** Place in the prompt, for the choice of what goes when there are too many. */
  readonly order: number;
}

export function placeBreakpoints(directives: readonly CacheDirective[], blocks: MarkableBlocks, state: RenderState): void {
  if (directives.length === 0) return;
  if (state.quirks.cacheControl === false) {
    state.warnings.push(unsupported("cache", "this server has no cache breakpoints; the directives were left out"));
    return;
  }
  const marks = mergeMarks(directives.flatMap((directive, index) => markFor(directive, index, blocks, state.warnings)));
  const room = BREAKPOINTS_MAX - blocks.automatic - countMarks([...blocks.tools, ...blocks.system, ...blocks.byMessage.flat()]);
  for (const mark of withinLimit(marks, room, state.warnings)) mark.block.cache_control = mark.control;
}

function markFor(directive: CacheDirective, index: number, blocks: MarkableBlocks, warnings: Warning[]): Mark[] {
  const path = `cache[${index}]`;
  if (directive.key !== undefined) warnings.push(unsupported(`${path}.key`, "Anthropic routes by content; the key was left out"));
  const found = blockFor(directive.stable, path, blocks, warnings);
  if (found === undefined) {
    warnings.push(unsupported(path, "the prompt has nothing there that could be cached"));
    return [];
  }
  return [{ ...found, control: controlFor(directive, path, warnings), path }];
}

function blockFor(
  stable: CacheDirective["stable"],
  path: string,
  blocks: MarkableBlocks,
  warnings: Warning[],
): Pick<Mark, "block" | "order"> | undefined {
  if (stable === "tools" || stable === "system") {
    const block = blocks[stable].findLast(isCacheable);
    return block === undefined ? undefined : { block, order: stable === "tools" ? -2 : -1 };
  }
  const { byMessage } = blocks;
  if (stable.messages > byMessage.length) {
    warnings.push({
      type: "other",
      path,
      detail: `there are ${byMessage.length} messages, not ${stable.messages}; the last was marked`,
    });
  }
  // A message without a block to mark leaves the mark to the one before it.
  for (let index = Math.min(stable.messages, byMessage.length) - 1; index >= 0; index--) {
    const block = byMessage[index]?.findLast(isCacheable);
    if (block !== undefined) return { block, order: blocks.system.includes(block) ? -1 : index };
  }
  return undefined;
}

function controlFor(directive: CacheDirective, path: string, warnings: Warning[]): WireCacheControl {
  const { timeToLive } = directive;
  if (timeToLive === undefined) return { type: "ephemeral" };
  if (timeToLive !== "24h") return { type: "ephemeral", ttl: timeToLive };
  warnings.push({
    type: "lossy",
    path: `${path}.timeToLive`,
    detail: "Anthropic keeps a prompt for one hour at most; 1h was sent",
  });
  return { type: "ephemeral", ttl: "1h" };
}

/** Two directives for one block become one mark, of the longer life. In prompt order. */
function mergeMarks(marks: readonly Mark[]): Mark[] {
  const byBlock = new Map<WireBlock, Mark>();
  for (const mark of marks) {
    const known = byBlock.get(mark.block);
    if (known === undefined || mark.control.ttl === "1h") byBlock.set(mark.block, mark);
  }
  return [...byBlock.values()].filter((mark) => mark.block.cache_control === undefined).sort((a, b) => a.order - b.order);
}

/** Too many marks: those on the oldest messages go, for the newest reach furthest, and tools and system outlive a talk. */
function withinLimit(marks: readonly Mark[], room: number, warnings: Warning[]): readonly Mark[] {
  const excess = marks.length - Math.max(0, room);
  if (excess <= 0) return marks;
  const dropped = [...marks].sort((a, b) => dropRank(a) - dropRank(b)).slice(0, excess);
  for (const { path } of dropped) {
    warnings.push(unsupported(path, `a request has at most ${BREAKPOINTS_MAX} cache breakpoints; this one was left out`));
  }
  return marks.filter((mark) => !dropped.includes(mark));
}

function dropRank(mark: Mark): number {
  return mark.order < 0 ? Number.MAX_SAFE_INTEGER + mark.order : mark.order;
}

function countMarks(blocks: readonly JsonObject[]): number {
  let count = 0;
  for (const block of blocks) {
    if (block.cache_control !== undefined) count += 1;
    if (Array.isArray(block.content)) count += countMarks(block.content.filter(isJsonObject));
  }
  return count;
}

// From a client

export interface TakenBreakpoint {
  readonly blocks: readonly JsonObject[];
  readonly directive?: CacheDirective;
}

/** Takes the mark off the last block that can carry one, where it says what a directive can say. */
export function takeBreakpoint(blocks: readonly JsonObject[], stable: CacheDirective["stable"]): TakenBreakpoint {
  const index = blocks.findLastIndex(isCacheable);
  const block = blocks[index];
  const directive = block === undefined ? undefined : directiveFor(block.cache_control, stable);
  if (block === undefined || directive === undefined) return { blocks };
  const { cache_control: _taken, ...rest } = block;
  return { blocks: blocks.with(index, rest), directive };
}

function directiveFor(control: JsonValue | undefined, stable: CacheDirective["stable"]): CacheDirective | undefined {
  if (!isJsonObject(control) || control.type !== "ephemeral") return undefined;
  const { type: _type, ttl, ...others } = control;
  if (Object.keys(others).length > 0) return undefined;
  if (ttl === undefined || ttl === null) return { stable };
  return ttl === "5m" || ttl === "1h" ? { stable, timeToLive: ttl } : undefined;
}

function unsupported(path: string, detail: string): Warning {
  return { type: "unsupported", path, detail };
}
