/**
 * StreamEvent* -> Completion: the only accumulator. It knows the protocol of `stream.ts` and nothing of any wire.
 * Out-of-order and parallel parts land at their index; `restart` forgets everything that came before.
 */
import type { Completion } from "./completion.ts";
import { DragomanError } from "./errors.ts";
import type { JsonValue } from "./json.ts";
import type { AssistantPart, Origin, ToolCallPart, VendorData } from "./message.ts";
import type { ErrorEvent, FinishEvent, StreamEvent, WholePart } from "./stream.ts";
import { mergeUsage, type Usage } from "./usage.ts";
import type { Warning } from "./warning.ts";

interface OpenPart {
  readonly kind: "text" | "reasoning" | "refusal" | "tool-call";
  readonly id: string;
  readonly name: string;
  text: string;
  vendor: VendorData | undefined;
  ended: boolean;
}

const UNKNOWN_ORIGIN: Origin = { dialect: "unknown", provider: "unknown", model: "unknown" };

/** What has come of a stream so far. */
export interface StreamFold {
  /** Takes the next event. Events after the terminal one are ignored. */
  push(event: StreamEvent): void;
  /** What has arrived so far, complete or not. `finish.reason` is `other` before the terminal event. */
  completion(): Completion;
  /** The events that end what is still open, for when the wire breaks. */
  endsOfOpenParts(): readonly StreamEvent[];
  /** The terminal event, once it came. */
  readonly terminal: FinishEvent | ErrorEvent | undefined;
}

/** Begins to gather a stream, event by event. `fold` gathers a whole one. */
export function createFold(): StreamFold {
  let id = "";
  let origin = UNKNOWN_ORIGIN;
  let createdAt: number | undefined;
  let parts: (OpenPart | WholePart)[] = [];
  let usage: Usage = {};
  let warnings: Warning[] = [];
  let terminal: FinishEvent | ErrorEvent | undefined;

  function open(index: number, kind: OpenPart["kind"], vendor: VendorData | undefined, callId = "", name = ""): void {
    parts[index] = { kind, id: callId, name, text: "", vendor, ended: false };
  }

  function append(index: number, text: string): void {
    const part = parts[index];
    if (part !== undefined && !("type" in part)) part.text += text;
  }

  function end(index: number, vendor: VendorData | undefined): void {
    const part = parts[index];
    if (part === undefined || "type" in part) return;
    part.vendor = vendor ?? part.vendor;
    part.ended = true;
  }

  function push(event: StreamEvent): void {
    if (terminal !== undefined) return;
    switch (event.type) {
      case "text-delta":
      case "reasoning-delta":
      case "refusal-delta":
      case "tool-call-delta":
        append(event.index, event.text);
        return;
      case "text-start":
        open(event.index, "text", event.vendor);
        return;
      case "reasoning-start":
        open(event.index, "reasoning", event.vendor);
        return;
      case "refusal-start":
        open(event.index, "refusal", event.vendor);
        return;
      case "tool-call-start":
        open(event.index, "tool-call", event.vendor, event.id, event.name);
        return;
      case "text-end":
      case "reasoning-end":
      case "refusal-end":
      case "tool-call-end":
        end(event.index, event.vendor);
        return;
      case "part":
        parts[event.index] = event.part;
        return;
      case "usage":
        usage = mergeUsage(usage, event.usage);
        return;
      case "warning":
        warnings.push(event.warning);
        return;
      case "start":
        id = event.id;
        origin = event.origin;
        createdAt = event.createdAt;
        return;
      case "restart":
        parts = [];
        usage = {};
        warnings = [];
        return;
      case "finish":
        usage = mergeUsage(usage, event.usage);
        terminal = event;
        return;
      case "error":
        terminal = event;
        return;
    }
  }

  function completion(): Completion {
    const finish = terminal?.type === "finish" ? terminal : undefined;
    const message = {
      role: "assistant" as const,
      parts: parts.filter((part) => part !== undefined).map(finishPart),
      origin,
      ...(finish?.messageVendor === undefined ? {} : { vendor: finish.messageVendor }),
    };
    return {
      id,
      origin,
      message,
      finish: finish?.finish ?? { reason: "other" },
      usage,
      ...(finish?.cost === undefined ? {} : { cost: finish.cost }),
      ...(finish?.timing === undefined ? {} : { timing: finish.timing }),
      ...(finish?.cache === undefined ? {} : { cache: finish.cache }),
      ...(finish?.cached === undefined ? {} : { cached: finish.cached }),
      warnings,
      ...(createdAt === undefined ? {} : { createdAt }),
      ...(finish?.vendor === undefined ? {} : { vendor: finish.vendor }),
    };
  }

  function endsOfOpenParts(): readonly StreamEvent[] {
    const ends: StreamEvent[] = [];
    for (const [index, part] of parts.entries()) {
      if (part !== undefined && !("type" in part) && !part.ended) ends.push({ type: `${part.kind}-end`, index });
    }
    return ends;
  }

  return {
    push,
    completion,
    endsOfOpenParts,
    get terminal() {
      return terminal;
    },
  };
}

/** Folds a whole stream. Throws the error of an `error` event; `stream_truncated` when no terminal event came. */
export async function fold(events: AsyncIterable<StreamEvent> | Iterable<StreamEvent>): Promise<Completion> {
  const folded = createFold();
  for await (const event of events) folded.push(event);
  if (folded.terminal === undefined) {
    throw new DragomanError({ code: "stream_truncated", detail: "the stream ended without a finish or error event" });
  }
  if (folded.terminal.type === "error") throw folded.terminal.error;
  return folded.completion();
}

function finishPart(part: OpenPart | WholePart): AssistantPart {
  if ("type" in part) return part;
  const vendor = part.vendor === undefined ? {} : { vendor: part.vendor };
  if (part.kind === "tool-call") return { ...toolCallPart(part.id, part.name, part.text), ...vendor };
  return { type: part.kind, text: part.text, ...vendor };
}

/**
 * A tool call from the text of its arguments. Empty text is no arguments; text that is not JSON is kept and marked, so
 * that the model can be told.
 */
export function toolCallPart(id: string, name: string, text: string): ToolCallPart {
  if (text.trim() === "") return { type: "tool-call", id, name, arguments: {} };
  try {
    const value = JSON.parse(text) as JsonValue;
    // Writing it out also proves that it is not nested beyond what a stack holds.
    const spelledAlike = JSON.stringify(value) === text;
    return { type: "tool-call", id, name, arguments: value, ...(spelledAlike ? {} : { argumentsText: text }) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : "not JSON";
    return { type: "tool-call", id, name, arguments: {}, argumentsText: text, invalid: `the arguments are not JSON: ${reason}` };
  }
}
