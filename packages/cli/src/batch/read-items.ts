/** The questions of a batch, from a file of JSON lines. Everything that is wrong is told with the number of its line. */
import { readFile } from "node:fs/promises";
import {
  type BatchItem,
  type CompletionRequest,
  DragomanError,
  isJsonObject,
  type JsonObject,
  nearestNames,
} from "@dragoman/llm";
import { readMessages } from "./read-messages.ts";

/** Bytes. */
const FILE_BYTES_MAX = 512 * 1024 * 1024;
/** Errors told at a time. */
const TOLD_MAX = 10;

/** One item a line, all of one model. Throws `invalid_request` with every line that is wrong, up to ten. */
export async function readItems(file: string, model: string): Promise<readonly BatchItem[]> {
  const lines = (await readText(file)).split("\n");
  const items: BatchItem[] = [];
  const flaws: string[] = [];
  const lineOf = new Map<string, number>();
  for (const [index, text] of lines.entries()) {
    if (text.trim() === "") continue;
    const number = index + 1;
    try {
      const item = readItem(text, number, model);
      const earlier = lineOf.get(item.id);
      if (earlier !== undefined) throw new Error(`the id ${item.id} stands in line ${earlier} already`);
      lineOf.set(item.id, number);
      items.push(item);
    } catch (error) {
      flaws.push(`line ${number}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (flaws.length === 0 && items.length === 0) flaws.push("it has no lines");
  if (flaws.length > 0) throw wrongFile(file, flaws);
  return items;
}

async function readText(file: string): Promise<string> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === "ENOENT" ? "there is no such file" : error.message;
    throw wrongFile(file, [why]);
  });
  if (bytes.length > FILE_BYTES_MAX) throw wrongFile(file, [`it is larger than ${FILE_BYTES_MAX / 1024 / 1024} MiB`]);
  return bytes.toString("utf8").replace(/^\uFEFF/, "");
}

function wrongFile(file: string, flaws: readonly string[]): DragomanError {
  const more = flaws.length > TOLD_MAX ? [`and ${flaws.length - TOLD_MAX} more`] : [];
  const told = [...flaws.slice(0, TOLD_MAX), ...more];
  const detail = told.length === 1 ? `${file}: ${told[0]}` : `${file}:\n${told.map((flaw) => `  - ${flaw}`).join("\n")}\n`;
  const advice = 'each line is an object with "prompt" or "messages", and an "id"';
  return new DragomanError({ code: "invalid_request", detail, advice });
}

const ID = /^[a-zA-Z0-9_-]{1,64}$/;

/** Fields of a request that a line may have as they are. What they hold is checked where they are rendered. */
const SETTINGS: ReadonlyMap<string, "number" | "string" | "boolean" | "object" | "array"> = new Map([
  ["maxOutputTokens", "number"],
  ["temperature", "number"],
  ["topP", "number"],
  ["topK", "number"],
  ["seed", "number"],
  ["presencePenalty", "number"],
  ["frequencyPenalty", "number"],
  ["parallelToolCalls", "boolean"],
  ["stopSequences", "array"],
  ["tools", "array"],
  ["cache", "array"],
  ["reasoning", "object"],
  ["output", "object"],
  ["metadata", "object"],
  ["vendorOptions", "object"],
] as const);
const OWN = ["id", "prompt", "system", "messages", "toolChoice"];

function readItem(text: string, number: number, model: string): BatchItem {
  const line = parseLine(text);
  const id = line.id ?? `line-${number}`;
  if (typeof id !== "string" || !ID.test(id)) throw new Error("the id must have 1 to 64 letters, digits, - and _");
  if (line.model !== undefined) throw new Error("a batch is of one model, which --model names");
  checkFields(line);
  const { id: _id, prompt: _prompt, system: _system, messages: _messages, ...settings } = line;
  const request = { model, messages: readMessages(line), ...settings };
  return { id, request: request as CompletionRequest };
}

function parseLine(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error("it is not JSON");
  }
  if (!isJsonObject(value)) throw new Error("it is not a JSON object");
  return value;
}

function checkFields(line: JsonObject): void {
  for (const [name, value] of Object.entries(line)) {
    if (OWN.includes(name)) continue;
    const kind = SETTINGS.get(name);
    if (kind === undefined) {
      const [nearest] = nearestNames(name, [...OWN, ...SETTINGS.keys()]);
      throw new Error(`${JSON.stringify(name)} is no field of a line${nearest === undefined ? "" : `; nearest: ${nearest}`}`);
    }
    if (kindOf(value) !== kind) throw new Error(`${name} must be ${kind === "array" || kind === "object" ? "an" : "a"} ${kind}`);
  }
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? "array" : value === null ? "null" : typeof value;
}
