/**
 * `sim`: a provider without a model behind it, for first steps, demonstrations and tests. It answers by rules, always the
 * same way, and says of every answer that it is simulated. Its models are personas; a model named after a fault of
 * `FAULTS` has that fault, so that a caller's handling of it can be tried.
 */
import { type Capabilities, UNKNOWN_CAPABILITIES, withCapabilities } from "../capabilities.ts";
import type { Completion } from "../completion.ts";
import type { DialectConstraints } from "../dialect.ts";
import { DragomanError, toDragomanError } from "../errors.ts";
import { createFold } from "../fold.ts";
import { type HandoffTarget, handoff, handoffWarnings } from "../handoff.ts";
import type { AssistantPart, Message, Part, ToolResultContent } from "../message.ts";
import type { CompletionCall, Provider } from "../provider.ts";
import { type CompletionRequest, requestOf } from "../request.ts";
import type { StreamEvent } from "../stream.ts";
import { streamFromCompletion } from "../stream-from-completion.ts";
import { estimateTokens } from "../tokens.ts";
import { isVendorTool } from "../tool.ts";
import type { Timing } from "../usage.ts";
import type { Warning } from "../warning.ts";
import { type Answer, countTokens, type Question, type SeenMedia, think } from "./fake-vendors/brain.ts";
import { FAULTS, type Fault } from "./fake-vendors/faults.ts";
import { textPieces } from "./fake-vendors/text-pieces.ts";
import { simulatedFailure, simulatedStreamFailure } from "./simulated-faults.ts";

/** A model of the simulator. */
export interface Persona {
  readonly id: string;
  readonly description: string;
  readonly reasons?: true;
  /** Between two pieces of a stream. Milliseconds. Default 0. */
  readonly pieceDelayMs?: number;
  /** What stands before the answer's own text. */
  readonly greeting?: string;
  /** True: it says what the fake vendors say, with the characters that try a wire. Default false. */
  readonly exact?: true;
}

/** The simulator's models that do not fail. */
export const PERSONAS: readonly Persona[] = [
  {
    id: "echo",
    description: "repeats what you said; calls the tools it is offered",
    greeting: "I am Dragoman’s simulator; no model is behind me. ",
  },
  {
    id: "reasoner",
    description: "thinks aloud before it answers",
    reasons: true,
    greeting: "I am Dragoman’s simulator, and have thought about it. ",
  },
  {
    id: "typist",
    description: "streams at the pace of a person reading, 30 ms a piece",
    pieceDelayMs: 30,
    greeting: "I am Dragoman’s simulator, and type slowly. ",
  },
  { id: "bare", description: "answers as the fake vendors do, for exact tests", exact: true },
];

const SIMULATED = { type: "simulated", detail: "answered by Dragoman's simulator; no model is behind it" } as const;

/** How the simulator behaves. */
export interface SimulatorOptions {
  /** Default `sim`. */
  readonly id?: string;
  /** Milliseconds since 1970, for `createdAt`. Default `Date.now`. */
  readonly now?: () => number;
  /** Waits between pieces. Default: a timer that obeys the signal. */
  readonly sleep?: (delayMs: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** A provider without a model behind it: it imitates answers and faults, and says so in a warning. */
export function createSimulator(options: SimulatorOptions = {}): Provider {
  const { id = "sim", now = Date.now } = options;
  const sleep = options.sleep ?? sleepUnlessAborted;
  const metFaults = new Set<string>();
  let calls = 0;

  function personaOf(model: string): Persona {
    const persona = PERSONAS.find((candidate) => candidate.id === model);
    if (persona !== undefined) return persona;
    if (findFault(model) !== undefined) return { id: model, description: "", exact: true };
    const names = [...PERSONAS.map((candidate) => candidate.id), ...FAULTS.map((fault) => fault.name)];
    throw new DragomanError({
      code: "model_not_found",
      provider: id,
      model,
      detail: `the simulator has no model ${model}`,
      advice: `use one of ${names.join(", ")}`,
    });
  }

  function takeFault(model: string): Fault | undefined {
    const fault = findFault(model);
    if (fault?.once !== true) return fault;
    if (metFaults.has(model)) return undefined;
    metFaults.add(model);
    return fault;
  }

  function answer(request: CompletionRequest, fault: Fault | undefined): Completion {
    const persona = personaOf(request.model);
    const { messages, report } = handoff(request.messages, targetOf(request.model));
    const question = questionOf({ ...request, messages }, persona);
    const forced = fault?.action.type === "answer" ? fault.action.finish : undefined;
    const completion = completionOf(think(question, forced), persona, question, id, `sim-${++calls}`);
    return {
      ...completion,
      createdAt: Math.floor(now() / 1000),
      warnings: [SIMULATED, ...handoffWarnings(report), ...foreignOptions(request)],
    };
  }

  async function complete(call: CompletionCall): Promise<Completion> {
    const startedAt = performance.now();
    throwIfAborted(call.signal);
    const request = requestOf(call);
    personaOf(request.model);
    const fault = takeFault(request.model);
    if (fault !== undefined) await simulatedFailure(fault, id, call);
    return { ...answer(request, fault), timing: { totalMs: performance.now() - startedAt } };
  }

  async function* stream(call: CompletionCall): AsyncGenerator<StreamEvent, void, undefined> {
    const folded = createFold();
    const startedAt = performance.now();
    let firstTokenMs: number | undefined;
    try {
      throwIfAborted(call.signal);
      const request = requestOf(call);
      const persona = personaOf(request.model);
      const fault = takeFault(request.model);
      if (fault !== undefined && (fault.action.type === "failure" || fault.action.type === "refusal"))
        await simulatedFailure(fault, id, call);
      const events = streamFromCompletion(answer(request, fault)).flatMap(inPieces);
      const brokenAt = fault?.action.type === "delivery" ? Math.floor(events.length / 2) : undefined;
      for (const [position, event] of events.entries()) {
        if (position === brokenAt && fault !== undefined) await simulatedStreamFailure(fault, id, call);
        if (persona.pieceDelayMs !== undefined && event.type.endsWith("-delta")) await sleep(persona.pieceDelayMs, call.signal);
        throwIfAborted(call.signal);
        if (event.type.endsWith("-delta")) firstTokenMs ??= performance.now() - startedAt;
        const timed = event.type === "finish" ? { ...event, timing: timingOf(startedAt, firstTokenMs) } : event;
        folded.push(timed);
        yield timed;
      }
    } catch (thrown) {
      for (const end of folded.endsOfOpenParts()) yield end;
      yield {
        type: "error",
        error: toDragomanError(thrown).with({ provider: id, model: call.model }),
        partial: folded.completion(),
      };
    }
  }

  /** The simulator reads histories as a vendor would: what another maker signed means nothing to it. */
  function targetOf(model: string): HandoffTarget {
    return { dialect: "sim", provider: id, model, constraints: CONSTRAINTS, capabilities: capabilitiesOf(model) };
  }

  return {
    id,
    supports: isKnown,
    models: async () =>
      PERSONAS.map((persona) => ({
        id: persona.id,
        provider: id,
        displayName: `Simulator: ${persona.description}`,
        capabilities: capabilitiesOf(persona.id),
        source: "catalogue",
      })),
    capabilities: capabilitiesOf,
    pricing: () => ({ inputPerMillionUsd: 0, outputPerMillionUsd: 0, catalogue: "simulated" }),
    countTokens: async (call) => ({ ...estimateTokens(call), tokens: countTokens(promptOf(call.messages)) }),
    complete,
    stream,
    availability: async () => ({ available: true, detail: "a simulator, not a model" }),
  };
}

const ANY_FORM = ["data", "url", "reference"] as const;

const CONSTRAINTS: DialectConstraints = {
  toolCallId: { pattern: /^[\s\S]+$/, lengthMax: Number.POSITIVE_INFINITY },
  media: { image: ANY_FORM, audio: ANY_FORM, file: ANY_FORM, toolResultImage: ANY_FORM },
  reasoning: "signed",
};

const CAPABILITIES = withCapabilities(
  UNKNOWN_CAPABILITIES,
  {
    streaming: true,
    tools: true,
    parallelToolCalls: true,
    toolChoiceRequired: true,
    images: true,
    audio: true,
    pdf: true,
    reasoning: true,
    jsonMode: true,
    jsonSchema: true,
    systemPrompt: true,
    stopSequences: true,
  },
  "configuration",
  "the simulator's rules",
);

function isKnown(model: string): boolean {
  return PERSONAS.some((persona) => persona.id === model) || findFault(model) !== undefined;
}

function capabilitiesOf(model: string): Capabilities {
  return isKnown(model) ? CAPABILITIES : UNKNOWN_CAPABILITIES;
}

function findFault(model: string): Fault | undefined {
  return FAULTS.find((fault) => fault.name === model);
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true)
    throw new DragomanError({ code: "aborted", detail: "the call was aborted", cause: signal.reason });
}

function sleepUnlessAborted(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, delayMs);
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
    signal?.addEventListener("abort", done, { once: true });
  });
}

/** Long deltas are cut up, so that a stream looks like one. */
function inPieces(event: StreamEvent): readonly StreamEvent[] {
  if (event.type !== "text-delta" && event.type !== "reasoning-delta") return [event];
  return textPieces(event.text).map((text) => ({ ...event, text }));
}

// From a canonical request to what the fakes' mind reads, and back

function questionOf(request: CompletionRequest, persona: Persona): Question {
  const lastUser = request.messages.findLastIndex((message) => message.role === "user");
  const userParts = request.messages[lastUser]?.parts ?? [];
  return {
    model: request.model,
    prompt: promptOf(request.messages),
    lastUserText: userParts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join(" "),
    tools: (request.tools ?? []).flatMap((tool) =>
      isVendorTool(tool) ? [] : [{ name: tool.name, parameters: tool.inputSchema }],
    ),
    toolChoice: request.toolChoice ?? "auto",
    parallelToolCalls: request.parallelToolCalls ?? true,
    toolResults: toolResultsAfter(request.messages, lastUser),
    schema: request.output?.type === "json" ? (request.output.schema ?? {}) : undefined,
    media: userParts.flatMap(seenMedia),
    reasoning: persona.reasons === true || (request.reasoning !== undefined && request.reasoning.effort !== "none"),
    outputTokensMax: request.maxOutputTokens,
    stopSequences: request.stopSequences ?? [],
    plain: persona.exact !== true,
  };
}

function promptOf(messages: readonly Message[]): readonly string[] {
  return messages.flatMap((message) => message.parts.map((part: Part) => spokenText(part)));
}

function spokenText(part: Part | ToolResultContent): string {
  if (part.type === "text" || part.type === "reasoning" || part.type === "refusal") return part.text;
  if (part.type === "tool-result") return part.content.map(spokenText).join(" ");
  if (part.type === "json") return JSON.stringify(part.value);
  return part.type === "tool-call" ? `${part.name} ${JSON.stringify(part.arguments)}` : "";
}

function toolResultsAfter(messages: readonly Message[], index: number): Question["toolResults"] {
  return messages
    .slice(index + 1)
    .flatMap((message) =>
      message.role === "tool" ? message.parts.map((part) => ({ name: part.toolName ?? "", text: spokenText(part) })) : [],
    );
}

function seenMedia(part: Part): readonly SeenMedia[] {
  if (part.type !== "image" && part.type !== "audio" && part.type !== "file") return [];
  const mediaType = part.mediaType ?? part.type;
  if (part.source.type === "data") return [{ mediaType, bytes: Buffer.byteLength(part.source.data, "base64") }];
  return [{ mediaType, url: part.source.type === "url" ? part.source.url : part.source.id }];
}

function completionOf(said: Answer, persona: Persona, question: Question, provider: string, id: string): Completion {
  const origin = { dialect: "sim", provider, model: persona.id };
  const plain = question.schema === undefined && said.finish === "stop" ? `${persona.greeting ?? ""}${said.text}` : said.text;
  const parts: AssistantPart[] = [
    ...(said.reasoning === undefined ? [] : [{ type: "reasoning" as const, text: said.reasoning }]),
    ...(plain === ""
      ? []
      : [said.finish === "refusal" ? { type: "refusal" as const, text: plain } : { type: "text" as const, text: plain }]),
    ...said.toolCalls.map((call, index) => ({
      type: "tool-call" as const,
      id: `call_${id}_${index}`,
      name: call.name,
      arguments: call.arguments,
    })),
  ];
  const outputTokens = said.outputTokens + countTokens([plain]) - countTokens([said.text]);
  return {
    id,
    origin,
    message: { role: "assistant", parts, origin },
    finish: finishOf(said),
    usage: {
      inputTokens: countTokens(question.prompt),
      outputTokens,
      ...(said.reasoning === undefined ? {} : { reasoningTokens: said.reasoningTokens }),
    },
    cost: { totalUsd: 0, inputUsd: 0, outputUsd: 0, catalogue: "simulated" },
    warnings: [],
  };
}

/** The simulator has no wire, so every vendor's options mean nothing to it. */
function foreignOptions({ vendorOptions = {} }: CompletionRequest): readonly Warning[] {
  return Object.keys(vendorOptions).map((dialect) => ({
    type: "unsupported",
    path: `vendorOptions.${dialect}`,
    detail: `options of ${dialect} mean nothing to the simulator; they were left out`,
  }));
}

function timingOf(startedAt: number, firstTokenMs: number | undefined): Timing {
  return { totalMs: performance.now() - startedAt, ...(firstTokenMs === undefined ? {} : { firstTokenMs }) };
}

function finishOf(said: Answer): Completion["finish"] {
  if (said.finish === "refusal") return { reason: "content-filter", raw: "refusal" };
  if (said.finish !== "stop-sequence") return { reason: said.finish, raw: said.finish };
  return { reason: "stop", raw: said.finish, ...(said.stopSequence === undefined ? {} : { stopSequence: said.stopSequence }) };
}
