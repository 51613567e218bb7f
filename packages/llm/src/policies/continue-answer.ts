/**
 * Goes on with an answer that the vendor suspended (`finish.reason` is `pause`, as Anthropic's `pause_turn`): sends it back
 * until it is finished, and gives all turns out as one answer with their summed usage and cost.
 *
 *     const patient = continueAnswer(anthropic(), { turnsMax: 4 });
 *
 * At a limit the answer is given out as far as it came, still with `pause`, and a warning that names the limit. A turn that
 * fails is an error; in a stream its `partial` holds all turns so far. Stands next to the vendor: only the maker of a
 * suspended answer can go on with it.
 */
import type { Completion } from "../completion.ts";
import { createFold } from "../fold.ts";
import type { AssistantMessage, VendorData } from "../message.ts";
import type { CompletionCall, Provider } from "../provider.ts";
import type { FinishEvent, StreamEvent } from "../stream.ts";
import { streamFromCompletion } from "../stream-from-completion.ts";
import { sumCosts, sumUsage, type Timing, type Usage } from "../usage.ts";
import type { Warning } from "../warning.ts";
import { wrapProvider } from "../wrap-provider.ts";

/** How often, and how far an answer is continued. */
export interface ContinueAnswerOptions {
  /** Turns in all, the first included. Default 8. */
  readonly turnsMax?: number;
  /** For all turns together; `timeouts.totalMs` of the call holds for them too. Default: no limit of its own. */
  readonly totalMs?: number;
  /** Milliseconds. Default `performance.now`. */
  readonly now?: () => number;
}

/** Lets a model go on where it met the output limit, and gives out one answer. */
export function continueAnswer<Model extends string>(provider: Provider<Model>, options?: ContinueAnswerOptions): Provider<Model>;
export function continueAnswer(provider: Provider, options: ContinueAnswerOptions = {}): Provider {
  const { turnsMax = 8, now = () => performance.now() } = options;

  function limitsOf(call: CompletionCall): Limits {
    const startedAt = now();
    const totalMs = Math.min(options.totalMs ?? Number.POSITIVE_INFINITY, call.timeouts?.totalMs ?? Number.POSITIVE_INFINITY);
    const leftMs = () => totalMs - (now() - startedAt);
    return {
      within: (turn) => (Number.isFinite(totalMs) ? { ...turn, timeouts: { ...turn.timeouts, totalMs: leftMs() } } : turn),
      reached(turns) {
        if (turns >= turnsMax) return `${turnsMax} turns (turnsMax)`;
        return leftMs() <= 0 ? `${totalMs} ms (totalMs)` : undefined;
      },
    };
  }

  async function complete(call: CompletionCall): Promise<Completion> {
    const limits = limitsOf(call);
    const turns = [await provider.complete(limits.within(call))];
    for (;;) {
      const answer = joined(turns);
      if (answer.finish.reason !== "pause") return answer;
      const limit = limits.reached(turns.length);
      if (limit !== undefined) return { ...answer, warnings: [...answer.warnings, limitWarning(limit)] };
      turns.push(await provider.complete(limits.within(nextTurn(call, answer.message))));
    }
  }

  async function* stream(call: CompletionCall): AsyncGenerator<StreamEvent, void, undefined> {
    const limits = limitsOf(call);
    const turns: Completion[] = [];
    let offset = 0;
    for (let current = call; ; ) {
      const before = turns.length === 0 ? undefined : joined(turns);
      const ended = yield* oneTurn(provider.stream(limits.within(current)), before, offset);
      if (ended === undefined) return;
      turns.push(ended.turn);
      offset = ended.nextIndex;
      const answer = joined(turns);
      const paused = answer.finish.reason === "pause";
      const limit = paused ? limits.reached(turns.length) : undefined;
      if (paused && limit === undefined) {
        current = nextTurn(call, answer.message);
        continue;
      }
      if (limit !== undefined) yield { type: "warning", warning: limitWarning(limit) };
      yield finishOf(answer, ended.event);
      return;
    }
  }

  return wrapProvider(provider, { complete, stream });
}

interface Limits {
  /** The turn's call, with the time that is left. */
  within(call: CompletionCall): CompletionCall;
  /** The limit that forbids another turn after so many. */
  reached(turns: number): string | undefined;
}

interface EndedTurn {
  readonly turn: Completion;
  readonly event: FinishEvent;
  /** The first index that is free for another turn. */
  readonly nextIndex: number;
}

/** One turn's events in their place behind the turns before it. Its finish is held back; undefined after an error. */
async function* oneTurn(
  events: AsyncIterable<StreamEvent>,
  before: Completion | undefined,
  offset: number,
): AsyncGenerator<StreamEvent, EndedTurn | undefined, undefined> {
  const folded = createFold();
  let firstIndex = offset;
  let nextIndex = offset;
  let begun = before !== undefined;
  for await (const event of events) {
    folded.push(event);
    if (event.type === "finish") return { turn: folded.completion(), event, nextIndex };
    if (event.type === "error") {
      const partial = event.partial ?? folded.completion();
      yield { ...event, partial: before === undefined ? partial : joined([before, partial]) };
      return undefined;
    }
    if (event.type === "restart") begun = false;
    if (event.type === "start") {
      if (begun) continue;
      yield event;
      begun = true;
      // After a restart the caller has nothing any more: the turns before come again.
      for (const part of before === undefined ? [] : partEvents(before)) yield part;
      firstIndex = before?.message.parts.length ?? 0;
      nextIndex = firstIndex;
    } else if (event.type === "usage") {
      yield { ...event, usage: totalUsage([...(before === undefined ? [] : [before.usage]), event.usage]) };
    } else if (event.type === "warning") {
      if (!isKnown(event.warning, before)) yield event;
    } else if ("index" in event) {
      const index = event.index + firstIndex;
      nextIndex = Math.max(nextIndex, index + 1);
      yield { ...event, index };
    } else yield event;
  }
  return undefined;
}

/** The parts of what was said, and the warnings, as events. */
function partEvents(completion: Completion): readonly StreamEvent[] {
  return streamFromCompletion(completion).filter(({ type }) => type !== "start" && type !== "finish");
}

function nextTurn(call: CompletionCall, said: AssistantMessage): CompletionCall {
  return { ...call, messages: [...call.messages, said] };
}

function finishOf(answer: Completion, last: FinishEvent): FinishEvent {
  const { usage, cost, timing, message } = answer;
  const { cost: _lastCost, timing: _lastTiming, messageVendor: _lastVendor, ...event } = last;
  return {
    ...event,
    usage,
    ...(cost === undefined ? {} : { cost }),
    ...(timing === undefined ? {} : { timing }),
    ...(message.vendor === undefined ? {} : { messageVendor: message.vendor }),
  };
}

/** All turns as one answer: it began with the first and ended as the last did. */
function joined(turns: readonly Completion[]): Completion {
  const [first, ...more] = turns;
  const last = more.at(-1);
  if (first === undefined || last === undefined) return turns[0] ?? createFold().completion();
  const { cost: _cost, timing: _timing, ...ending } = last;
  const cost = sumCosts(turns.map((turn) => turn.cost));
  const timing = totalTiming(turns.map((turn) => turn.timing));
  const vendor = mergedVendor(turns.map(({ message }) => message.vendor));
  return {
    ...ending,
    id: first.id,
    origin: first.origin,
    ...(first.createdAt === undefined ? {} : { createdAt: first.createdAt }),
    message: {
      role: "assistant",
      parts: turns.flatMap(({ message }) => message.parts),
      origin: first.origin,
      ...(vendor === undefined ? {} : { vendor }),
    },
    usage: totalUsage(turns.map(({ usage }) => usage)),
    ...(cost === undefined ? {} : { cost }),
    ...(timing === undefined ? {} : { timing }),
    warnings: allWarnings(turns),
  };
}

function totalUsage(usages: readonly Usage[]): Usage {
  const [only, ...more] = usages;
  if (only !== undefined && more.length === 0) return only;
  return { ...sumUsage(usages), raw: usages.map(({ raw }) => raw ?? null) };
}

function totalTiming(timings: readonly (Timing | undefined)[]): Timing | undefined {
  const firstTokenMs = timings[0]?.firstTokenMs;
  let totalMs = 0;
  for (const timing of timings) {
    if (timing === undefined) return undefined;
    totalMs += timing.totalMs;
  }
  return { totalMs, ...(firstTokenMs === undefined ? {} : { firstTokenMs }) };
}

/** Later data over earlier, dialect by dialect. */
function mergedVendor(all: readonly (VendorData | undefined)[]): VendorData | undefined {
  const known = all.filter((vendor) => vendor !== undefined);
  return known.length === 0 ? undefined : Object.assign({}, ...known);
}

function allWarnings(turns: readonly Completion[]): readonly Warning[] {
  const warnings: Warning[] = [];
  for (const turn of turns) {
    const known = { warnings: [...warnings] };
    for (const warning of turn.warnings) if (!isKnown(warning, known)) warnings.push(warning);
  }
  return warnings;
}

/** Each turn repeats what is to be said of the request. */
function isKnown(warning: Warning, before: Pick<Completion, "warnings"> | undefined): boolean {
  const words = JSON.stringify(warning);
  return before?.warnings.some((known) => JSON.stringify(known) === words) === true;
}

function limitWarning(limit: string): Warning {
  return { type: "other", detail: `the answer is not finished: it was still suspended after ${limit}` };
}
