/**
 * The laws that any stream and any completion must keep, as checks that return what is wrong. Used by the conformance
 * suite, by replay and by fuzzing; they know no dialect.
 */
import type { Completion } from "../completion.ts";
import { createFold } from "../fold.ts";
import { isTerminal, type StreamEvent } from "../stream.ts";
import type { Usage } from "../usage.ts";

/**
 * Checks Law 3 on the events of one stream: `start` first, each part opened once, filled only while open and ended once,
 * exactly one terminal event and nothing after it. Returns one sentence per violation; an empty list is a good stream.
 */
export function checkStream(events: readonly StreamEvent[]): string[] {
  const violations: string[] = [];
  const open = new Map<number, string>();
  const used = new Set<number>();
  let started = false;
  let terminal: string | undefined;

  for (const [position, event] of events.entries()) {
    const at = `event ${position} (${event.type})`;
    if (terminal !== undefined) {
      violations.push(`${at} comes after the terminal event ${terminal}`);
      continue;
    }
    if (event.type === "start") {
      if (started) violations.push(`${at} is a second start`);
      started = true;
    } else if (event.type === "restart") {
      open.clear();
      used.clear();
      started = false;
    } else if (isTerminal(event)) {
      for (const [index, kind] of open) violations.push(`${at} comes while ${kind} ${index} is open`);
      if (event.type === "finish" && !started) violations.push(`${at} comes without a start`);
      terminal = event.type;
    } else if ("index" in event) {
      if (!started) violations.push(`${at} comes before start`);
      checkPart(event, at, open, used, violations);
    }
  }
  if (terminal === undefined) violations.push("the stream has no terminal event");
  return violations;
}

type PartEvent = Extract<StreamEvent, { readonly index: number }>;

function checkPart(event: PartEvent, at: string, open: Map<number, string>, used: Set<number>, violations: string[]): void {
  const { index, type } = event;
  if (!Number.isInteger(index) || index < 0) violations.push(`${at} has the index ${index}`);
  if (type === "part" || type.endsWith("-start")) {
    if (used.has(index)) violations.push(`${at} uses index ${index} again`);
    used.add(index);
    if (type !== "part") open.set(index, type.slice(0, -"-start".length));
    return;
  }
  const kind = type.replace(/-(delta|end)$/, "");
  if (open.get(index) !== kind) violations.push(`${at} is for index ${index}, where ${open.get(index) ?? "nothing"} is open`);
  if (type.endsWith("-end")) open.delete(index);
}

/** Checks Law 4: counts are whole and not negative, and no part of a total is larger than the total. */
export function checkUsage(usage: Usage): string[] {
  const violations: string[] = [];
  for (const [name, value] of Object.entries(usage)) {
    if (name !== "raw" && !(typeof value === "number" && Number.isInteger(value) && value >= 0)) {
      violations.push(`usage.${name} is ${JSON.stringify(value)}`);
    }
  }
  const within = (part: keyof Usage, whole: keyof Usage): void => {
    const partValue = usage[part];
    const wholeValue = usage[whole];
    if (typeof partValue === "number" && typeof wholeValue === "number" && partValue > wholeValue) {
      violations.push(`usage.${part} (${partValue}) is more than usage.${whole} (${wholeValue})`);
    }
  };
  within("cacheReadTokens", "inputTokens");
  within("cacheWriteTokens", "inputTokens");
  within("cacheWriteOneHourTokens", "cacheWriteTokens");
  within("reasoningTokens", "outputTokens");
  return violations;
}

/** The completion that a stream comes to, good or bad. */
export function foldEvents(events: readonly StreamEvent[]): Completion {
  const folded = createFold();
  for (const event of events) folded.push(event);
  return folded.completion();
}

/**
 * The differences between two completions in what Law 1 binds: message, finish, usage, cost. How arguments were spelt, what
 * the vendor reported raw, and ids and times that a server makes anew are not compared.
 */
export function compareCompletions(expected: Completion, actual: Completion): string[] {
  const differences: string[] = [];
  compareJson(comparable(expected), comparable(actual), "", differences);
  return differences;
}

function comparable(completion: Completion): unknown {
  const { raw: _raw, ...usage } = completion.usage;
  const parts = completion.message.parts.map((part) => {
    if (part.type !== "tool-call" || part.invalid !== undefined) return part;
    const { argumentsText: _spelling, ...rest } = part;
    return rest;
  });
  return { parts, finish: completion.finish, usage, cost: completion.cost, origin: completion.origin };
}

/** Appends one line per difference between two JSON values, with its path. Absent and undefined are alike. */
export function compareJson(expected: unknown, actual: unknown, path: string, differences: string[]): void {
  if (Object.is(expected, actual)) return;
  if (isContainer(expected) && isContainer(actual) && Array.isArray(expected) === Array.isArray(actual)) {
    for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
      compareJson(Reflect.get(expected, key), Reflect.get(actual, key), path === "" ? key : `${path}.${key}`, differences);
    }
    return;
  }
  differences.push(`${path || "value"}: expected ${show(expected)}, got ${show(actual)}`);
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}
