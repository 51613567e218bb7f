/** A whole answer: parsed, held against the independent reading, rendered for a client and parsed again. */
import type { Completion } from "../../completion.ts";
import type { ClientContext, Dialect, ParseContext } from "../../dialect.ts";
import { DragomanError } from "../../errors.ts";
import type { Warning } from "../../warning.ts";
import { checkUsage, compareCompletions } from "../laws.ts";
import { compareAnswer } from "./compare-answer.ts";
import { secretIn } from "./expected-error.ts";
import type { AnswerFacts } from "./facts.ts";
import { shortened } from "./raw-json.ts";
import type { Findings } from "./report.ts";

/** The wire as the vendor speaks it, quirks and all, and as clients are answered in it. */
export interface AnswerDialects {
  readonly dialect: Dialect;
  readonly clientDialect: Dialect;
}

export function checkCompletion(
  body: unknown,
  expected: AnswerFacts,
  dialects: AnswerDialects,
  context: ParseContext,
  client: ClientContext,
  findings: Findings,
): void {
  const completion = parse(body, expected, dialects.dialect, context, findings);
  if (completion === undefined) return;
  for (const violation of checkUsage(completion.usage)) findings.add(`answer law 4: ${violation}`);
  compareAnswer(expected, completion, "answer", findings);
  checkRoundTrip(completion, dialects.clientDialect, context, client, findings);
}

function parse(
  body: unknown,
  expected: AnswerFacts,
  dialect: Dialect,
  context: ParseContext,
  findings: Findings,
): Completion | undefined {
  try {
    const completion = dialect.parseResponse(body, context);
    if (expected.outcome === "success") return completion;
    findings.add("answer error inside a 200", "an error", `finish ${completion.finish.reason}`);
  } catch (thrown) {
    checkError(thrown, expected, "answer", findings);
  }
  return undefined;
}

/** Holds an error, thrown or terminal, against what the answer should have come to. */
export function checkError(thrown: unknown, expected: AnswerFacts, prefix: string, findings: Findings): void {
  if (!DragomanError.is(thrown)) {
    findings.add(`${prefix} error class`, "a DragomanError", shortened(String(thrown)));
    return;
  }
  const secret = secretIn(thrown.message);
  if (secret !== undefined) findings.add(`${prefix} secret in the error's message`, "none", secret);
  if (expected.outcome === "success") {
    if (!mayBeAnError(expected)) findings.add(`${prefix} outcome`, "success", shortened(thrown.message, 300));
    return;
  }
  if (expected.errorCodes !== undefined && !expected.errorCodes.includes(thrown.code)) {
    findings.add(`${prefix} error code`, expected.errorCodes.join(" or "), `${thrown.code}: ${shortened(thrown.message, 200)}`);
  }
}

/** A failed generation, or a prompt that was refused, may be told as a finish reason or as an error. */
export function mayBeAnError(expected: AnswerFacts): boolean {
  const said = expected.text !== "" || expected.toolCalls.length > 0;
  return expected.finish.includes("error") || (expected.finish.includes("content-filter") && !said);
}

/** Law 2: what the client would read is what was answered, less the warnings. */
function checkRoundTrip(
  completion: Completion,
  dialect: Dialect,
  context: ParseContext,
  client: ClientContext,
  findings: Findings,
): void {
  try {
    const rendered = dialect.renderResponse(completion, { ...client, model: completion.origin.model });
    const again = dialect.parseResponse(JSON.parse(JSON.stringify(rendered.body)), context);
    reportDifferences(completion, again, rendered.warnings, "answer law 2", findings);
  } catch (thrown) {
    findings.add("answer law 2 renderResponse and parseResponse", "no error", shortened(String(thrown), 300));
  }
}

/** Differences that no warning speaks of. */
export function reportDifferences(
  expected: Completion,
  actual: Completion,
  warnings: readonly Warning[],
  prefix: string,
  findings: Findings,
): void {
  for (const difference of compareCompletions(expected, actual)) {
    if (isMadeAnew(difference)) continue;
    const words = wordsOf(difference, expected);
    const said = warnings.some((warning) => {
      const text = `${warning.path ?? ""} ${warning.detail}`.toLowerCase();
      return words.some((word) => text.includes(word));
    });
    if (!said) findings.add(`${prefix} ${difference}`);
  }
}

/**
 * Not a loss: the vendor's own word for why it stopped, as the reason that it stands for has been compared; and data that
 * the wire demands, such as an item's id, where there was none.
 */
function isMadeAnew(difference: string): boolean {
  return difference.startsWith("finish.raw:") || /^parts\.\d+\.vendor\b[^:]*: expected nothing, got/.test(difference);
}

/** What a warning about this difference would name: the field, or for a part its kind. */
function wordsOf(difference: string, expected: Completion): readonly string[] {
  const [path = ""] = difference.split(":", 1);
  const [top = "", index] = path.split(".");
  if (top !== "parts") return [top.toLowerCase(), path.toLowerCase()];
  const part = expected.message.parts[Number(index)];
  return ["parts[", "message", ...(part === undefined ? [] : [part.type, part.type === "opaque" ? part.kind : part.type])];
}
