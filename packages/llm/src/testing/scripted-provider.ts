/**
 * A provider that answers from a list: for tests of code that calls models. It asserts that it was asked for exactly what
 * the list holds, and that nothing of the list was left.
 *
 *     const provider = createScriptedProvider([{ text: "Hello" }, { toolCalls: [{ name: "weather", arguments: { city: "Oslo" } }] }]);
 *     …
 *     provider.assertUsedUp();
 */
import { UNKNOWN_CAPABILITIES } from "../capabilities.ts";
import type { Completion, Finish } from "../completion.ts";
import { DragomanError, type ErrorCode } from "../errors.ts";
import type { JsonValue } from "../json.ts";
import type { AssistantPart } from "../message.ts";
import type { CompletionCall, Provider } from "../provider.ts";
import { type CompletionRequest, requestOf } from "../request.ts";
import type { StreamEvent } from "../stream.ts";
import { streamFromCompletion } from "../stream-from-completion.ts";
import { estimateTokens } from "../tokens.ts";
import type { Usage } from "../usage.ts";

/** One answer. Give `text`, `toolCalls` and `reasoning`, or all `parts` as they are; or an error. */
export interface ScriptedAnswer {
  readonly text?: string;
  readonly reasoning?: string;
  readonly toolCalls?: readonly { readonly name: string; readonly arguments?: JsonValue; readonly id?: string }[];
  readonly parts?: readonly AssistantPart[];
  readonly finish?: Finish;
  readonly usage?: Usage;
  readonly error?: ErrorCode | DragomanError;
  /** Checks the request that gets this answer; throw to fail. */
  readonly expect?: (request: CompletionRequest) => void;
}

export interface ScriptedProvider extends Provider {
  /** The requests that came, in order. */
  readonly requests: readonly CompletionRequest[];
  readonly remaining: number;
  /** Throws `internal` when answers are left, or when more were asked for. */
  assertUsedUp(): void;
}

/** A provider that gives the answers it was given, in order. For tests of what calls it. */
export function createScriptedProvider(
  script: readonly ScriptedAnswer[],
  options: { readonly id?: string } = {},
): ScriptedProvider {
  const id = options.id ?? "scripted";
  const requests: CompletionRequest[] = [];

  function next(call: CompletionCall): Completion {
    const request = requestOf(call);
    const answer = script[requests.length];
    requests.push(request);
    if (answer === undefined) {
      throw new DragomanError({
        code: "internal",
        provider: id,
        model: call.model,
        detail: `the script has ${script.length} answers, and this is request ${requests.length}`,
      });
    }
    answer.expect?.(request);
    if (answer.error !== undefined) {
      throw DragomanError.is(answer.error)
        ? answer.error
        : new DragomanError({ code: answer.error, provider: id, model: call.model, detail: "as the script says" });
    }
    return completionOf(answer, id, call.model, requests.length);
  }

  async function* stream(call: CompletionCall): AsyncGenerator<StreamEvent, void, undefined> {
    let events: readonly StreamEvent[];
    try {
      throwIfAborted(call.signal);
      events = streamFromCompletion(next(call));
    } catch (error) {
      if (!DragomanError.is(error)) throw error;
      events = [{ type: "error", error, partial: emptyCompletion(id, call.model) }];
    }
    for (const event of events) yield event;
  }

  return {
    id,
    supports: () => true,
    models: async () => [{ id: "scripted", provider: id, capabilities: UNKNOWN_CAPABILITIES, source: "catalogue" }],
    capabilities: () => UNKNOWN_CAPABILITIES,
    pricing: () => undefined,
    countTokens: async (call) => estimateTokens(call),
    complete: async (call) => {
      throwIfAborted(call.signal);
      return next(call);
    },
    stream,
    availability: async () => ({ available: true }),
    requests,
    get remaining() {
      return Math.max(0, script.length - requests.length);
    },
    assertUsedUp() {
      const left = script.length - requests.length;
      if (left === 0) return;
      const detail =
        left > 0
          ? `${left} of ${script.length} scripted answers were never asked for`
          : `${requests.length} requests came, and the script has ${script.length} answers`;
      throw new DragomanError({ code: "internal", provider: id, detail });
    },
  };
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new DragomanError({ code: "aborted", detail: "the call was aborted" });
}

function completionOf(answer: ScriptedAnswer, provider: string, model: string, number: number): Completion {
  const origin = { dialect: "scripted", provider, model };
  const parts = answer.parts ?? partsOf(answer, number);
  const reason = parts.some((part) => part.type === "tool-call") ? "tool-calls" : "stop";
  return {
    id: `scripted-${number}`,
    origin,
    message: { role: "assistant", parts, origin },
    finish: answer.finish ?? { reason },
    usage: answer.usage ?? {},
    warnings: [],
  };
}

/** What had arrived of an answer that failed: nothing. */
function emptyCompletion(provider: string, model: string): Completion {
  const origin = { dialect: "scripted", provider, model };
  return {
    id: "",
    origin,
    message: { role: "assistant", parts: [], origin },
    finish: { reason: "other" },
    usage: {},
    warnings: [],
  };
}

function partsOf(answer: ScriptedAnswer, number: number): readonly AssistantPart[] {
  const calls = answer.toolCalls ?? [];
  return [
    ...(answer.reasoning === undefined ? [] : [{ type: "reasoning" as const, text: answer.reasoning }]),
    ...(answer.text === undefined ? [] : [{ type: "text" as const, text: answer.text }]),
    ...calls.map((call, index) => ({
      type: "tool-call" as const,
      id: call.id ?? `call_${number}_${index}`,
      name: call.name,
      arguments: call.arguments ?? {},
    })),
  ];
}
