/** `cache_control` marks for vendors that pass them on to Anthropic and Gemini (OpenRouter): on the last part of what is stable. */
import type { CacheDirective } from "../../cache.ts";
import type { JsonObject, JsonValue } from "../../json.ts";
import type { Rendering } from "./rendering.ts";

/** Anthropic takes four. */
const MARKS_MAX = 4;

export function markCachedMessages(rendering: Rendering, messages: readonly JsonObject[]): readonly JsonObject[] {
  const { request, quirks } = rendering;
  if (quirks.cache !== "cache_control" || request.cache === undefined) return messages;
  const marked = [...messages];
  for (const [index, directive] of request.cache.entries()) {
    const place = index < MARKS_MAX ? placeOf(directive, messages) : -1;
    const message = marked[place];
    const withMark = message === undefined ? undefined : mark(message, directive);
    if (withMark === undefined) {
      const detail = "there is no text to mark, or there are more than four marks; it was left out";
      rendering.warnings.push({ type: "unsupported", path: `cache[${index}]`, detail });
    } else {
      marked[place] = withMark;
    }
  }
  return marked;
}

/** The vendor's prompt begins with tools, then system; a mark on the system part keeps both. */
function placeOf(directive: CacheDirective, messages: readonly JsonObject[]): number {
  if (typeof directive.stable === "object") return Math.min(directive.stable.messages, messages.length) - 1;
  return messages.findLastIndex((message) => message.role === "system" || message.role === "developer");
}

function mark(message: JsonObject, directive: CacheDirective): JsonObject | undefined {
  const { content } = message;
  const parts: readonly JsonValue[] =
    typeof content === "string" && content !== "" ? [{ type: "text", text: content }] : listOf(content);
  const last = parts.at(-1);
  if (typeof last !== "object" || last === null || Array.isArray(last)) return undefined;
  const control: JsonObject = directive.timeToLive === "1h" ? { type: "ephemeral", ttl: "1h" } : { type: "ephemeral" };
  return { ...message, content: [...parts.slice(0, -1), { ...last, cache_control: control }] };
}

function listOf(content: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(content) ? content : [];
}
