/**
 * Examples as the lines of a training file, and back. OpenAI, Azure, Together and Mistral take the same: one conversation a
 * line, in the messages and tools of OpenAI's chat wire. Sources: OpenAI's guide "Supervised fine-tuning"; Together's
 * "Fine-tuning data preparation"; Mistral's "Text & vision fine-tuning".
 */
import { UNKNOWN_CAPABILITIES } from "../capabilities.ts";
import type { Dialect } from "../dialect.ts";
import { createOpenAIChatDialect } from "../dialects/openai-chat/index.ts";
import { DragomanError, toDragomanError } from "../errors.ts";
import type { TrainingExample } from "../fine-tune.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { Warning } from "../warning.ts";
import { checkExamples } from "./check-examples.ts";

export interface TrainingLimits {
  /** Default 1. */
  readonly examplesMin?: number;
  /** Of the whole file. Default 512 MiB. */
  readonly bytesMax?: number;
}

export interface TrainingLines {
  readonly data: Uint8Array;
  /** The example stands in the path, as `examples[3].messages[1]`. */
  readonly warnings: readonly Warning[];
}

const BYTES_MAX = 512 * 1024 * 1024;
/** Mistakes that an error names. */
const MISTAKES_TOLD_MAX = 10;

/** Throws `invalid_request` that names every mistake by its example, or `request_too_large`. */
export function renderTrainingLines(
  examples: readonly TrainingExample[],
  { examplesMin = 1, bytesMax = BYTES_MAX }: TrainingLimits = {},
): TrainingLines {
  if (examples.length < examplesMin) {
    const detail = `there ${examples.length === 1 ? "is 1 example" : `are ${examples.length} examples`}; the vendor wants ${examplesMin} or more`;
    throw new DragomanError({ code: "invalid_request", field: "examples", detail, advice: "add examples" });
  }
  const mistakes = checkExamples(examples).map(({ index, path, detail }) => `examples[${index}].${path}: ${detail}`);
  if (mistakes.length > 0) throw wrongExamples(mistakes);
  const dialect = createOpenAIChatDialect();
  const warnings: Warning[] = [];
  const lines: Buffer[] = [];
  let bytes = 0;
  for (const [index, example] of examples.entries()) {
    const rendered = renderExample(dialect, example, index);
    warnings.push(...rendered.warnings);
    const line = Buffer.from(`${JSON.stringify(rendered.line)}\n`);
    bytes += line.length;
    if (bytes > bytesMax) throw tooLarge(bytesMax);
    lines.push(line);
  }
  return { data: Buffer.concat(lines), warnings };
}

function renderExample(
  dialect: Dialect,
  example: TrainingExample,
  index: number,
): { readonly line: JsonObject; readonly warnings: readonly Warning[] } {
  const asked = { model: "any", ...example };
  const { body, warnings } = dialect.renderRequest(asked, { stream: false, capabilities: UNKNOWN_CAPABILITIES });
  const { messages, tools, parallel_tool_calls: parallel } = body ?? {};
  return {
    line: {
      messages: messages ?? [],
      ...(tools === undefined ? {} : { tools }),
      ...(parallel === undefined ? {} : { parallel_tool_calls: parallel }),
    },
    warnings: warnings.map((warning) => ({
      ...warning,
      path: warning.path === undefined ? `examples[${index}]` : `examples[${index}].${warning.path}`,
    })),
  };
}

/** Examples read from a file of a vendor's form. */
export interface ReadTraining {
  readonly examples: readonly TrainingExample[];
  /** What was not understood as it stands, with the line in its path. */
  readonly warnings: readonly Warning[];
}

/**
 * A training file as examples: each line a conversation in OpenAI's messages, with its tools. Throws `invalid_request` that
 * names every line which is not one, or which a vendor would refuse.
 */
export function parseTrainingLines(text: string): ReadTraining {
  const dialect = createOpenAIChatDialect();
  const examples: TrainingExample[] = [];
  const warnings: Warning[] = [];
  /** Of each example, counted from 1. */
  const numbers: number[] = [];
  const mistakes: { readonly line: number; readonly detail: string }[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const number = index + 1;
    try {
      const read = parseLine(dialect, line);
      examples.push(read.example);
      numbers.push(number);
      warnings.push(...read.warnings.map((warning) => ({ ...warning, path: `line ${number}: ${warning.path ?? "?"}` })));
    } catch (error) {
      const { field, detail } = toDragomanError(error);
      mistakes.push({ line: number, detail: field === undefined || detail.includes(field) ? detail : `${field}: ${detail}` });
    }
  }
  for (const { index, path, detail } of checkExamples(examples)) {
    mistakes.push({ line: numbers[index] ?? 0, detail: `${path}: ${detail}` });
  }
  if (mistakes.length > 0) {
    const ordered = mistakes.toSorted((one, other) => one.line - other.line);
    throw wrongExamples(ordered.map(({ line, detail }) => `line ${line}: ${detail}`));
  }
  if (examples.length === 0) throw wrongExamples(["there is no example in it"]);
  return { examples, warnings };
}

/** What a line of a training file has. `functions` are tools in an older spelling. */
const LINE_FIELDS: ReadonlySet<string> = new Set(["messages", "tools", "parallel_tool_calls", "functions"]);

function parseLine(dialect: Dialect, line: string): { readonly example: TrainingExample; readonly warnings: readonly Warning[] } {
  const value = parseJson(line);
  if (!isJsonObject(value)) throw wrongLine("it is not a JSON object");
  const unknown = Object.keys(value).find((name) => !LINE_FIELDS.has(name));
  if (unknown !== undefined) throw wrongLine(`${unknown}: a line has no such field; it has messages, tools, parallel_tool_calls`);
  const body = { model: "any", ...withoutWeights(value) };
  const { request, warnings } = dialect.parseRequest({ path: "", query: {}, headers: {}, body });
  const { messages, tools, parallelToolCalls } = request;
  const example = {
    messages,
    ...(tools === undefined ? {} : { tools }),
    ...(parallelToolCalls === undefined ? {} : { parallelToolCalls }),
  };
  return { example, warnings };
}

/** `weight: 0` leaves an answer out of the training; we have no word for it. */
function withoutWeights(value: JsonObject): JsonObject {
  const messages = Array.isArray(value.messages) ? value.messages : [];
  if (messages.some((message: JsonValue) => isJsonObject(message) && message.weight !== undefined && message.weight !== 1)) {
    throw wrongLine("messages: a weight cannot be expressed here; upload the file as it is with the vendor's files");
  }
  const plain = messages.map((message: JsonValue) => {
    if (!isJsonObject(message)) return message;
    const { weight: _weight, ...rest } = message;
    return rest;
  });
  return { ...value, messages: plain };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // The cause is left out: it quotes the line.
    throw wrongLine("it is not JSON");
  }
}

function wrongLine(detail: string): DragomanError {
  return new DragomanError({ code: "invalid_request", detail });
}

function wrongExamples(mistakes: readonly string[]): DragomanError {
  const told = mistakes.slice(0, MISTAKES_TOLD_MAX);
  const more = mistakes.length > told.length ? [`and ${mistakes.length - told.length} more`] : [];
  return new DragomanError({
    code: "invalid_request",
    field: "examples",
    detail: [...told, ...more].join("; "),
    advice: "correct what is named; nothing was sent",
  });
}

function tooLarge(bytesMax: number): DragomanError {
  const detail = `the training file has more than ${bytesMax} bytes, which the vendor takes at most`;
  return new DragomanError({ code: "request_too_large", detail, advice: "train with fewer examples" });
}
