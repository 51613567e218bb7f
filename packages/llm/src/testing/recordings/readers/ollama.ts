/** Reads answers of /api/chat and /api/generate straight from the wire's definition: lines of one shape, the last one `done`. */
import type { FinishReason } from "../../../completion.ts";
import { expectedErrorCodes } from "../expected-error.ts";
import { type AnswerFacts, type AnswerReader, NO_ANSWER } from "../facts.ts";
import { numberIn, objectIn, objectsIn, type RawObject, stringIn, wordIn } from "../raw-json.ts";

export const ollamaReader: AnswerReader = {
  readAnswer(body) {
    return collect([objectIn(body)]);
  },

  readStream(units) {
    const lines = units.map((unit) => objectIn(unit.json));
    const done = lines.findIndex((line) => line.done === true);
    const end = done < 0 ? undefined : done;
    return { ...collect(lines), finishUnit: end, lastWordUnit: end };
  },
};

function collect(lines: readonly RawObject[]): AnswerFacts {
  const error = lines.find((line) => wordIn(line.error) !== undefined);
  if (error !== undefined) {
    return { ...NO_ANSWER, outcome: "error", errorCodes: expectedErrorCodes(undefined, JSON.stringify(error)) };
  }
  const messages = lines.map((line) => objectIn(line.message));
  const toolCalls = messages
    .flatMap((message) => objectsIn(message.tool_calls))
    .map((call) => ({ call, body: objectIn(call.function) }))
    .map(({ call, body }) => ({ id: wordIn(call.id), name: stringIn(body.name) ?? "", arguments: body.arguments ?? {} }));
  const reasoning = joined(messages, "thinking") + joined(lines, "thinking");
  const last = lines.findLast((line) => line.done === true) ?? {};
  return {
    ...NO_ANSWER,
    text: joined(messages, "content") + joined(lines, "response"),
    reasoningText: reasoning,
    hasReasoning: reasoning !== "",
    toolCalls,
    finish: finishOf(last.done_reason, toolCalls.length > 0),
    usage: {
      ...figure("inputTokens", numberIn(last.prompt_eval_count)),
      ...figure("outputTokens", numberIn(last.eval_count)),
    },
  };
}

function joined(objects: readonly RawObject[], name: string): string {
  return objects.map((object) => stringIn(object[name]) ?? "").join("");
}

function figure(name: "inputTokens" | "outputTokens", value: number | undefined): { readonly [name: string]: readonly number[] } {
  return value === undefined ? {} : { [name]: [value] };
}

/** `stop` also stands where the model calls tools; old servers send no reason at all. */
function finishOf(raw: unknown, calls: boolean): readonly FinishReason[] {
  if (calls && (raw === "stop" || raw === undefined)) return ["tool-calls"];
  if (raw === "stop") return ["stop"];
  if (raw === "length") return ["length"];
  return [];
}
