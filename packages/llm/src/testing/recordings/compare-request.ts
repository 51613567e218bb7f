/**
 * Holds a rendered request against the recorded one it came from. Every difference has to be covered by a warning that
 * speaks of the same thing; one that is not is a silent loss.
 */
import type { Warning } from "../../warning.ts";
import { canonicalJson, isRawObject, shortened } from "./raw-json.ts";
import type { Findings } from "./report.ts";
import { itemText, type RequestFacts, type RequestItem, type RequestTool } from "./request-facts.ts";

/** Settings that a dialect may add of its own, as its wire demands or advises them. */
export type AllowedAdditions = ReadonlySet<string>;

interface Difference {
  readonly what: string;
  readonly expected: string;
  readonly got: string;
  /** Words of which one must stand in a warning's path or detail. */
  readonly words: readonly string[];
}

export function compareRequests(
  recorded: RequestFacts,
  rendered: RequestFacts,
  allowedAdditions: AllowedAdditions,
  warnings: readonly Warning[],
  findings: Findings,
): void {
  const differences = [
    ...itemDifferences(recorded.items, rendered.items),
    ...toolDifferences(recorded.tools, rendered.tools),
    ...settingDifferences(recorded.settings, rendered.settings, allowedAdditions),
  ];
  for (const difference of differences) {
    if (!warnings.some((warning) => covers(warning, difference))) {
      findings.add(`request ${difference.what} without a warning`, difference.expected, difference.got);
    }
  }
}

function covers(warning: Warning, difference: Difference): boolean {
  const text = `${warning.path ?? ""} ${warning.detail}`.toLowerCase();
  return difference.words.some((word) => text.includes(word.toLowerCase()));
}

const CONVERSATION_WORDS: readonly string[] = ["messages", "input", "contents", "system", "instructions", "prompt"];

/** Facts that went missing and facts that were added, told apart by what they say; then the order. */
function itemDifferences(recorded: readonly RequestItem[], rendered: readonly RequestItem[]): Difference[] {
  const wanted = recorded.map(itemText);
  const got = rendered.map(itemText);
  const missing = without(wanted, got);
  const added = without(got, wanted);
  if (missing.length === 0 && added.length === 0) {
    const place = wanted.findIndex((text, index) => text !== got[index]);
    return place < 0 ? [] : [conversation(`order at ${place}`, wanted[place], got[place], [])];
  }
  const differences: Difference[] = [];
  for (let index = 0; index < Math.max(missing.length, added.length); index++) {
    const lost = missing[index];
    const made = added[index];
    const kind = (lost ?? made ?? "").split(":", 1)[0] ?? "";
    differences.push(conversation(`conversation (${kind})`, lost, made, fieldNames(recorded, lost)));
  }
  return differences;
}

function conversation(what: string, expected: string | undefined, got: string | undefined, words: readonly string[]): Difference {
  return { what, expected: shortened(expected), got: shortened(got), words: [...CONVERSATION_WORDS, ...words] };
}

/** The names within a lost fact, for warnings that have no path. */
function fieldNames(items: readonly RequestItem[], text: string | undefined): readonly string[] {
  const item = items.find((one) => itemText(one) === text);
  if (item === undefined) return [];
  const type = isRawObject(item.value) && typeof item.value.type === "string" ? [item.value.type] : [];
  const words =
    item.kind === "cache" ? ["cache"] : isRawObject(item.value) && item.kind === "field" ? Object.keys(item.value) : [];
  return [...type, ...words];
}

/** The texts of the first list that the second lacks, counting repetitions. */
function without(texts: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const other of others) left.set(other, (left.get(other) ?? 0) + 1);
  return texts.filter((text) => {
    const count = left.get(text) ?? 0;
    if (count > 0) left.set(text, count - 1);
    return count === 0;
  });
}

function toolDifferences(recorded: readonly RequestTool[], rendered: readonly RequestTool[]): Difference[] {
  const differences: Difference[] = [];
  for (let index = 0; index < Math.max(recorded.length, rendered.length); index++) {
    const wanted = recorded[index];
    const got = rendered[index];
    if (wanted !== undefined && got !== undefined && sameTool(wanted, got)) continue;
    const { expected, actual } = firstDifference(wanted, got);
    const words = ["tools", ...(wanted === undefined ? [] : [wanted.name])];
    differences.push({ what: `tool ${index}`, expected, got: actual, words });
  }
  return differences;
}

function sameTool(wanted: RequestTool, got: RequestTool): boolean {
  return wanted.name === got.name && sameValue(wanted.value, got.value);
}

/** `$schema` only names the draft. What is strict may be written as strict servers demand it. */
function sameValue(wanted: unknown, got: unknown): boolean {
  const [one, other] = [withoutDraft(wanted), withoutDraft(got)];
  if (canonicalJson(one) === canonicalJson(other)) return true;
  return isStrict(wanted) && isStrict(got) && canonicalJson(loosened(one)) === canonicalJson(loosened(other));
}

function isStrict(value: unknown): boolean {
  if (!isRawObject(value)) return false;
  return value.strict === true || isStrict(value.json_schema) || isStrict(value.format);
}

/**
 * A strict schema closes its objects and requires all properties, those that were optional as nullable ones; nothing is
 * lost by it, as the answer's nulls are taken out again. So all that is left out of the comparison.
 */
function loosened(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(loosened);
  if (!isRawObject(value)) return value;
  const kept: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    if (key === "required" || (key === "additionalProperties" && inner === false)) continue;
    if (key === "type" && Array.isArray(inner)) {
      const types = inner.filter((type) => type !== "null");
      kept[key] = types.length === 1 ? types[0] : types;
    } else if ((key === "enum" || key === "anyOf") && Array.isArray(inner)) {
      kept[key] = inner.filter((one) => one !== null && !(isRawObject(one) && one.type === "null")).map(loosened);
    } else {
      kept[key] = loosened(inner);
    }
  }
  const alternatives = kept.anyOf;
  const only: unknown = Array.isArray(alternatives) && alternatives.length === 1 ? alternatives[0] : undefined;
  if (!isRawObject(only)) return kept;
  const { anyOf: _anyOf, ...rest } = kept;
  return { ...only, ...rest };
}

function firstDifference(wanted: RequestTool | undefined, got: RequestTool | undefined): { expected: string; actual: string } {
  if (!isRawObject(wanted?.value) || !isRawObject(got?.value)) return { expected: shortened(wanted), actual: shortened(got) };
  const one = withoutDraft(wanted.value);
  const other = withoutDraft(got.value);
  const keys = isRawObject(one) && isRawObject(other) ? [...new Set([...Object.keys(one), ...Object.keys(other)])] : [];
  const key = keys.find(
    (name) => canonicalJson(Reflect.get(Object(one), name)) !== canonicalJson(Reflect.get(Object(other), name)),
  );
  if (key === undefined) return { expected: shortened(wanted), actual: shortened(got) };
  const show = (tool: unknown): string => `${wanted.name}.${key}: ${shortened(Reflect.get(Object(tool), key), 260)}`;
  return { expected: show(one), actual: show(other) };
}

function withoutDraft(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDraft);
  if (!isRawObject(value)) return value;
  const kept = Object.entries(value).filter(
    ([key, inner]) => key !== "$schema" && inner !== null && inner !== undefined && !isNoProperties(key, inner),
  );
  return Object.fromEntries(kept.map(([key, inner]) => [key, key === "required" ? sortedNames(inner) : withoutDraft(inner)]));
}

/** An object without properties says the same with an empty list of them. */
function isNoProperties(key: string, value: unknown): boolean {
  return key === "properties" && isRawObject(value) && Object.keys(value).length === 0;
}

/** The order of required names says nothing. */
function sortedNames(value: unknown): unknown {
  return Array.isArray(value) && value.every((name) => typeof name === "string") ? [...value].sort() : withoutDraft(value);
}

function settingDifferences(
  recorded: ReadonlyMap<string, unknown>,
  rendered: ReadonlyMap<string, unknown>,
  allowed: AllowedAdditions,
): Difference[] {
  const differences: Difference[] = [];
  for (const name of new Set([...recorded.keys(), ...rendered.keys()])) {
    const wanted = recorded.get(name);
    const got = rendered.get(name);
    if (wanted === undefined && allowed.has(name)) continue;
    if (sameValue(wanted, got)) continue;
    differences.push({
      what: `setting ${name}`,
      expected: shortened(wanted, 260),
      got: shortened(got, 260),
      words: spellings(name),
    });
  }
  return differences;
}

/** Names under which a canonical path speaks of a wire's setting, where they share no word. */
const CANONICAL_WORDS: readonly (readonly [RegExp, string])[] = [
  [/think|reason|effort/i, "reasoning"],
  [/format|schema|mime/i, "output"],
  [/tool_?choice|functionCalling/i, "toolChoice"],
  [/parallel/i, "parallelToolCalls"],
  [/^stop|stop_?sequences/i, "stopSequences"],
  [/max.*tokens|num_predict/i, "maxOutputTokens"],
  [/cache/i, "cache"],
  [/user|metadata|labels/i, "metadata"],
];

function spellings(name: string): readonly string[] {
  const last = name.slice(name.lastIndexOf(".") + 1);
  const camel = last.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
  return [last, camel, ...CANONICAL_WORDS.filter(([pattern]) => pattern.test(name)).map(([, word]) => word)];
}
