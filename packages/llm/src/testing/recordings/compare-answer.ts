/** Holds a completion against what the independent reader found in the raw answer. */
import type { Completion } from "../../completion.ts";
import type { AssistantPart, ToolCallPart } from "../../message.ts";
import { reasoningOf, textOf, toolCallsOf } from "../../message.ts";
import type { AnswerFacts, ToolCallFact, UsageFacts } from "./facts.ts";
import { canonicalJson, shortened } from "./raw-json.ts";
import type { Findings } from "./report.ts";

export function compareAnswer(expected: AnswerFacts, completion: Completion, prefix: string, findings: Findings): void {
  const check = (what: string, wanted: unknown, got: unknown, same: boolean): void => {
    if (!same) findings.add(`${prefix} ${what}`, shortened(wanted), shortened(got));
  };
  const { message } = completion;
  const text = textOf(message);
  check("text", expected.text, text, text === expected.text);
  const refusal = joined(message.parts, "refusal");
  check("refusal", expected.refusal, refusal, refusal === expected.refusal);
  compareReasoning(expected, completion, check);
  compareToolCalls(expected.toolCalls, toolCallsOf(message), prefix, findings);
  const kept = JSON.stringify(message);
  for (const signature of expected.signatures) {
    check("signature", signature, "nothing", kept.includes(JSON.stringify(signature).slice(1, -1)));
  }
  const media = message.parts.filter((part) => part.type === "image" || part.type === "audio" || part.type === "file").length;
  check("media", expected.media, media, media >= expected.media);
  const { reason } = completion.finish;
  check("finish", expected.finish, completion.finish, expected.finish.length === 0 || expected.finish.includes(reason));
  compareUsage(expected.usage, completion, check);
  if (expected.alternatives > 1 && completion.warnings.length === 0) {
    findings.add(`${prefix} silent loss: further choices`, `a warning for ${expected.alternatives} choices`, "none");
  }
}

type Check = (what: string, wanted: unknown, got: unknown, same: boolean) => void;

function compareReasoning(expected: AnswerFacts, completion: Completion, check: Check): void {
  const { message } = completion;
  const present = message.parts.some((part) => part.type === "reasoning");
  check("reasoning presence", expected.hasReasoning, present, !expected.hasReasoning || present);
  if (expected.reasoningText === undefined) return;
  const reasoning = reasoningOf(message);
  check("reasoning text", expected.reasoningText, reasoning, reasoning === expected.reasoningText);
}

/** Optional calls may be there or not; the others must be there, in order. */
function compareToolCalls(
  expected: readonly ToolCallFact[],
  actual: readonly ToolCallPart[],
  prefix: string,
  findings: Findings,
): void {
  const optional = expected.filter((call) => call.optional === true);
  const isOptional = (call: ToolCallPart): boolean => optional.some((one) => one.id === call.id && one.name === call.name);
  const wanted = expected.filter((call) => call.optional !== true);
  const got = actual.filter((call) => !isOptional(call));
  if (wanted.length !== got.length) {
    findings.add(`${prefix} tool calls`, names(wanted), names(got));
    return;
  }
  for (const [index, call] of wanted.entries()) {
    const part = got[index];
    const difference = part === undefined ? "missing" : toolCallDifference(call, part);
    if (difference !== undefined) findings.add(`${prefix} tool call ${index} ${difference}`, shortened(call), shortened(part));
  }
}

function toolCallDifference(expected: ToolCallFact, part: ToolCallPart): string | undefined {
  if (part.name !== expected.name) return "name";
  if (expected.id === undefined ? part.id === "" : part.id !== expected.id) return "id";
  if (expected.invalidText !== undefined) {
    return part.invalid === undefined || part.argumentsText !== expected.invalidText ? "invalid arguments" : undefined;
  }
  return canonicalJson(part.arguments) === canonicalJson(expected.arguments) ? undefined : "arguments";
}

function compareUsage(expected: UsageFacts, completion: Completion, check: Check): void {
  for (const name of ["inputTokens", "cacheReadTokens", "cacheWriteTokens", "outputTokens", "reasoningTokens"] as const) {
    const accepted = expected[name];
    const actual = completion.usage[name];
    if (accepted !== undefined) check(`usage ${name}`, accepted, actual, accepted.includes(actual));
  }
}

function names(calls: readonly { readonly name: string }[]): string {
  return `${calls.length}: ${calls.map((call) => call.name).join(", ")}`;
}

function joined(parts: readonly AssistantPart[], type: "refusal"): string {
  return parts.map((part) => (part.type === type ? part.text : "")).join("");
}
