/** A call with search results in it, and what becomes of its answer. */
import type { Completion, Finish } from "../completion.ts";
import type { DragomanError } from "../errors.ts";
import type { Message, SourcePart } from "../message.ts";
import type { CompletionCall, Provider } from "../provider.ts";
import type { StreamEvent } from "../stream.ts";
import type { Warning } from "../warning.ts";
import type { SearchBlock } from "./render-search-block.ts";
import type { SearchQuestion } from "./search-question.ts";

/** A call as it goes to the provider, with what is to be told of the search. */
export interface InformedCall {
  readonly call: CompletionCall;
  readonly warnings: readonly Warning[];
  readonly sources: readonly SourcePart[];
  /** The call to make instead, when the vendor refuses its own search. */
  readonly onRefusal?: (error: DragomanError) => Promise<InformedCall>;
}

export function uninformed(call: CompletionCall): InformedCall {
  return { call, warnings: [], sources: [] };
}

/** The block as the first part of the user's own turn: wires that want turns to alternate take it, and so do small models. */
export function withBlock(
  call: CompletionCall,
  question: SearchQuestion,
  block: SearchBlock,
  warnings: readonly Warning[],
): InformedCall {
  const messages = call.messages.map((message, index): Message => {
    if (index !== question.index || message.role !== "user") return message;
    return { ...message, parts: [{ type: "text", text: block.text }, ...message.parts] };
  });
  const sources = block.results.map(({ url, title }): SourcePart => ({ type: "source", url, title }));
  return { call: { ...call, messages }, warnings, sources };
}

/** Whether the vendor may have refused because of its search tool: then the call is made again without it. */
export function mayBeTheTool({ code }: DragomanError): boolean {
  return code === "invalid_request" || code === "unsupported" || code === "permission_denied";
}

export function withSearch(completion: Completion, { warnings, sources }: InformedCall): Completion {
  const { message, finish } = completion;
  return {
    ...completion,
    message: sources.length === 0 || !isAnswer(finish) ? message : { ...message, parts: [...message.parts, ...sources] },
    warnings: [...warnings, ...completion.warnings],
  };
}

/** A turn that only asks for tools says nothing yet that a source could stand behind; the answer to come has them. */
function isAnswer({ reason }: Finish): boolean {
  return reason !== "tool-calls";
}

/**
 * One stream with its warnings after the start and its sources before the finish. A vendor's refusal of its own search, before
 * anything was said, is returned instead of given out.
 */
export async function* streamInformed(
  provider: Provider,
  { call, warnings, sources, onRefusal }: InformedCall,
): AsyncGenerator<StreamEvent, DragomanError | undefined, undefined> {
  let held: StreamEvent[] | undefined = onRefusal === undefined ? undefined : [];
  let nextIndex = 0;
  for await (const event of provider.stream(call)) {
    if (event.type === "error" && held !== undefined && mayBeTheTool(event.error)) return event.error;
    if ("index" in event) nextIndex = Math.max(nextIndex, event.index + 1);
    if (event.type === "restart") nextIndex = 0;
    const events = withSearchEvents(event, warnings, sources, nextIndex);
    if (held === undefined) {
      for (const one of events) yield one;
      continue;
    }
    held.push(...events);
    if (event.type === "start" || event.type === "warning" || event.type === "usage") continue;
    for (const first of held) yield first;
    held = undefined;
  }
  return undefined;
}

function withSearchEvents(
  event: StreamEvent,
  warnings: readonly Warning[],
  sources: readonly SourcePart[],
  nextIndex: number,
): readonly StreamEvent[] {
  // A restart forgets the warnings, and begins with a start.
  if (event.type === "start") return [event, ...warnings.map((warning) => ({ type: "warning" as const, warning }))];
  if (event.type === "finish" && !isAnswer(event.finish)) return [event];
  if (event.type === "finish")
    return [...sources.map((part, place) => ({ type: "part" as const, index: nextIndex + place, part })), event];
  if (event.type !== "error" || event.partial === undefined) return [event];
  return [{ ...event, partial: { ...event.partial, warnings: [...warnings, ...event.partial.warnings] } }];
}
