/**
 * What a request says, as a flat list of facts in the order in which the model reads them, so that two bodies of one wire
 * can be compared whatever form each chose (a string or a list of parts, one message or two). Null, an empty list and an
 * absent field say the same.
 */
import { canonicalJson, isRawObject, parsedOrAbsent, type RawObject } from "./raw-json.ts";

export interface RequestFacts {
  /** The conversation: texts, media, calls, results, cache marks. */
  readonly items: readonly RequestItem[];
  readonly tools: readonly RequestTool[];
  /** Every other field, by name; settings that have several spellings under one. Absent values are left out. */
  readonly settings: ReadonlyMap<string, unknown>;
}

export interface RequestItem {
  readonly kind: "text" | "reasoning" | "media" | "tool-call" | "tool-result" | "cache" | "field" | "other";
  readonly role: string;
  readonly value: unknown;
}

export interface RequestTool {
  readonly name: string;
  readonly value: unknown;
}

/** Reads one body. It must not throw: what it cannot read it passes on whole. */
export type RequestReader = (body: RawObject, address: URL) => RequestFacts;

/** Collects items; texts of one role that follow one another become one. */
export class RequestItems {
  readonly items: RequestItem[] = [];

  text(role: string, text: unknown): void {
    if (typeof text === "string" && text !== "") this.#joined("text", role, text);
  }

  reasoning(role: string, text: unknown): void {
    if (typeof text === "string" && text !== "") this.#joined("reasoning", role, text);
  }

  add(kind: RequestItem["kind"], role: string, value: unknown): void {
    this.items.push({ kind, role, value });
  }

  cacheMark(role: string, mark: unknown): void {
    if (isRawObject(mark)) this.add("cache", role, { timeToLive: mark.ttl ?? "5m" });
  }

  /** Fields that the reader does not know, each as a fact of its own. */
  fields(role: string, object: RawObject, known: ReadonlySet<string>): void {
    for (const name of Object.keys(object).sort()) {
      if (!known.has(name) && says(object[name])) this.add("field", role, { [name]: object[name] });
    }
  }

  #joined(kind: "text" | "reasoning", role: string, text: string): void {
    const last = this.items.at(-1);
    if (last?.kind === kind && last.role === role) this.items.pop();
    const before = last?.kind === kind && last.role === role ? String(last.value) : "";
    this.items.push({ kind, role, value: before + text });
  }
}

/** False for what means the same as nothing. */
export function says(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return false;
  if (Array.isArray(value)) return value.length > 0;
  return !isRawObject(value) || Object.keys(value).length > 0;
}

/** The named fields of an object that say something, without the ones taken elsewhere; not streaming is the default. */
export function settingsOf(body: RawObject, taken: ReadonlySet<string>): Map<string, unknown> {
  const settings = new Map<string, unknown>();
  for (const [name, value] of Object.entries(body)) if (!taken.has(name) && says(value)) settings.set(name, value);
  if (settings.get("stream") === false) settings.delete("stream");
  return settings;
}

/** Moves a setting to the name under which all its spellings are compared. */
export function renameSetting(settings: Map<string, unknown>, name: string, ...spellings: readonly string[]): void {
  for (const spelling of spellings) {
    const value = settings.get(spelling);
    if (value === undefined) continue;
    settings.delete(spelling);
    if (!settings.has(name)) settings.set(name, value);
  }
}

/** Arguments in JSON text as the value that they are; other text as it is. */
export function argumentsValue(value: unknown): unknown {
  if (typeof value !== "string") return value ?? {};
  if (value.trim() === "") return {};
  return parsedOrAbsent(value) ?? value;
}

/** A choice of tools in one spelling; `auto` is what every vendor does unasked. */
export function normaliseToolChoice(settings: Map<string, unknown>, name: string): void {
  const value = settings.get(name);
  if (value === undefined) return;
  settings.delete(name);
  const choice = toolChoice(value);
  if (choice !== "auto") settings.set(name, choice);
}

function toolChoice(value: unknown): unknown {
  if (value === "any") return "required";
  if (!isRawObject(value)) return value;
  const { type } = value;
  if (type === "auto" || type === "none") return type;
  if (type === "any") return "required";
  const holder = isRawObject(value.function) ? value.function : value;
  return typeof holder.name === "string" ? { tool: holder.name } : value;
}

/** One line that tells two items apart. */
export function itemText(item: RequestItem): string {
  return `${item.kind} of ${item.role}: ${typeof item.value === "string" ? item.value : canonicalJson(item.value)}`;
}
