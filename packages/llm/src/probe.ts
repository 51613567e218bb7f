/**
 * Measures what a model can do by asking it: one small call per capability, each with its evidence. For endpoints that no
 * catalogue knows. What a call cannot decide stays unknown.
 */
import type { CapabilityAnswer, CapabilityFacts, CapabilityName } from "./capabilities.ts";
import type { Completion } from "./completion.ts";
import { type DragomanError, toDragomanError } from "./errors.ts";
import { createFold } from "./fold.ts";
import { reasoningOf, textOf, toolCallsOf, userMessage } from "./message.ts";
import type { CompletionCall, Provider } from "./provider.ts";
import type { ToolDefinition } from "./tool.ts";

export interface ProbeFinding {
  readonly capability: CapabilityName;
  readonly answer: CapabilityAnswer;
  /** What the call showed, in a few words. */
  readonly evidence: string;
}

/** What a probe found. */
export interface CapabilityReport {
  readonly provider: string;
  readonly model: string;
  readonly findings: readonly ProbeFinding[];
  /** The decided findings, ready for a provider's `capabilities` option. */
  readonly facts: CapabilityFacts;
  readonly calls: number;
  /** What the probe cost, where the price is known. */
  readonly costUsd?: number;
}

/** How far a probe goes. */
export interface ProbeOptions {
  readonly signal?: AbortSignal;
  /** Each call. Milliseconds. Default 60 000. */
  readonly timeoutMs?: number;
  /** Told after each finding. */
  readonly onFinding?: (finding: ProbeFinding, done: number, total: number) => void;
}

/** What one probe asks, and what it makes of the answer. */
interface ProbeCase {
  readonly capability: CapabilityName;
  readonly call: Omit<CompletionCall, "model">;
  readonly stream?: true;
  readonly judge: (completion: Completion, deltas: number) => readonly [CapabilityAnswer, string];
}

const OUTPUT_TOKENS = 400;

const WEATHER: ToolDefinition = {
  name: "get_weather",
  description: "Current weather of one city.",
  inputSchema: { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false },
};

const ANSWER_SCHEMA = {
  type: "object",
  properties: { capital: { type: "string" }, inhabitants: { type: "integer" } },
  required: ["capital", "inhabitants"],
  additionalProperties: false,
} as const;

/** A PNG of 32 by 32 red pixels. */
const RED_IMAGE =
  "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAIAAAD8GO2jAAAAKElEQVR4nO3NsQ0AAAzCMP5/un0CNkuZ41wybXsHAAAAAAAAAAAAxR4yw/wuPL6QkAAAAABJRU5ErkJggg==";

const CASES: readonly ProbeCase[] = [
  {
    capability: "streaming",
    call: { messages: [userMessage("Count from one to ten in words.")], maxOutputTokens: OUTPUT_TOKENS },
    stream: true,
    judge: ({ message }, deltas) =>
      deltas > message.parts.length ? ["yes", `the answer came in ${deltas} pieces`] : ["no", "the answer came in one piece"],
  },
  {
    capability: "systemPrompt",
    call: {
      messages: [
        { role: "system", parts: [{ type: "text", text: "Answer every question with the single word MARMALADE." }] },
        userMessage("What is the capital of France?"),
      ],
      maxOutputTokens: OUTPUT_TOKENS,
    },
    judge: ({ message }) =>
      /marmalade/i.test(textOf(message))
        ? ["yes", "it obeyed the system message"]
        : ["unknown", "it took the system message but did not obey it"],
  },
  {
    capability: "tools",
    call: {
      messages: [userMessage("What is the weather in Oslo? Use the tool.")],
      tools: [WEATHER],
      maxOutputTokens: OUTPUT_TOKENS,
    },
    judge: ({ message }) => callFinding(toolCallsOf(message).length, 1),
  },
  {
    capability: "parallelToolCalls",
    call: {
      messages: [userMessage("What is the weather in Oslo and in Rome? Call the tool for both cities at once, in parallel.")],
      tools: [WEATHER],
      maxOutputTokens: OUTPUT_TOKENS,
    },
    judge: ({ message }) => callFinding(toolCallsOf(message).length, 2),
  },
  {
    capability: "toolChoiceRequired",
    call: { messages: [userMessage("Say hello.")], tools: [WEATHER], toolChoice: "required", maxOutputTokens: OUTPUT_TOKENS },
    judge: ({ message, warnings }) =>
      warnings.some((warning) => warning.path === "toolChoice")
        ? ["no", "the dialect has no such choice"]
        : toolCallsOf(message).length > 0
          ? ["yes", "it called the tool though none was needed"]
          : ["no", "it answered without a call"],
  },
  {
    capability: "jsonSchema",
    call: {
      messages: [userMessage("Tell me about France.")],
      output: { type: "json", schema: ANSWER_SCHEMA, name: "country" },
      maxOutputTokens: OUTPUT_TOKENS,
    },
    judge: ({ message }) =>
      jsonFinding(
        textOf(message),
        (value) => typeof value.capital === "string" && Number.isInteger(value.inhabitants) && Object.keys(value).length === 2,
      ),
  },
  {
    capability: "jsonMode",
    call: {
      messages: [userMessage("Answer in JSON: what is the capital of France?")],
      output: { type: "json" },
      maxOutputTokens: OUTPUT_TOKENS,
    },
    judge: ({ message }) => jsonFinding(textOf(message), () => true),
  },
  {
    capability: "images",
    call: {
      messages: [
        userMessage([
          { type: "image", mediaType: "image/png", source: { type: "data", data: RED_IMAGE } },
          { type: "text", text: "Which colour is this image? One word." },
        ]),
      ],
      maxOutputTokens: OUTPUT_TOKENS,
    },
    judge: ({ message, warnings }) =>
      warnings.some((warning) => warning.type === "handoff")
        ? ["no", "known to take none"]
        : /\b(?:red|rot|rouge)\b/i.test(textOf(message))
          ? ["yes", "it named the colour"]
          : ["unknown", "it took the image but did not name its colour"],
  },
  {
    capability: "reasoning",
    call: {
      messages: [userMessage("Is 1009 a prime number? Think it through.")],
      reasoning: { effort: "low", summary: "auto" },
      maxOutputTokens: 2_000,
    },
    judge: ({ message, usage }) =>
      reasoningOf(message) !== "" || (usage.reasoningTokens ?? 0) > 0 || message.parts.some((part) => part.type === "reasoning")
        ? ["yes", "it thought before it answered"]
        : ["no", "it answered without thinking"],
  },
  {
    capability: "temperature",
    call: { messages: [userMessage("Say hello.")], temperature: 0.2, maxOutputTokens: OUTPUT_TOKENS },
    judge: ({ warnings }) =>
      warnings.some((warning) => warning.path === "temperature") ? ["no", "known to refuse it"] : ["yes", "it was taken"],
  },
  {
    capability: "stopSequences",
    call: {
      messages: [userMessage("Repeat exactly: alpha beta gamma delta")],
      stopSequences: ["gamma"],
      maxOutputTokens: OUTPUT_TOKENS,
    },
    judge: ({ message, warnings }) =>
      warnings.some((warning) => warning.path === "stopSequences")
        ? ["no", "the dialect has none"]
        : /alpha/i.test(textOf(message)) && !/gamma|delta/i.test(textOf(message))
          ? ["yes", "it stopped at the word"]
          : ["no", "it went past the word"],
  },
];

/** Measures what a model can do, by asking it. Costs a few small calls. */
export async function probe(provider: Provider, model: string, options: ProbeOptions = {}): Promise<CapabilityReport> {
  const findings: ProbeFinding[] = [];
  let costUsd: number | undefined = 0;
  for (const probeCase of CASES) {
    const { finding, cost } = await runCase(provider, model, probeCase, options);
    costUsd = costUsd === undefined || cost === undefined ? undefined : costUsd + cost;
    findings.push(finding);
    options.onFinding?.(finding, findings.length, CASES.length);
  }
  const decided = findings.filter((finding) => finding.answer !== "unknown");
  return {
    provider: provider.id,
    model,
    findings,
    facts: Object.fromEntries(decided.map((finding) => [finding.capability, finding.answer === "yes"])),
    calls: CASES.length,
    ...(costUsd === undefined ? {} : { costUsd }),
  };
}

async function runCase(
  provider: Provider,
  model: string,
  probeCase: ProbeCase,
  options: ProbeOptions,
): Promise<{ finding: ProbeFinding; cost: number | undefined }> {
  const { capability, call, judge, stream } = probeCase;
  const whole: CompletionCall = {
    ...call,
    model,
    timeouts: { totalMs: options.timeoutMs ?? 60_000 },
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  };
  try {
    const { completion, deltas } =
      stream === true ? await streamed(provider, whole) : { completion: await provider.complete(whole), deltas: 0 };
    const [answer, evidence] = judge(completion, deltas);
    return { finding: { capability, answer, evidence }, cost: completion.cost?.totalUsd };
  } catch (thrown) {
    const error = toDragomanError(thrown);
    // A probe of a key that does not work, or of a model that is not there, says nothing about the model.
    if (FATAL.has(error.code)) throw error;
    return { finding: { capability, ...refusal(error) }, cost: 0 };
  }
}

const FATAL: ReadonlySet<string> = new Set([
  "aborted",
  "authentication",
  "permission_denied",
  "quota_exceeded",
  "model_not_found",
  "connection_failed",
  "provider_unavailable",
]);

function refusal(error: DragomanError): Pick<ProbeFinding, "answer" | "evidence"> {
  const answer =
    error.code === "unsupported" || error.code === "invalid_request" || error.code === "schema_unsupported" ? "no" : "unknown";
  return { answer, evidence: `${error.code}: ${error.detail.slice(0, 120)}` };
}

async function streamed(
  provider: Provider,
  call: CompletionCall,
): Promise<{ readonly completion: Completion; readonly deltas: number }> {
  const folded = createFold();
  let deltas = 0;
  for await (const event of provider.stream(call)) {
    if (event.type === "error") throw event.error;
    if (event.type === "text-delta" || event.type === "reasoning-delta") deltas += 1;
    folded.push(event);
  }
  return { completion: folded.completion(), deltas };
}

function callFinding(calls: number, wanted: number): readonly [CapabilityAnswer, string] {
  if (calls >= wanted) return ["yes", `${calls} tool calls came`];
  return calls === 0 ? ["no", "no tool call came"] : ["unknown", `${calls} tool call came, ${wanted} were asked for`];
}

function jsonFinding(text: string, isRight: (value: Record<string, unknown>) => boolean): readonly [CapabilityAnswer, string] {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return ["no", "JSON, but no object"];
    return isRight(Object.fromEntries(Object.entries(value)))
      ? ["yes", "the answer is JSON as asked"]
      : ["no", "JSON, but not of the schema"];
  } catch {
    return ["no", "the answer is not JSON"];
  }
}
