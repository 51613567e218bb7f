/** What an assistant said, as steps: in a history that goes to the vendor, and in an answer that goes to a client. */
import { isJsonObject, type JsonObject, type JsonValue } from "../../json.ts";
import type { AssistantPart, OpaquePart, ReasoningPart, SourcePart, TextPart, ToolCallPart } from "../../message.ts";
import type { Warning } from "../../warning.ts";
import { annotationOf } from "./citations.ts";
import { objectsOf, ownData } from "./fields.ts";
import { renderMedia } from "./media.ts";
import { GEMINI_INTERACTIONS } from "./vendor-data.ts";

/** `path` is the message's place, for the warnings. Texts and media that follow one another are one step. */
export function renderSteps(parts: readonly AssistantPart[], path: string, warnings: Warning[]): JsonObject[] {
  const steps: JsonObject[] = [];
  let blocks: JsonObject[] = [];
  const close = (): void => {
    if (blocks.length > 0) steps.push({ type: "model_output", content: blocks });
    blocks = [];
  };
  for (const [index, part] of parts.entries()) {
    const rendered = renderPart(part, { path: `${path}.parts[${index}]`, sources: sourcesAfter(parts, index), warnings });
    if (rendered === undefined) continue;
    if (rendered.block) blocks.push(rendered.value);
    else {
      close();
      steps.push(rendered.value);
    }
  }
  close();
  for (const part of strayedSources(parts)) warnings.push(strayedSource(part, path));
  return steps;
}

interface PartPlace {
  readonly path: string;
  /** What follows a text and belongs to it. */
  readonly sources: readonly SourcePart[];
  readonly warnings: Warning[];
}

interface RenderedPart {
  /** A block of a `model_output`, or a step of its own. */
  readonly block: boolean;
  readonly value: JsonObject;
}

function renderPart(part: AssistantPart, { path, sources, warnings }: PartPlace): RenderedPart | undefined {
  switch (part.type) {
    case "text":
      return { block: true, value: renderText(part, sources, path, warnings) };
    case "refusal":
      warnings.push({ type: "lossy", path, detail: "the wire has no refusal; it was sent as text" });
      return { block: true, value: { ...ownData(part), type: "text", text: part.text } };
    case "image":
    case "audio":
    case "file":
      return { block: true, value: renderMedia(part, path, warnings) };
    case "reasoning":
      return { block: false, value: renderThought(part) };
    case "tool-call":
      return { block: false, value: renderCall(part, path, warnings) };
    case "opaque": {
      const value = renderOpaque(part, path, warnings);
      return value === undefined ? undefined : { block: false, value };
    }
    case "source":
      return undefined;
  }
}

export function renderText(part: TextPart, sources: readonly SourcePart[], path: string, warnings: Warning[]): JsonObject {
  const own = ownData(part);
  // The vendor's own citations say more than the sources that were made of them.
  const annotations = own.annotations === undefined ? renderSources(sources, path, warnings) : [];
  return { ...own, type: "text", text: part.text, ...(annotations.length === 0 ? {} : { annotations }) };
}

export function renderSources(sources: readonly SourcePart[], path: string, warnings: Warning[]): readonly JsonObject[] {
  return sources.flatMap((source) => {
    const annotation = annotationOf(source);
    if (annotation === undefined) warnings.push(strayedSource(source, path));
    else if (source.citedText !== undefined) {
      warnings.push({
        type: "lossy",
        path,
        detail: "a citation has no words of its source on this wire; citedText was left out",
      });
    }
    return annotation === undefined ? [] : [annotation];
  });
}

export function strayedSource(source: SourcePart, path: string): Warning {
  const name = source.url ?? source.documentId ?? source.title ?? "without a name";
  return { type: "unsupported", path, detail: `the source ${name} belongs to no text or names no place; left out` };
}

function sourcesAfter(parts: readonly AssistantPart[], index: number): readonly SourcePart[] {
  const sources: SourcePart[] = [];
  for (let next = index + 1; next < parts.length; next++) {
    const part = parts[next];
    if (part?.type !== "source") break;
    sources.push(part);
  }
  return sources;
}

/** Sources that stand behind something other than a text. */
function strayedSources(parts: readonly AssistantPart[]): readonly SourcePart[] {
  let follows: AssistantPart["type"] | undefined;
  const strayed: SourcePart[] = [];
  for (const part of parts) {
    if (part.type !== "source") follows = part.type;
    else if (follows !== "text") strayed.push(part);
  }
  return strayed;
}

export function renderThought(part: ReasoningPart): JsonObject {
  const own = ownData(part);
  const summary = objectsOf(own.summary).length > 0 || part.text === "" ? {} : { summary: [{ type: "text", text: part.text }] };
  return { ...own, type: "thought", ...summary };
}

export function renderCall(part: ToolCallPart, path: string, warnings: Warning[]): JsonObject {
  return {
    ...ownData(part),
    type: "function_call",
    id: part.id,
    name: part.name,
    arguments: renderArguments(part, path, warnings),
  };
}

/** The wire takes an object only. */
export function renderArguments(part: ToolCallPart, path: string, warnings: Warning[]): JsonValue {
  if (part.invalid === undefined && isJsonObject(part.arguments)) return part.arguments;
  const detail = "arguments that are no JSON object cannot be sent; the call goes without any";
  warnings.push({ type: "lossy", path: `${path}.arguments`, detail, value: part.argumentsText ?? part.arguments });
  return {};
}

export function renderOpaque(part: OpaquePart, path: string, warnings: Warning[]): JsonObject | undefined {
  if (part.dialect === GEMINI_INTERACTIONS) return part.value;
  warnings.push({ type: "unsupported", path, detail: `${part.kind} of ${part.dialect} means nothing on this wire; left out` });
  return undefined;
}
