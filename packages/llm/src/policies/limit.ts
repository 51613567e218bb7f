/**
 * Keeps within so many requests and tokens a minute, and so many calls at once. A call that must wait stands in a queue in
 * which sessions or users take turns; one that would wait too long is refused as `rate_limited`, with the time to wait.
 *
 *     const polite = limit(anthropic(), { requestsPerMinute: 50, tokensPerMinute: 40_000, concurrency: 8 });
 *
 * Tokens are reserved by an estimate before a call and settled after it by what was used: also when it was aborted or cut
 * off, by what had arrived. All in this process's memory: each process has limits of its own.
 */
import type { Completion } from "../completion.ts";
import { DragomanError, toDragomanError } from "../errors.ts";
import { createFold } from "../fold.ts";
import type { CompletionCall, Provider } from "../provider.ts";
import type { StreamEvent } from "../stream.ts";
import { estimateTokens } from "../tokens.ts";
import { wrapProvider } from "../wrap-provider.ts";
import { type Admitted, createAdmission } from "./admission.ts";
import { type Clock, systemClock } from "./clock.ts";

/** How many calls and tokens at once and a minute, and how long to wait for a place. */
export interface LimitOptions {
  /** Default: no limit. */
  readonly requestsPerMinute?: number;
  /** Input and output together. Default: no limit. */
  readonly tokensPerMinute?: number;
  /** Calls that run at once. Default: no limit. */
  readonly concurrency?: number;
  readonly queue?: {
    /** Calls that wait at once; 0 refuses rather than waits. Default 100. */
    readonly lengthMax?: number;
    /** Default 30 000. */
    readonly waitMaxMs?: number;
  };
  /** Reserved for the answer where the call sets no `maxOutputTokens`, or a larger one. Default 1 000. */
  readonly outputTokensEstimate?: number;
  /** Who takes turns with others. Default: the user, else the session, that `metadata` names. */
  readonly party?: (call: CompletionCall) => string;
  readonly clock?: Clock;
}

/** Throws `configuration` for a limit that lets nothing through. */
export function limit<Model extends string>(provider: Provider<Model>, options: LimitOptions): Provider<Model>;
export function limit(provider: Provider, options: LimitOptions): Provider {
  const { outputTokensEstimate = 1_000, party = userOrSession } = options;
  const { lengthMax = 100, waitMaxMs = 30_000 } = options.queue ?? {};
  const admission = createAdmission({
    requestsPerMinute: atLeastSome("requestsPerMinute", options.requestsPerMinute),
    tokensPerMinute: atLeastSome("tokensPerMinute", options.tokensPerMinute),
    concurrency: atLeastSome("concurrency", options.concurrency),
    lengthMax,
    waitMaxMs,
    clock: options.clock ?? systemClock,
    provider: provider.id,
  });

  async function enter(call: CompletionCall): Promise<{ readonly place: Admitted; readonly reserved: Reservation }> {
    const inputTokens = estimateTokens(call).tokens;
    const outputTokens = Math.min(call.maxOutputTokens ?? outputTokensEstimate, outputTokensEstimate);
    const reserved = { inputTokens, total: inputTokens + outputTokens };
    const entry = { tokens: reserved.total, party: party(call), model: call.model, signal: call.signal };
    return { place: await admission.enter(entry), reserved };
  }

  async function complete(call: CompletionCall): Promise<Completion> {
    const { place, reserved } = await enter(call);
    let used = reserved.total;
    try {
      const completion = await provider.complete(call);
      used = usedTokens(completion, reserved);
      return completion;
    } catch (thrown) {
      if (wasTurnedAway(toDragomanError(thrown))) used = 0;
      throw thrown;
    } finally {
      place.leave(used);
    }
  }

  async function* stream(call: CompletionCall): AsyncGenerator<StreamEvent, void, undefined> {
    const folded = createFold();
    let entered: Awaited<ReturnType<typeof enter>>;
    try {
      entered = await enter(call);
    } catch (thrown) {
      yield { type: "error", error: toDragomanError(thrown), partial: folded.completion() };
      return;
    }
    const { place, reserved } = entered;
    try {
      for await (const event of provider.stream(call)) {
        folded.push(event);
        // Before the event goes out: whoever has the end may start the next call.
        if (event.type === "finish") place.leave(usedTokens(folded.completion(), reserved));
        if (event.type === "error") place.leave(usedOfCut(event.error, event.partial ?? folded.completion(), reserved));
        yield event;
      }
    } finally {
      // The caller left early, or the provider broke its word.
      place.leave(usedTokens(folded.completion(), reserved));
    }
  }

  async function close(): Promise<void> {
    admission.close();
    await provider.close?.();
  }

  return wrapProvider(provider, { complete, stream, close });
}

interface Reservation {
  readonly inputTokens: number;
  readonly total: number;
}

/** What the vendor says; where it says nothing, or less than what arrived, an estimate. */
function usedTokens({ usage, message, cached }: Completion, reserved: Reservation): number {
  if (cached !== undefined) return 0;
  const arrived = message.parts.length === 0 ? 0 : estimateTokens({ messages: [message] }).tokens;
  return (usage.inputTokens ?? reserved.inputTokens) + (usage.outputTokens ?? arrived);
}

function usedOfCut(error: DragomanError, partial: Completion, reserved: Reservation): number {
  const nothingArrived = partial.message.parts.length === 0 && partial.usage.inputTokens === undefined;
  if (nothingArrived && wasTurnedAway(error)) return 0;
  // What a vendor reported at the start is not the whole of it.
  const arrived = usedTokens({ ...partial, usage: {} }, reserved) - reserved.inputTokens;
  const { inputTokens = reserved.inputTokens, outputTokens = 0 } = partial.usage;
  return inputTokens + Math.max(outputTokens, arrived);
}

/** Refused before any token was read. A connection that broke or a time that ran out may have used some. */
function wasTurnedAway(error: DragomanError): boolean {
  const refusedByStatus = error.status !== undefined && error.status >= 400 && error.status < 500;
  return refusedByStatus || error.scope === "key" || error.code === "overloaded" || error.code === "configuration";
}

function userOrSession({ metadata }: CompletionCall): string {
  return metadata?.user ?? metadata?.session ?? "";
}

function atLeastSome(name: string, value = Number.POSITIVE_INFINITY): number {
  if (value > 0) return value;
  throw new DragomanError({ code: "configuration", field: name, detail: `${name} is ${value}, and lets nothing through` });
}
