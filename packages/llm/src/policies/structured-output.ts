/**
 * Makes every model answer in the JSON that was asked for, as well as it can: natively where it follows schemas, through a
 * tool where it only calls tools, by words where it can do neither. The way is chosen by capability and told as a warning
 * when it is not the native one; the answer is checked against the whole schema, and a wrong one is sent back to be mended.
 *
 *     const extractor = structuredOutput(ollama(), { repairsMax: 2 });
 *
 * A request without a JSON schema passes untouched. Streams are checked at their end, and not mended: what was said cannot
 * be taken back, so a wrong one ends in `invalid_output`.
 */
import type { Capabilities } from "../capabilities.ts";
import { checkOutput } from "../check-output.ts";
import type { Completion } from "../completion.ts";
import { DragomanError, toDragomanError } from "../errors.ts";
import { createFold } from "../fold.ts";
import type { JsonSchema } from "../json.ts";
import { type AssistantPart, systemMessage, userMessage } from "../message.ts";
import type { CompletionCall, Provider } from "../provider.ts";
import type { OutputRequest } from "../request.ts";
import type { StreamEvent } from "../stream.ts";
import { streamFromCompletion } from "../stream-from-completion.ts";
import { sumCosts, sumUsage } from "../usage.ts";
import type { Warning } from "../warning.ts";
import { wrapProvider } from "../wrap-provider.ts";

/** `native`: the vendor's own schema mode. `tool`: the schema as a tool's input. `prompt`: the schema in words. */
export type OutputMode = "native" | "tool" | "prompt";

/** How the model is asked, and how often it may mend its answer. */
export interface StructuredOutputOptions {
  /** Default: by the model's capabilities. */
  readonly mode?: OutputMode;
  /** How often a wrong answer is sent back. Default 1. */
  readonly repairsMax?: number;
}

interface SchemaCall {
  readonly call: CompletionCall;
  readonly schema: JsonSchema;
  readonly name: string;
}

/** Gets an answer in the shape of a schema from any model, and has a wrong one mended. */
export function structuredOutput<Model extends string>(
  provider: Provider<Model>,
  options?: StructuredOutputOptions,
): Provider<Model>;
export function structuredOutput(provider: Provider, options: StructuredOutputOptions = {}): Provider {
  const { repairsMax = 1 } = options;

  function modeFor(model: string): OutputMode {
    return options.mode ?? chooseMode(provider.capabilities(model));
  }

  async function complete(call: CompletionCall): Promise<Completion> {
    const asked = schemaCall(call);
    if (asked === undefined) return provider.complete(call);
    const mode = modeFor(call.model);
    const attempts: Completion[] = [];
    let current = rendered(asked, mode, provider.capabilities(call.model));
    for (;;) {
      const completion = asText(await provider.complete(current), asked.name, mode);
      attempts.push(completion);
      if (waitsForTools(completion)) return summed(attempts, mode);
      try {
        await checkOutput(completion, call);
        return summed(attempts, mode);
      } catch (thrown) {
        const error = toDragomanError(thrown);
        if (error.code !== "invalid_output" || attempts.length > repairsMax) throw withAttempts(error, attempts);
        current = { ...current, messages: [...current.messages, ...repairMessages(completion, error)] };
      }
    }
  }

  async function* stream(call: CompletionCall): AsyncGenerator<StreamEvent, void, undefined> {
    const asked = schemaCall(call);
    if (asked === undefined) return yield* provider.stream(call);
    const mode = modeFor(call.model);
    // Words around the JSON can be taken off only once all of it is there.
    if (mode === "prompt") return yield* wholeAnswer(call);
    const folded = createFold();
    const toText = createToolToText(asked.name);
    for await (const event of provider.stream(rendered(asked, mode, provider.capabilities(call.model)))) {
      const said = mode === "tool" ? toText(event) : event;
      folded.push(said);
      if (said.type === "finish") {
        const wrong = await wrongOutput(folded.completion(), call);
        yield wrong === undefined ? said : { type: "error", error: wrong, partial: folded.completion() };
        return;
      }
      yield said;
      if (said.type === "start" && mode !== "native") yield { type: "warning", warning: modeWarning(mode) };
    }
  }

  async function* wholeAnswer(call: CompletionCall): AsyncGenerator<StreamEvent, void, undefined> {
    let events: readonly StreamEvent[];
    try {
      events = streamFromCompletion(
        await complete(call),
        "the schema is asked for in words, so the answer is checked before it is given out",
      );
    } catch (thrown) {
      events = [{ type: "error", error: toDragomanError(thrown), partial: createFold().completion() }];
    }
    for (const event of events) yield event;
  }

  return wrapProvider(provider, { complete, stream });
}

/** Unknown is tried natively: the vendor says if it cannot. */
export function chooseMode(capabilities: Capabilities): OutputMode {
  if (capabilities.jsonSchema.answer !== "no") return "native";
  return capabilities.tools.answer === "no" ? "prompt" : "tool";
}

function schemaCall(call: CompletionCall): SchemaCall | undefined {
  if (call.output?.type !== "json" || call.output.schema === undefined) return undefined;
  return { call, schema: call.output.schema, name: call.output.name ?? "output" };
}

// The request, by mode

function rendered(asked: SchemaCall, mode: OutputMode, capabilities: Capabilities): CompletionCall {
  if (mode === "native") return asked.call;
  const { output, ...call } = asked.call;
  return mode === "tool" ? asTool(asked, call, output, capabilities) : asPrompt(asked, call, capabilities);
}

function asTool(
  { schema, name }: SchemaCall,
  call: Omit<CompletionCall, "output">,
  output: OutputRequest | undefined,
  capabilities: Capabilities,
): CompletionCall {
  const described = output?.type === "json" && output.description !== undefined ? output.description : "Gives the final answer.";
  const tools = [...(call.tools ?? []), { name, description: described, inputSchema: schema }];
  const alone = call.tools === undefined || call.tools.length === 0;
  const forced = capabilities.toolChoiceRequired.answer !== "no";
  const toolChoice = forced ? (alone ? { tool: name } : ("required" as const)) : undefined;
  const instruction = systemMessage(`Give your final answer only by calling the tool ${name}.`);
  return {
    ...call,
    tools,
    ...(toolChoice === undefined ? {} : { toolChoice }),
    messages: forced ? call.messages : [instruction, ...call.messages],
  };
}

function asPrompt({ schema }: SchemaCall, call: Omit<CompletionCall, "output">, capabilities: Capabilities): CompletionCall {
  const instruction = systemMessage(
    `Answer with one JSON value that satisfies this JSON Schema, and with nothing else, no words and no code fence:\n${JSON.stringify(schema)}`,
  );
  const jsonMode = capabilities.jsonMode.answer === "yes" ? { output: { type: "json" as const } } : {};
  return { ...call, ...jsonMode, messages: [instruction, ...call.messages] };
}

// The answer, as if it had been native

function asText(completion: Completion, name: string, mode: OutputMode): Completion {
  if (mode === "native") return completion;
  const parts = completion.message.parts.map((part) => (mode === "tool" ? toolAsText(part, name) : withoutFence(part)));
  const called = completion.message.parts.some((part) => part.type === "tool-call" && part.name === name);
  return {
    ...completion,
    message: { ...completion.message, parts },
    finish:
      called && !parts.some((part) => part.type === "tool-call") ? { ...completion.finish, reason: "stop" } : completion.finish,
  };
}

function toolAsText(part: AssistantPart, name: string): AssistantPart {
  if (part.type !== "tool-call" || part.name !== name) return part;
  return { type: "text", text: part.invalid === undefined ? JSON.stringify(part.arguments) : (part.argumentsText ?? "") };
}

/** What models put around JSON however they are asked: a code fence, a sentence before or after. */
function withoutFence(part: AssistantPart): AssistantPart {
  if (part.type !== "text") return part;
  const fenced = /```(?:json)?\s*\n([\s\S]*?)\n?\s*```/.exec(part.text)?.[1];
  const text = (fenced ?? part.text).trim();
  const start = text.search(/[[{]/);
  const end = Math.max(text.lastIndexOf("}"), text.lastIndexOf("]"));
  return { ...part, text: start >= 0 && end > start ? text.slice(start, end + 1) : text };
}

/** The answer's tool call as text, event by event; calls of other tools pass. */
function createToolToText(name: string): (event: StreamEvent) => StreamEvent {
  const answers = new Set<number>();
  let otherCalls = false;
  return (event) => {
    if (event.type === "tool-call-start") {
      if (event.name !== name) otherCalls = true;
      else {
        answers.add(event.index);
        return { type: "text-start", index: event.index };
      }
    }
    if (event.type === "tool-call-delta" && answers.has(event.index)) return { ...event, type: "text-delta" };
    if (event.type === "tool-call-end" && answers.has(event.index)) return { type: "text-end", index: event.index };
    if (event.type === "finish" && answers.size > 0 && !otherCalls)
      return { ...event, finish: { ...event.finish, reason: "stop" } };
    return event;
  };
}

// Checking and mending

/** A turn that calls other tools is not the final answer. */
function waitsForTools(completion: Completion): boolean {
  return completion.finish.reason === "tool-calls";
}

async function wrongOutput(completion: Completion, call: CompletionCall): Promise<DragomanError | undefined> {
  if (waitsForTools(completion)) return undefined;
  try {
    await checkOutput(completion, call);
    return undefined;
  } catch (thrown) {
    return toDragomanError(thrown);
  }
}

function repairMessages(completion: Completion, error: DragomanError) {
  const said = completion.message.parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("");
  return [
    { role: "assistant" as const, parts: [{ type: "text" as const, text: said || "(no answer)" }] },
    userMessage(`That answer cannot be used: ${error.detail}. Give the whole answer again, corrected.`),
  ];
}

/** The last answer, with the usage and the cost of all attempts. */
function summed(attempts: readonly Completion[], mode: OutputMode): Completion {
  const last = attempts[attempts.length - 1];
  if (last === undefined) throw new DragomanError({ code: "internal", detail: "no attempt was made" });
  const warnings = [...(mode === "native" ? [] : [modeWarning(mode)]), ...last.warnings];
  if (attempts.length === 1) return { ...last, warnings };
  const detail = `the answer broke its schema ${attempts.length - 1} times and was mended; usage and cost are of all attempts`;
  const { cost: _lastCost, ...rest } = last;
  const usage = {
    ...sumUsage(attempts.map((attempt) => attempt.usage)),
    raw: attempts.map((attempt) => attempt.usage.raw ?? null),
  };
  const cost = sumCosts(attempts.map((attempt) => attempt.cost));
  return { ...rest, ...(cost === undefined ? {} : { cost }), usage, warnings: [...warnings, { type: "other", detail }] };
}

/** The error with every answer that was paid for and would not do. */
function withAttempts(error: DragomanError, answers: readonly Completion[]): DragomanError {
  const attempts = answers.map(({ origin, usage, cost, timing }) => ({
    provider: origin.provider,
    model: origin.model,
    outcome: "refused" as const,
    detail: "the answer broke its schema",
    ...(timing === undefined ? {} : { durationMs: timing.totalMs }),
    ...(usage.inputTokens === undefined ? {} : { inputTokens: usage.inputTokens }),
    ...(usage.outputTokens === undefined ? {} : { outputTokens: usage.outputTokens }),
    ...(cost === undefined ? {} : { costUsd: cost.totalUsd }),
  }));
  return new DragomanError({ ...error, detail: error.detail, attempts, cause: error.cause });
}

function modeWarning(mode: Exclude<OutputMode, "native">): Warning {
  const how = mode === "tool" ? "through a tool's input" : "in words";
  return {
    type: "lossy",
    path: "output.schema",
    detail: `the model follows no schema natively; it was asked ${how}, and the answer was checked`,
  };
}
