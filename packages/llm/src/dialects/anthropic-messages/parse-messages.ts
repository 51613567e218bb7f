/** A client's `system` and `messages` as canonical messages, with the cache directives that their marks amount to. */
import type { CacheDirective } from "../../cache.ts";
import type { JsonObject } from "../../json.ts";
import type { AssistantPart, Message, TextPart } from "../../message.ts";
import type { Warning } from "../../warning.ts";
import { otherFields, readArray, readObject, readOneOf } from "../wire-reader.ts";
import { takeBreakpoint } from "./cache-breakpoints.ts";
import { checkBlock, readBlocks } from "./check-block.ts";
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
  if (system !== undefined && system !== null) readSystem(system, reading);
  for (const [index, message] of readArray(messages, "messages").entries()) {
    readMessage(readObject(message, `messages[${index}]`), `messages[${index}]`, reading);
  }
  return reading;
}

function readSystem(system: unknown, reading: Reading): void {
  const blocks = checked(readBlocks(system, "system"), "system", "system", reading);
  const { blocks: rest, directive } = takeBreakpoint(blocks, "system");
  if (directive !== undefined) reading.cache.push(directive);
  if (rest.length > 0) reading.messages.push({ role: "system", parts: rest.map(systemPart) });
}

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
      detail: "Anthropic does not define it; it was left out",
    });
  }
  const blocks = checked(readBlocks(message.content, `${path}.content`), role, `${path}.content`, reading);
  if (role === "user") readUserTurn(blocks, reading);
  else {
    const rest = takeMessageBreakpoint(blocks, reading);
    if (role === "assistant") readAssistantTurn(rest, reading);
    else reading.messages.push({ role, parts: rest.map(systemPart) });
  }
}

function checked(
  blocks: readonly JsonObject[],
  role: "user" | "assistant" | "system",
  path: string,
  reading: Reading,
): readonly JsonObject[] {
  for (const [index, block] of blocks.entries()) {
    const unknown = checkBlock(block, role, `${path}[${index}]`);
    if (unknown === undefined) continue;
    const detail = `Anthropic defines no ${unknown} block; it was passed on unread`;
    reading.warnings.push({ type: "unknown-field", path: `${path}[${index}]`, detail });
  }
  return blocks;
}

/** A mark on the last block of the message that is about to be added. */
function takeMessageBreakpoint(blocks: readonly JsonObject[], reading: Reading): readonly JsonObject[] {
  const taken = takeBreakpoint(blocks, { messages: reading.messages.length + 1 });
  if (taken.directive !== undefined) reading.cache.push(taken.directive);
  return taken.blocks;
}

/** A user's turn holds results of tools and the user's own words; here those are messages of their own, in order. */
function readUserTurn(blocks: readonly JsonObject[], reading: Reading): void {
  if (blocks.length === 0) reading.messages.push({ role: "user", parts: [] });
  let start = 0;
  while (start < blocks.length) {
    const isResult = blocks[start]?.type === "tool_result";
    let end = start + 1;
    while (end < blocks.length && (blocks[end]?.type === "tool_result") === isResult) end += 1;
    const run = takeMessageBreakpoint(blocks.slice(start, end), reading);
    if (isResult)
      reading.messages.push({ role: "tool", parts: run.map((block) => parseToolResult(block, toolNameFor(block, reading))) });
    else reading.messages.push({ role: "user", parts: run.map(parseUserBlock) });
    start = end;
  }
}

function toolNameFor(block: JsonObject, reading: Reading): string | undefined {
  return typeof block.tool_use_id === "string" ? reading.toolNames.get(block.tool_use_id) : undefined;
}

function readAssistantTurn(blocks: readonly JsonObject[], reading: Reading): void {
  const parts: AssistantPart[] = [];
  for (const block of blocks) parseAssistantBlock(block, parts);
  for (const part of parts) if (part.type === "tool-call") reading.toolNames.set(part.id, part.name);
  reading.messages.push({ role: "assistant", parts });
}
