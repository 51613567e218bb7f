/**
 * Cuts a recorded stream into its units, and puts the first n of them together again: the player's own reading of the
 * framings, sharing nothing with the decoders under test.
 */
import { frameUnits } from "./event-frames.ts";
import { parsedOrAbsent } from "./raw-json.ts";

export interface StreamUnit {
  /** The unit's text with its separator, as it was recorded. */
  readonly raw: string;
  /** The name of a server-sent event, where it has one. */
  readonly event: string | undefined;
  /** The data as text; undefined for a comment. */
  readonly data: string | undefined;
  /** The data as JSON; undefined where it is none. */
  readonly json: unknown;
}

/** Of binary frames, each character of a text is one byte. */
export type RecordedFraming = "sse" | "ndjson" | "json-array" | "aws-event-stream";

/** What the text itself looks like; undefined when it is no stream of text. */
export function framingOf(text: string): RecordedFraming | undefined {
  const start = text.replace(/^\uFEFF/, "").trimStart();
  if (start.startsWith("[")) return "json-array";
  if (/^(data|event|id|retry)?:/.test(start)) return "sse";
  return start.startsWith("{") && parsedOrAbsent(start.split("\n", 1)[0] ?? "") !== undefined ? "ndjson" : undefined;
}

export function unitsOf(text: string, framing: RecordedFraming): readonly StreamUnit[] {
  if (framing === "aws-event-stream") return frameUnits(text);
  if (framing === "sse") return sseUnits(text);
  if (framing === "ndjson") return lineUnits(text);
  return arrayUnits(text);
}

/** A stream that ends after its first `count` units. */
export function joinUnits(units: readonly StreamUnit[], count: number, framing: RecordedFraming): string {
  const kept = units.slice(0, count).map((unit) => unit.raw);
  return framing === "json-array" ? `[${kept.join(",\r\n")}` : kept.join("");
}

/** A blank line ends a block; lines end in any of the three ways, also mixed. */
function sseUnits(text: string): StreamUnit[] {
  const units: StreamUnit[] = [];
  let block = "";
  for (const line of text.match(/[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+$/g) ?? []) {
    block += line;
    if (line.trim() !== "") continue;
    if (block.trim() !== "") units.push(sseUnit(block));
    block = "";
  }
  if (block.trim() !== "") units.push(sseUnit(block));
  return units;
}

/** One block of lines, by the WHATWG's rules for event streams: several data lines are joined by a line feed. */
function sseUnit(raw: string): StreamUnit {
  let event: string | undefined;
  const data: string[] = [];
  for (const line of raw.split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") event = value;
    if (field === "data") data.push(value);
  }
  const joined = data.length === 0 ? undefined : data.join("\n");
  return { raw, event, data: joined, json: joined === undefined ? undefined : parsedOrAbsent(joined) };
}

function lineUnits(text: string): StreamUnit[] {
  const lines = text.match(/[^\n]+(?:\n|$)/g) ?? [];
  return lines.filter((line) => line.trim() !== "").map((raw) => unitOfJson(raw, raw.trim()));
}

function arrayUnits(text: string): StreamUnit[] {
  const value = parsedOrAbsent(text);
  const elements = Array.isArray(value) ? value : [];
  return elements.map((element: unknown) => {
    const raw = JSON.stringify(element);
    return { raw, event: undefined, data: raw, json: element };
  });
}

function unitOfJson(raw: string, data: string): StreamUnit {
  return { raw, event: undefined, data, json: parsedOrAbsent(data) };
}
