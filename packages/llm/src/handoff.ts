/**
 * A conversation begun with one maker, made ready for another. A pure pass over the messages, in four steps:
 *
 * 1. vendor data: what only its maker can read is kept for that maker and taken off for anybody else;
 * 2. reasoning: kept where it can be replayed; of another maker, it becomes text in the turn that is still open (the model
 *    needs the plan that it is in the middle of) and is dropped from finished turns;
 * 3. tool calls: ids that the target refuses, or that stand for two calls, are mapped, call and result alike; a call without its result gets one that
 *    says so; a result without its call becomes text; results stand directly after their calls;
 * 4. media: what the target cannot take is replaced by a line that names it.
 *
 * Everything done is in the report. Nothing to do gives back the very same messages and an empty report; where there is nothing but
 * text, that is seen at a glance.
 */
import type { Capabilities } from "./capabilities.ts";
import type { DialectConstraints } from "./dialect.ts";
import { createIdMapping } from "./handoff/tool-call-ids.ts";
import { repairToolCalls } from "./handoff/tool-call-order.ts";
import { withUniqueCallIds } from "./handoff/unique-call-ids.ts";
import type {
  AssistantMessage,
  AssistantPart,
  Message,
  Origin,
  ReasoningPart,
  ToolMessage,
  ToolResultContent,
  UserMessage,
  UserPart,
  VendorData,
} from "./message.ts";
import type { Warning } from "./warning.ts";

/** Who is to read the history. */
export interface HandoffTarget {
  readonly dialect: string;
  readonly provider: string;
  readonly backend?: string | undefined;
  readonly model: string;
  readonly constraints: DialectConstraints;
  readonly capabilities: Capabilities;
  /** The vendor goes on with a history that it keeps: a result whose call is there stays a result. Default false. */
  readonly keepsHistory?: boolean;
}

/** One thing that was done to a history. */
export interface HandoffItem {
  /** What became of it. `repaired`: the history was put in order. */
  readonly action: "as-text" | "dropped" | "mapped" | "repaired";
  readonly subject: "reasoning" | "vendor-data" | "tool-call-id" | "tool-call" | "tool-result" | "media" | "opaque" | "source";
  /** Index of the message in the history that was handed in. */
  readonly message: number;
  readonly detail: string;
}

/** A history that the target can read, and what was done to it. */
export interface HandoffResult {
  readonly messages: readonly Message[];
  readonly report: readonly HandoffItem[];
}

/** Readies a history that several models made for one of them. Pure; every provider does it before a call. */
export function handoff(messages: readonly Message[], target: HandoffTarget): HandoffResult {
  if (messages.every(isPlain)) return { messages, report: [] };
  const report: HandoffItem[] = [];
  const openTurnStart = lastUserMessage(messages);
  const ids = createIdMapping(target.constraints.toolCallId);
  let changed = false;

  const distinct = withUniqueCallIds(messages, ({ origin }) => origin !== undefined && isOwn(origin, target), report);
  if (report.length > 0) changed = true;
  const finished = { target, report, ids, inOpenTurn: false };
  const open = { ...finished, inOpenTurn: true };
  const adapted = distinct.map((message, index) => {
    const result = adaptMessage(message, index, index > openTurnStart ? open : finished);
    if (result !== message) changed = true;
    return result;
  });
  const repaired = repairToolCalls(adapted, report, target.keepsHistory === true);
  const result = repaired ?? (changed ? adapted : messages);
  return { messages: result, report };
}

/** Words, which everybody can read: most messages are nothing else. */
function isPlain({ role, parts, vendor }: Message): boolean {
  if (role === "tool" || (role === "assistant" && vendor !== undefined)) return false;
  for (const part of parts) {
    if (part.type !== "text" || (role === "assistant" && part.vendor !== undefined)) return false;
  }
  return true;
}

/** What came of another maker, or had to be made different for this one. The order of calls and results, and media, are the caller's own. */
const OF_ANOTHER: ReadonlySet<HandoffItem["subject"]> = new Set(["reasoning", "vendor-data", "tool-call-id", "opaque", "source"]);

/** Whether the history holds what the target cannot have made, as far as can be told. */
export function isOfAnother({ report }: HandoffResult): boolean {
  return report.some(({ subject }) => OF_ANOTHER.has(subject));
}

/** The report in the form in which it goes out with the completion. */
export function handoffWarnings(report: readonly HandoffItem[]): readonly Warning[] {
  return report.map((item) => ({
    type: "handoff",
    path: `messages[${item.message}]`,
    detail: `${item.subject} ${item.action}: ${item.detail}`,
  }));
}

interface Adaptation {
  readonly target: HandoffTarget;
  readonly report: HandoffItem[];
  readonly ids: (id: string) => string;
  readonly inOpenTurn: boolean;
}

function adaptMessage(message: Message, index: number, context: Adaptation): Message {
  switch (message.role) {
    case "system":
      return message;
    case "user":
      return adaptUser(message, index, context);
    case "assistant":
      return adaptAssistant(message, index, context);
    case "tool":
      return adaptTool(message, index, context);
  }
}

// Assistant messages

/** Whether the target may read what hangs on this message's parts. A message without origin is trusted to its dialect. */
function isOwn(origin: Origin | undefined, target: HandoffTarget): boolean {
  if (origin === undefined) return true;
  return origin.dialect === target.dialect && origin.provider === target.provider && origin.backend === target.backend;
}

function adaptAssistant(message: AssistantMessage, index: number, context: Adaptation): AssistantMessage {
  const own = isOwn(message.origin, context.target);
  // Made at the first change: most messages have none.
  let parts: AssistantPart[] | undefined;
  let at = 0;
  for (const part of message.parts) {
    const adapted = adaptAssistantPart(part, message, own, index, context);
    if (adapted !== part) parts ??= message.parts.slice(0, at);
    if (adapted !== undefined) parts?.push(adapted);
    at++;
  }
  const { vendor: said } = message;
  const vendor = ownVendorData(said, own, context.target.dialect);
  if (parts === undefined && vendor === said) return message;
  const { vendor: _vendor, ...rest } = message;
  const adapted = { ...rest, parts: parts ?? message.parts, ...(vendor === undefined ? {} : { vendor }) };
  reportLostVendorData(message, adapted, index, context);
  return adapted;
}

/** One line a message for the ids and signatures that stay behind; reasoning has its own. */
function reportLostVendorData(message: AssistantMessage, kept: AssistantMessage, index: number, context: Adaptation): void {
  const dialectsOf = ({ parts, vendor }: AssistantMessage): readonly string[] => [
    ...Object.keys(vendor ?? {}),
    ...parts.flatMap((part) => (part.type === "reasoning" || part.type === "opaque" ? [] : Object.keys(part.vendor ?? {}))),
  ];
  const staying = new Set(dialectsOf(kept));
  const lost = new Set(dialectsOf(message).filter((dialect) => !staying.has(dialect)));
  for (const dialect of lost) report(context, "dropped", "vendor-data", index, `ids, signatures and citations of ${dialect}`);
}

function adaptAssistantPart(
  part: AssistantPart,
  message: AssistantMessage,
  own: boolean,
  index: number,
  context: Adaptation,
): AssistantPart | undefined {
  switch (part.type) {
    case "reasoning":
      return adaptReasoning(part, own && isReplayable(part, message.origin, context.target), index, context);
    case "tool-call": {
      const id = context.ids(part.id);
      if (id !== part.id)
        context.report.push({ action: "mapped", subject: "tool-call-id", message: index, detail: `${part.id} became ${id}` });
      const vendor = ownVendorData(part.vendor, own, context.target.dialect);
      if (id === part.id && vendor === part.vendor) return part;
      const { vendor: _vendor, ...rest } = part;
      return { ...rest, id, ...(vendor === undefined ? {} : { vendor }) };
    }
    case "opaque": {
      if (own && part.dialect === context.target.dialect) return part;
      context.report.push({
        action: "dropped",
        subject: "opaque",
        message: index,
        detail: `${part.kind} of ${part.dialect} means nothing to ${context.target.dialect}`,
      });
      return undefined;
    }
    case "text":
    case "refusal":
    case "image":
    case "audio":
    case "file":
    case "source": {
      const vendor = ownVendorData(part.vendor, own, context.target.dialect);
      if (vendor === part.vendor) return part;
      const { vendor: _vendor, ...rest } = part;
      return vendor === undefined ? rest : { ...rest, vendor };
    }
  }
}

/** Reasoning of unknown origin counts as the target's own only if the target's data hangs on it, or it takes any text. */
function isReplayable(part: ReasoningPart, origin: Origin | undefined, target: HandoffTarget): boolean {
  return origin !== undefined || target.constraints.reasoning === "text" || part.vendor?.[target.dialect] !== undefined;
}

function adaptReasoning(part: ReasoningPart, own: boolean, index: number, context: Adaptation): AssistantPart | undefined {
  const { constraints, dialect } = context.target;
  // A dialect that never sends reasoning back leaves its own out by its own rule; nothing is lost in the handing off.
  if (own) return part;
  if (constraints.reasoning === "text" && part.text !== "") {
    if (part.vendor === undefined) return part;
    report(context, "dropped", "vendor-data", index, "the signature of reasoning; its text goes over");
    const { vendor: _vendor, ...rest } = part;
    return rest;
  }
  if (context.inOpenTurn && part.text !== "") {
    report(context, "as-text", "reasoning", index, `${part.text.length} characters of reasoning that ${dialect} cannot replay`);
    return { type: "text", text: part.text };
  }
  report(
    context,
    "dropped",
    "reasoning",
    index,
    part.text === "" ? "hidden reasoning of another maker" : "reasoning of a finished turn by another maker",
  );
  return undefined;
}

function report(
  context: Adaptation,
  action: HandoffItem["action"],
  subject: HandoffItem["subject"],
  message: number,
  detail: string,
): void {
  context.report.push({ action, subject, message, detail });
}

/** The vendor data that the target can read: its own dialect's entry, if the message is its own. */
function ownVendorData(vendor: VendorData | undefined, own: boolean, dialect: string): VendorData | undefined {
  if (vendor === undefined) return undefined;
  if (!own) return undefined;
  for (const key in vendor) {
    if (key !== dialect) return vendor[dialect] === undefined ? undefined : { [dialect]: vendor[dialect] };
  }
  return vendor;
}

// User and tool messages

function adaptUser(message: UserMessage, index: number, context: Adaptation): UserMessage {
  if (message.parts.every((part) => part.type === "text")) return message;
  const { media } = context.target.constraints;
  let changed = false;
  const parts = message.parts.flatMap((part): readonly UserPart[] => {
    if (part.type === "opaque" && part.dialect !== context.target.dialect) {
      report(context, "dropped", "opaque", index, `${part.kind} of ${part.dialect} means nothing to ${context.target.dialect}`);
      changed = true;
      return [];
    }
    if (part.type === "text" || part.type === "opaque") return [part];
    const refused =
      media[part.type].length === 0 || (part.type === "image" && context.target.capabilities.images.answer === "no");
    if (!refused) return [part];
    changed = true;
    report(context, "as-text", "media", index, `${context.target.model} takes no ${part.type}`);
    return [{ type: "text" as const, text: mediaPlaceholder(part) }];
  });
  return changed ? { ...message, parts } : message;
}

function mediaPlaceholder(part: { readonly type: string; readonly mediaType?: string; readonly name?: string }): string {
  const name = part.name === undefined ? "" : ` ${part.name}`;
  return `(${part.type}${name}${part.mediaType === undefined ? "" : `, ${part.mediaType}`}: not shown, this model cannot take it)`;
}

function adaptTool(message: ToolMessage, index: number, context: Adaptation): ToolMessage {
  let changed = false;
  const parts = message.parts.map((part) => {
    const toolCallId = context.ids(part.toolCallId);
    const content = adaptResultContent(part.content, index, context);
    if (toolCallId === part.toolCallId && content === part.content) return part;
    changed = true;
    return { ...part, toolCallId, content };
  });
  return changed ? { ...message, parts } : message;
}

function adaptResultContent(
  content: readonly ToolResultContent[],
  index: number,
  context: Adaptation,
): readonly ToolResultContent[] {
  const takesImages = context.target.capabilities.images.answer !== "no";
  if (takesImages || !content.some((part) => part.type === "image")) return content;
  return content.map((part) => {
    if (part.type !== "image") return part;
    report(context, "as-text", "media", index, `${context.target.model} takes no image`);
    return { type: "text", text: mediaPlaceholder(part) };
  });
}

function lastUserMessage(messages: readonly Message[]): number {
  return messages.findLastIndex((message) => message.role === "user");
}
