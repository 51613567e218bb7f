/**
 * Reads Responses answers straight from the wire's definition. A stream's last event repeats the whole response; the
 * reader takes the items from the `output_item.done` events and the rest from that last event, as a terse vendor may leave
 * `output` empty there.
 */
import type { FinishReason } from "../../../completion.ts";
import { expectedErrorCodes } from "../expected-error.ts";
import { type AnswerFacts, type AnswerReader, NO_ANSWER, type ToolCallFact, toolCallFact, type UsageFacts } from "../facts.ts";
import { isRawObject, numberIn, objectIn, objectsIn, type RawObject, stringIn, wordIn, wordsIn } from "../raw-json.ts";

const LAST_EVENTS: ReadonlySet<unknown> = new Set([
  "response.completed",
  "response.incomplete",
  "response.failed",
  "response.cancelled",
]);

export const openAIResponsesReader: AnswerReader = {
  readAnswer(body) {
    const answer = objectIn(body);
    return answerFacts(answer, objectsIn(answer.output));
  },

  readStream(units) {
    const items: RawObject[] = [];
    let last: RawObject | undefined;
    let lastUnit: number | undefined;
    let error: RawObject | undefined;
    units.forEach((unit, index) => {
      const event = objectIn(unit.json);
      if (event.type === "response.output_item.done") items.push(objectIn(event.item));
      if (event.type === "error" || (event.type === undefined && event.error !== undefined)) error ??= event;
      if (LAST_EVENTS.has(event.type)) {
        last ??= objectIn(event.response);
        lastUnit ??= index;
      }
    });
    const whole = objectsIn(last?.output);
    const facts = answerFacts(last ?? {}, items.length > 0 ? items : whole);
    const ends = { finishUnit: lastUnit, lastWordUnit: lastUnit };
    if (error === undefined) return { ...facts, ...ends };
    // The first error ends the stream; a failed response after it may only repeat it.
    const words = JSON.stringify(error);
    return { ...facts, ...ends, outcome: "error", errorCodes: expectedErrorCodes(undefined, words) };
  },
};

function answerFacts(answer: RawObject, items: readonly RawObject[]): AnswerFacts {
  if (isRawObject(answer.error) || answer.status === "failed" || typeof answer.error === "string") {
    return { ...NO_ANSWER, outcome: "error", errorCodes: expectedErrorCodes(undefined, JSON.stringify(answer.error ?? null)) };
  }
  const contents = items.filter((item) => item.type === "message").flatMap((item) => objectsIn(item.content));
  const toolCalls = items.map(toolCallOf).filter((call) => call !== undefined);
  // Some servers have no item for it, and tell all of it in one string beside the items.
  const besides = typeof answer.reasoning === "string" ? [answer.reasoning] : [];
  const reasoning = [...items.filter((item) => item.type === "reasoning").flatMap(reasoningTexts), ...besides];
  const refusal = contents.map((content) => stringIn(content.refusal) ?? "").join("");
  return {
    ...NO_ANSWER,
    text: contents.map((content) => stringIn(content.text) ?? "").join(""),
    refusal,
    // Summaries have several parts, which a codec may join as it likes.
    reasoningText: reasoning.length > 1 ? undefined : (reasoning[0] ?? ""),
    hasReasoning: besides.length > 0 || items.some((item) => item.type === "reasoning"),
    toolCalls,
    signatures: wordsIn(items.map((item) => item.encrypted_content)),
    finish: finishOf(answer, toolCalls, refusal !== ""),
    usage: usageOf(objectIn(answer.usage)),
  };
}

function reasoningTexts(item: RawObject): readonly string[] {
  const parts = [...objectsIn(item.summary), ...objectsIn(item.content)];
  return parts.map((part) => stringIn(part.text) ?? "").filter((text) => text !== "");
}

/** Function calls; a custom tool's call is one too, yet a codec may keep it as the vendor's own block. */
function toolCallOf(item: RawObject): ToolCallFact | undefined {
  const id = wordIn(item.call_id) ?? wordIn(item.id);
  const name = stringIn(item.name) ?? "";
  if (item.type === "function_call") return toolCallFact(id, name, stringIn(item.arguments) ?? "");
  if (item.type === "custom_tool_call") return { id, name, arguments: stringIn(item.input) ?? "", optional: true };
  return undefined;
}

/** The wire has no word for "waits for tools"; it follows from the items. */
function finishOf(answer: RawObject, calls: readonly ToolCallFact[], refused: boolean): readonly FinishReason[] {
  const functions = calls.some((call) => call.optional !== true);
  if (answer.status === "incomplete") {
    const reason = objectIn(answer.incomplete_details).reason;
    return [
      reason === "max_output_tokens" || reason === "max_tokens"
        ? "length"
        : reason === "content_filter"
          ? "content-filter"
          : "other",
    ];
  }
  if (answer.status !== "completed") return [];
  if (functions) return ["tool-calls"];
  if (calls.length > 0) return ["tool-calls", "stop"];
  return refused ? ["stop", "content-filter"] : waitsForClient(answer) ? ["stop", "tool-calls", "pause"] : ["stop"];
}

/** Calls of built-in tools that the client runs itself: a codec may count them as tool calls. */
function waitsForClient(answer: RawObject): boolean {
  const kinds = new Set<unknown>([
    "computer_call",
    "shell_call",
    "local_shell_call",
    "apply_patch_call",
    "mcp_approval_request",
    "tool_search_call",
  ]);
  return objectsIn(answer.output).some((item) => kinds.has(item.type));
}

function usageOf(usage: RawObject): UsageFacts {
  const cached = numberIn(objectIn(usage.input_tokens_details).cached_tokens);
  const written = numberIn(objectIn(usage.input_tokens_details).cache_write_tokens);
  const reasoning = numberIn(objectIn(usage.output_tokens_details).reasoning_tokens);
  const input = numberIn(usage.input_tokens);
  const output = numberIn(usage.output_tokens);
  const total = numberIn(usage.total_tokens);
  const beyond = input === undefined || output === undefined || total === undefined ? 0 : total - input - output;
  const reasoningBeside = reasoning !== undefined && reasoning > 0 && beyond === reasoning;
  const contradicts = !reasoningBeside && reasoning !== undefined && output !== undefined && reasoning > output;
  return {
    ...(input === undefined ? {} : { inputTokens: [cached !== undefined && cached > input ? input + cached : input] }),
    ...(cached === undefined ? {} : { cacheReadTokens: [cached] }),
    ...(written === undefined ? {} : { cacheWriteTokens: [written] }),
    ...(output === undefined || (contradicts && total === undefined)
      ? {}
      : { outputTokens: [reasoningBeside ? output + reasoning : output] }),
    // More reasoning than output, and a total that does not explain it: the vendor contradicts itself.
    ...(reasoning === undefined || contradicts ? {} : { reasoningTokens: [reasoning] }),
  };
}
