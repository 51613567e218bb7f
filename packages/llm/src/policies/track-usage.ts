/**
 * Adds up what calls used, per session (`metadata.session`), failed and aborted ones included; vectors and ranks too.
 *
 *     const usage = createSessionUsage();
 *     const model = trackUsage(anthropic(), usage);
 *     …
 *     usage.of("session-7")?.costUsd
 */
import type { Completion } from "../completion.ts";
import { DragomanError, type FailedAttempt } from "../errors.ts";
import type { CompletionCall, Provider } from "../provider.ts";
import type { StreamEvent } from "../stream.ts";
import { type Cost, sumUsage, type Usage } from "../usage.ts";
import { wrapProvider } from "../wrap-provider.ts";
import { failedAttempts } from "./fallback.ts";

/** What a session has used and cost so far. */
export interface SessionTotals {
  readonly calls: number;
  /** Of the calls: those that ended in an error. */
  readonly failedCalls: number;
  /** Known figures only; see `callsWithUnknownUsage` for how much they may leave out. */
  readonly usage: Usage;
  readonly costUsd: number;
  /** Calls whose tokens nobody reported; they are not in the sums. */
  readonly callsWithUnknownUsage: number;
  /** Calls whose price is unknown; they are not in `costUsd`. */
  readonly callsWithUnknownCost: number;
}

/** What a call came to, as far as it is added up. */
export interface UsedCall extends Pick<Completion, "usage" | "cached"> {
  readonly cost?: Pick<Cost, "totalUsd">;
}

/** The totals of several sessions. Belongs to the caller. */
export interface SessionUsage {
  /** An answer that was kept from an earlier call has used nothing now: its tokens are not counted again. */
  record(session: string, call: UsedCall | undefined, outcome: "finished" | "failed"): void;
  /** Undefined for a session without calls. */
  of(session: string): SessionTotals | undefined;
  /** The sessions that have totals. */
  sessions(): readonly string[];
  /** Forgets a session. True when it was known. */
  end(session: string): boolean;
}

/** The session of calls that name none. */
export const DEFAULT_SESSION = "default";

const NO_TOKENS: Usage = { inputTokens: 0, outputTokens: 0 };

const NOTHING: SessionTotals = {
  calls: 0,
  failedCalls: 0,
  usage: {},
  costUsd: 0,
  callsWithUnknownUsage: 0,
  callsWithUnknownCost: 0,
};

/** Empty totals, in memory. */
export function createSessionUsage(): SessionUsage {
  const totals = new Map<string, SessionTotals>();
  return {
    record(session, call, outcome) {
      const before = totals.get(session) ?? NOTHING;
      const used = call?.cached === undefined ? call?.usage : NO_TOKENS;
      const known = used?.inputTokens !== undefined && used.outputTokens !== undefined;
      totals.set(session, {
        calls: before.calls + 1,
        failedCalls: before.failedCalls + (outcome === "failed" ? 1 : 0),
        usage: addKnown(before.usage, used),
        costUsd: before.costUsd + (call?.cost?.totalUsd ?? 0),
        callsWithUnknownUsage: before.callsWithUnknownUsage + (known ? 0 : 1),
        callsWithUnknownCost: before.callsWithUnknownCost + (call?.cost === undefined ? 1 : 0),
      });
    },
    of: (session) => totals.get(session),
    sessions: () => [...totals.keys()],
    end: (session) => totals.delete(session),
  };
}

function usedBy({ inputTokens, outputTokens, costUsd }: FailedAttempt): UsedCall {
  return {
    usage: { ...(inputTokens === undefined ? {} : { inputTokens }), ...(outputTokens === undefined ? {} : { outputTokens }) },
    ...(costUsd === undefined ? {} : { cost: { totalUsd: costUsd } }),
  };
}

/** Unlike `sumUsage`, a figure that one call lacks does not take the others' away: the counts of gaps stand beside it. */
function addKnown(total: Usage, added: Usage | undefined): Usage {
  if (added === undefined) return total;
  const { raw: _raw, ...figures } = added;
  return { ...total, ...figures, ...sumUsage([total, figures]) };
}

/** Adds what each call used to the totals of its session (`metadata.session`). */
export function trackUsage<Model extends string>(provider: Provider<Model>, usage: SessionUsage): Provider<Model>;
export function trackUsage(provider: Provider, usage: SessionUsage): Provider {
  async function complete(call: CompletionCall): Promise<Completion> {
    const session = call.metadata?.session ?? DEFAULT_SESSION;
    try {
      const completion = await provider.complete(call);
      recordAttempts(session, failedAttempts(completion));
      usage.record(session, completion, "finished");
      return completion;
    } catch (error) {
      recordFailure(session, error, undefined);
      throw error;
    }
  }

  /** What a policy inside tried before the answer came, or did not: each try was a call, and may have cost something. */
  function recordAttempts(session: string, attempts: readonly FailedAttempt[]): void {
    for (const attempt of attempts) if (attempt.outcome !== "skipped") usage.record(session, usedBy(attempt), "failed");
  }

  function recordFailure(session: string, error: unknown, partial: UsedCall | undefined): void {
    const attempts = DragomanError.is(error) ? failedAttempts(error) : [];
    if (attempts.length > 0) recordAttempts(session, attempts);
    else usage.record(session, partial, "failed");
  }

  async function* stream(call: CompletionCall): AsyncGenerator<StreamEvent, void, undefined> {
    const session = call.metadata?.session ?? DEFAULT_SESSION;
    let latest: Usage | undefined;
    let recorded = false;
    function record(figures: UsedCall | undefined, outcome: "finished" | "failed"): void {
      if (!recorded) usage.record(session, figures, outcome);
      recorded = true;
    }
    try {
      for await (const event of provider.stream(call)) {
        if (event.type === "usage") latest = event.usage;
        if (event.type === "finish") record(event, "finished");
        if (event.type === "warning" && event.warning.attempt !== undefined) recordAttempts(session, [event.warning.attempt]);
        if (event.type === "error") {
          if (!recorded) recordFailure(session, event.error, event.partial);
          recorded = true;
        }
        yield event;
      }
    } finally {
      // The caller left early: what was reported until then counts.
      record(latest === undefined ? undefined : { usage: latest }, "failed");
    }
  }

  /** Vectors and ranks: the model reads, and writes nothing. */
  async function counted<Answer extends Pick<Completion, "usage" | "cost">>(
    session: string | undefined = DEFAULT_SESSION,
    asked: Promise<Answer>,
  ): Promise<Answer> {
    try {
      const answer = await asked;
      usage.record(session, { ...answer, usage: { ...answer.usage, outputTokens: 0 } }, "finished");
      return answer;
    } catch (error) {
      usage.record(session, undefined, "failed");
      throw error;
    }
  }

  const { embed, rerank } = provider;
  return wrapProvider(provider, {
    complete,
    stream,
    ...(embed === undefined ? {} : { embed: (call) => counted(call.metadata?.session, embed(call)) }),
    ...(rerank === undefined ? {} : { rerank: (call) => counted(call.metadata?.session, rerank(call)) }),
  });
}
