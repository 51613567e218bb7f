/** A client's `system` and `messages` as canonical messages, with the cache directives that their points amount to. */
import type { CacheDirective } from "../../cache.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import type { AssistantPart, Message, SystemMessage, TextPart } from "../../message.ts";
import type { Warning } from "../../warning.ts";
import { optional, otherFields, readArray, readObject, readOneOf } from "../wire-reader.ts";
import { directiveFor } from "./cache-points.ts";
import { checkBlock } from "./check-block.ts";
import { parseAssistantBlock, parseToolResult, parseUserBlock } from "./parse-blocks.ts";

export interface ParsedMessages {
  readonly messages: readonly Message[];
  readonly cache: readonly CacheDirective[];
  readonly warnings: readonly Warning[];
}

interface Reading {
  readonly messages: Message[];
  readonly cache: CacheDirective[];
  readonly warnings: Warning[];
  /** Names of the tools called so far, by the call's id: results do not repeat them. */
  readonly toolNames: Map<string, string>;
}

export function parseMessages(system: unknown, messages: unknown): ParsedMessages {
  const reading: Reading = { messages: [], cache: [], warnings: [], toolNames: new Map() };
  readSystem(readBlocks(optional(system, "system", readArray) ?? [], "system", reading), reading);
  for (const [index, message] of readArray(messages, "messages").entries()) {
    readMessage(readObject(message, `messages[${index}]`), `messages[${index}]`, reading);
  }
  return reading;
}

function readBlocks(list: readonly unknown[], path: string, reading: Reading): readonly JsonObject[] {
  return list.map((item, index) => {
    const block = readObject(item, `${path}[${index}]`);
    const unknown = checkBlock(block, `${path}[${index}]`);
    if (unknown !== undefined) {
      const detail = `Bedrock defines no ${unknown} block; it was passed on unread`;
      reading.warnings.push({ type: "unknown-field", path: `${path}[${index}].${unknown}`, detail });
    }
    return block;
  });
}

/** The last point of all is the section's; one before it ends a message of its own. */
function readSystem(blocks: readonly JsonObject[], reading: Reading): void {
  const runs = runsOf(blocks, () => "system");
  for (const [index, run] of runs.entries()) {
    if (run.blocks.length > 0)
      reading.messages.push({ role: "system", parts: run.blocks.map(systemPart) } satisfies SystemMessage);
    const isLast = index === runs.length - 1;
    addPoint(run, isLast ? "system" : { messages: reading.messages.length }, reading);
  }
}

/** A block of the system prompt that is no text goes as its JSON: there is nothing else that a system message holds. */
function systemPart(block: JsonObject): TextPart {
  const part = parseUserBlock(block);
  return part.type === "text" ? part : { type: "text", text: JSON.stringify(block) };
}

const MESSAGE_FIELDS: ReadonlySet<string> = new Set(["role", "content"]);

function readMessage(message: JsonObject, path: string, reading: Reading): void {
  const role = readOneOf(message.role, ["user", "assistant", "system"], `${path}.role`);
  for (const field of Object.keys(otherFields(message, MESSAGE_FIELDS) ?? {})) {
    reading.warnings.push({
      type: "unknown-field",
      path: `${path}.${field}`,
      detail: "Bedrock does not define it; it was left out",
    });
  }
  const blocks = readBlocks(readArray(message.content, `${path}.content`), `${path}.content`, reading);
  if (blocks.length === 0) reading.messages.push({ role, parts: [] });
  const kindOf = role === "user" ? (block: JsonObject) => (isJsonObject(block.toolResult) ? "tool" : "user") : () => role;
  for (const run of runsOf(blocks, kindOf)) {
    if (run.blocks.length > 0) reading.messages.push(messageOf(run, reading));
    addPoint(run, { messages: reading.messages.length }, reading);
  }
}

type Kind = "system" | "user" | "assistant" | "tool";

/** Neighbouring blocks that make one canonical message: of one kind, up to a cache point. */
interface Run {
  readonly kind: Kind;
  readonly blocks: JsonObject[];
  point?: JsonObject;
}

function runsOf(blocks: readonly JsonObject[], kindOf: (block: JsonObject) => Kind): readonly Run[] {
  const runs: Run[] = [];
  for (const block of blocks) {
    const last = runs.at(-1);
    if (isJsonObject(block.cachePoint)) {
      if (last !== undefined && last.point === undefined) last.point = block;
      else runs.push({ kind: kindOf(block), blocks: [], point: block });
      continue;
    }
    const kind = kindOf(block);
    if (last?.kind === kind && last.point === undefined) last.blocks.push(block);
    else runs.push({ kind, blocks: [block] });
  }
  return runs;
}

function addPoint({ point, blocks }: Run, stable: CacheDirective["stable"], reading: Reading): void {
  if (point === undefined) return;
  const directive = directiveFor(point, stable);
  if (directive !== undefined && blocks.length > 0) reading.cache.push(directive);
  else reading.warnings.push({ type: "other", path: "cache", detail: "a cache point with nothing before it was left out" });
}

function messageOf({ kind, blocks }: Run, reading: Reading): Message {
  switch (kind) {
    case "system":
      return { role: kind, parts: blocks.map(systemPart) };
    case "user":
      return { role: kind, parts: blocks.map(parseUserBlock) };
    case "assistant":
      return { role: kind, parts: assistantParts(blocks, reading) };
    case "tool":
      return { role: kind, parts: blocks.map((block) => toolResult(block, reading)) };
  }
}

function assistantParts(blocks: readonly JsonObject[], reading: Reading): readonly AssistantPart[] {
  const parts = blocks.flatMap(parseAssistantBlock);
  for (const part of parts) if (part.type === "tool-call") reading.toolNames.set(part.id, part.name);
  return parts;
}

function toolResult(block: JsonObject, { toolNames }: Reading) {
  const result = isJsonObject(block.toolResult) ? block.toolResult : {};
  return parseToolResult(result, typeof result.toolUseId === "string" ? toolNames.get(result.toolUseId) : undefined);
}
