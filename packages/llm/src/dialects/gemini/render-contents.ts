/**
 * Messages -> `contents` and `systemInstruction`. The rules of the wire: roles are user and model; the responses of one
 * turn's function calls stand together in one user content, with nothing else in it; a signature stays on its part.
 */
import { DragomanError } from "../../errors.ts";
import type { AssistantMessage, Message, SystemMessage, UserMessage } from "../../message.ts";
import { toolCallsOf } from "../../message.ts";
import type { ModelRow, ResolvedQuirks } from "./quirks.ts";
import { type PartContext, renderPart } from "./render-part.ts";
import { renderToolResult } from "./render-tool-result.ts";
import type { Report } from "./report.ts";
import { geminiData } from "./vendor-data.ts";
import type { WireContent, WirePart } from "./wire.ts";

export interface ContentsInit {
  readonly quirks: ResolvedQuirks;
  readonly row: ModelRow;
  /** Whether media may stand inside a function's response. */
  readonly mediaInResponses: boolean;
  readonly report: Report;
}

export interface RenderedContents {
  readonly contents: WireContent[];
  readonly systemInstruction: WireContent | undefined;
}

interface State extends ContentsInit {
  readonly contents: WireContent[];
  readonly part: PartContext;
  /** The names of called tools by call id. */
  readonly callNames: ReadonlyMap<string, string>;
  /** The content that holds function responses of the current turn, and the media that follow it. */
  responses: { readonly content: WireContent; readonly media: WirePart[] } | undefined;
}

export function renderContents(messages: readonly Message[], init: ContentsInit): RenderedContents {
  const part: PartContext = {
    ids: init.quirks.functionCallIds,
    displayNames: init.quirks.displayNames,
    report: init.report,
  };
  const state: State = { ...init, contents: [], part, callNames: namesOfCalls(messages), responses: undefined };
  const leading = messages.findIndex((message) => message.role !== "system");
  const systemCount = leading === -1 ? messages.length : leading;
  const systemInstruction = renderSystem(messages.slice(0, systemCount), state);
  for (let index = systemCount; index < messages.length; index++) {
    const message = messages[index];
    if (message !== undefined) renderMessage(message, `messages[${index}]`, state);
  }
  closeResponses(state);
  return init.row.systemInstruction === false
    ? { contents: withSystemInFront(state, systemInstruction), systemInstruction: undefined }
    : { contents: state.contents, systemInstruction };
}

function namesOfCalls(messages: readonly Message[]): Map<string, string> {
  return new Map(messages.flatMap(toolCallsOf).map((call) => [call.id, call.name]));
}

function renderSystem(messages: readonly Message[], state: State): WireContent | undefined {
  const systems = messages.filter((message): message is SystemMessage => message.role === "system");
  const first = systems[0];
  if (first === undefined) return undefined;
  if (systems.length > 1) {
    state.report("lossy", "messages[1]", "Gemini has one system instruction; the system messages became its parts");
  }
  const role = geminiData(first).role;
  const parts = systems.flatMap((message, index) => renderParts(message, `messages[${index}]`, state));
  return { ...(role === undefined ? {} : { role }), parts };
}

/** Gemma has no system instruction: its text goes before the first words of the user. */
function withSystemInFront(state: State, system: WireContent | undefined): WireContent[] {
  if (system === undefined) return state.contents;
  state.report("lossy", "messages[0]", "the model has no system instruction; its text went before the first user message");
  const [first, ...rest] = state.contents;
  if (first?.role === "user") return [{ ...first, parts: [...system.parts, ...first.parts] }, ...rest];
  return [{ role: "user", parts: system.parts }, ...state.contents];
}

function renderMessage(message: Message, path: string, state: State): void {
  if (message.role === "tool") {
    renderToolMessage(message.parts, path, state, geminiData(message).continues === true);
    return;
  }
  const continues = geminiData(message).continues === true;
  if (!continues) closeResponses(state);
  const parts = renderParts(message, path, state);
  if (parts.length === 0) {
    state.report("lossy", path, "the message has no part that Gemini takes; it was left out");
    return;
  }
  const previous = state.contents.at(-1);
  if (continues && previous?.role === "user" && message.role === "user") previous.parts.push(...parts);
  else state.contents.push({ role: message.role === "assistant" ? "model" : "user", parts });
  if (message.role === "system") {
    state.report("lossy", path, "Gemini takes system instructions only at the start; this one was sent as a user message");
  }
}

function renderParts(message: SystemMessage | UserMessage | AssistantMessage, path: string, state: State): WirePart[] {
  const parts: WirePart[] = [];
  for (const [index, part] of message.parts.entries()) {
    const rendered = renderPart(part, `${path}.parts[${index}]`, state.part);
    if (rendered !== undefined) parts.push(rendered);
  }
  if (message.parts.some((part) => part.type === "source")) {
    state.report("lossy", `${path}.parts`, "Gemini takes no sources in a history; they were left out");
  }
  if (message.role === "user" && message.name !== undefined) {
    state.report("unsupported", `${path}.name`, "Gemini has no names of speakers; the name was left out");
  }
  return message.role === "assistant" ? withForeignSignature(parts, path, state) : parts;
}

/**
 * Gemini 3 refuses a turn whose first function call is unsigned. Only its own calls are signed; for others Google defines
 * a value that says so.
 */
function withForeignSignature(parts: WirePart[], path: string, state: State): WirePart[] {
  const signature = state.quirks.foreignSignature;
  if (state.row.signatureRequired !== true || signature === null) return parts;
  const index = parts.findIndex((part) => part.functionCall !== undefined);
  const call = parts[index];
  if (call === undefined || call.thoughtSignature !== undefined) return parts;
  state.report("handoff", path, "the function call has no signature of this model; a stand-in was sent so that it is taken");
  return parts.with(index, { ...call, thoughtSignature: signature });
}

function renderToolMessage(
  parts: Extract<Message, { role: "tool" }>["parts"],
  path: string,
  state: State,
  continues: boolean,
): void {
  const previous = state.contents.at(-1);
  if (state.responses === undefined && continues && previous?.role === "user") {
    state.responses = { content: previous, media: [] };
  } else if (state.responses === undefined) {
    const content: WireContent = { role: "user", parts: [] };
    state.contents.push(content);
    state.responses = { content, media: [] };
  }
  const { content, media } = state.responses;
  for (const [index, part] of parts.entries()) {
    const partPath = `${path}.parts[${index}]`;
    const name = part.toolName ?? state.callNames.get(part.toolCallId);
    if (name === undefined) throw missingName(partPath, part.toolCallId);
    const rendered = renderToolResult(part, name, partPath, { ...state.part, mediaInside: state.mediaInResponses });
    content.parts.push(rendered.part);
    media.push(...rendered.following);
  }
}

function missingName(path: string, id: string): DragomanError {
  return new DragomanError({
    code: "invalid_request",
    field: `${path}.toolName`,
    detail: `Gemini matches results by name, and no call with id ${JSON.stringify(id)} is in the conversation`,
    advice: "set toolName on the result, or send the call before it",
  });
}

/** The turn's responses are complete: media that found no place inside follow as a content of their own. */
function closeResponses(state: State): void {
  const responses = state.responses;
  state.responses = undefined;
  if (responses !== undefined && responses.media.length > 0) state.contents.push({ role: "user", parts: responses.media });
}
