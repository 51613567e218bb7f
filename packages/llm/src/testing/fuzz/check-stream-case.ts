/** What must hold of any stream, good or bad. */
import type { Completion } from "../../completion.ts";
import type { Dialect } from "../../dialect.ts";
import type { StreamEvent } from "../../stream.ts";
import { checkStream, checkUsage, compareCompletions, foldEvents } from "../laws.ts";
import { findForeignPrototype } from "./check-plain-data.ts";
import { checkRenderable } from "./check-renderable.ts";
import type { FuzzCase, Violation } from "./fuzz-case.ts";
import { readStreamCase, thrown } from "./read-stream-case.ts";

type StreamCase = Extract<FuzzCase, { kind: "stream" }>;

export function checkStreamCase(dialect: Dialect, tried: StreamCase, peer: Dialect | undefined): Violation | undefined {
  const { events, violation, brokenOff } = readStreamCase(dialect, tried.bytes, tried.pieces);
  return (
    violation ??
    checkEvents(events, tried.bytes.length) ??
    checkCut(dialect, events, tried.cutFrom) ??
    (brokenOff ? undefined : checkPieces(dialect, events, tried)) ??
    (peer === undefined ? undefined : checkRenderable(peer, events))
  );
}

function checkEvents(events: readonly StreamEvent[], bytes: number): Violation | undefined {
  const [broken] = checkStream(events);
  if (broken !== undefined) return { law: `stream: ${broken.replace(/\d+/g, "n")}`, detail: broken };
  const last = events.at(-1);
  if (last?.type === "error" && last.error.code === "internal") return { law: "internal error", detail: last.error.message };
  return checkFigures(events) ?? checkVolume(events, bytes) ?? checkFold(events) ?? checkPrototype(events);
}

function checkFigures(events: readonly StreamEvent[]): Violation | undefined {
  for (const event of events) {
    if (event.type !== "usage" && event.type !== "finish") continue;
    const [broken] = checkUsage(event.usage);
    if (broken !== undefined) return { law: `usage: ${broken.replace(/-?\d[\d.e+]*/g, "n")}`, detail: broken };
  }
  return undefined;
}

/** Text does not grow on its way: an escape in JSON is longer than what it stands for. */
function checkVolume(events: readonly StreamEvent[], bytes: number): Violation | undefined {
  let length = 0;
  for (const event of events) if ("text" in event) length += event.text.length;
  return length > bytes * 4 + 4096 ? { law: "volume", detail: `${bytes} bytes became ${length} characters` } : undefined;
}

function checkFold(events: readonly StreamEvent[]): Violation | undefined {
  try {
    const folded = foldEvents(events);
    JSON.stringify(folded);
    JSON.stringify(events);
    const [broken] = checkUsage(folded.usage);
    return broken === undefined ? undefined : { law: "usage once folded", detail: broken };
  } catch (error) {
    return thrown("folding the stream into plain data", error);
  }
}

function checkPrototype(events: readonly StreamEvent[]): Violation | undefined {
  const place = findForeignPrototype(events);
  return place === undefined ? undefined : { law: "prototype", detail: `the prototype of ${place} came from the wire` };
}

/** A beginning is an error or the whole answer. Figures may come after the answer and be lost with the end. */
function checkCut(dialect: Dialect, events: readonly StreamEvent[], cutFrom: Uint8Array | undefined): Violation | undefined {
  if (cutFrom === undefined || events.at(-1)?.type !== "finish") return undefined;
  const whole = wholeOf(dialect, cutFrom);
  if (whole === undefined) return undefined;
  const [lost] = compareCompletions(whole, { ...foldEvents(events), usage: {} });
  return lost === undefined ? undefined : { law: "truncated success", detail: `cut short it still succeeded: ${lost}` };
}

const WHOLES = new WeakMap<Uint8Array, Map<Dialect, Completion | undefined>>();

/** What the uncut stream comes to; undefined where that is an error. */
function wholeOf(dialect: Dialect, bytes: Uint8Array): Completion | undefined {
  const known = WHOLES.get(bytes) ?? new Map<Dialect, Completion | undefined>();
  WHOLES.set(bytes, known);
  if (!known.has(dialect)) {
    const { events } = readStreamCase(dialect, bytes, []);
    known.set(dialect, events.at(-1)?.type === "finish" ? { ...foldEvents(events), usage: {} } : undefined);
  }
  return known.get(dialect);
}

/** Where the network cuts must not show in the events. */
function checkPieces(dialect: Dialect, events: readonly StreamEvent[], { bytes, pieces }: StreamCase): Violation | undefined {
  if (pieces.length === 0) return undefined;
  const reading = readStreamCase(dialect, bytes, []);
  if (reading.brokenOff) return undefined;
  const atOnce = JSON.stringify(reading.events);
  const inPieces = JSON.stringify(events);
  if (atOnce === inPieces) return undefined;
  let same = 0;
  while (atOnce.charAt(same) === inPieces.charAt(same)) same++;
  const show = (text: string): string => text.slice(Math.max(0, same - 60), same + 80);
  return { law: "pieces", detail: `in pieces …${show(inPieces)}… at once …${show(atOnce)}…` };
}
