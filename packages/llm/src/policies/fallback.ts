/**
 * Asks the next target when one fails in a way that another may not: rate limits, overload, a dead key, a model that is
 * gone, an answer cut off. Never on the caller's own mistakes or an abort, and not around a content policy unless told to.
 * A target that is known to lack what the request needs is passed over.
 *
 *     const steady = fallback([anthropic(), { provider: openai(), model: "gpt-5", timeouts: { firstTokenMs: 5_000 } }]);
 *
 * A stream is changed over without a trace before its first token; after it by a `restart` event. Each attempt that gave no
 * answer is a `fallback` warning on the answer, or stands in the error's `attempts`; its usage and cost are there too, and
 * not in the answer's own. `timeouts.totalMs` of the call holds for all targets together.
 */
import type { Completion } from "../completion.ts";
import { DragomanError, type FailedAttempt, toDragomanError } from "../errors.ts";
import { createFold, type StreamFold } from "../fold.ts";
import type { Availability, CallOptions, CompletionCall, Provider } from "../provider.ts";
import { openedStream, type ReadyStream, readyStream, resumedStream, StreamChange, stagedStream } from "../staged-stream.ts";
import type { StreamEvent } from "../stream.ts";
import type { Warning } from "../warning.ts";
import { wrapProvider } from "../wrap-provider.ts";
import { type Attempt, type AttemptChain, createAttemptChain } from "./attempt-chain.ts";
import { callTo, closeAll, type Target, targetCapabilities, targetModel, toTarget } from "./target.ts";

/** When the next target is tried. */
export interface FallbackOptions {
  /** Default: the first target's. */
  readonly id?: string;
  /**
   * Whether an answer will do; false or a sentence says why not, and the next target is asked. Streams are judged only with
   * `commit: "full"`, and say so in a warning otherwise.
   */
  readonly accept?: (completion: Completion) => boolean | string;
  /** True: another target is asked when a content policy refuses the request, or cuts off an answer that is judged. Default false. */
  readonly afterContentRefusal?: boolean;
  /**
   * When a stream is given out: at its `first-token`, after so many characters of its answer, or only when it is there in
   * `full`. Default `first-token`.
   */
  readonly commit?: "first-token" | "full" | { readonly characters: number };
  /**
   * When a stream fails that was given out: a `restart` event and the next target, or the failure as its end, for readers who
   * cannot take back what they have. Default `restart`.
   */
  readonly afterCommit?: "restart" | "fail";
  /** Milliseconds. Default `performance.now`. */
  readonly now?: () => number;
}

/** Throws `configuration` without a target. */
export function fallback(targets: readonly (Provider | Target)[], options: FallbackOptions = {}): Provider {
  const chainTargets = targets.map(toTarget);
  const [head, ...others] = chainTargets;
  if (head === undefined) throw new DragomanError({ code: "configuration", detail: "fallback needs at least one target" });
  const first: Target = head;
  const { accept, afterContentRefusal = false, commit = "first-token", now = () => performance.now() } = options;
  const restarts = options.afterCommit !== "fail";
  const id = options.id ?? first.provider.id;

  function chainFor(call: CompletionCall): AttemptChain {
    return createAttemptChain(chainTargets, call, { id, afterContentRefusal, now });
  }

  /** Why an answer will not do. */
  function objection(completion: Completion): string | undefined {
    if (afterContentRefusal && completion.finish.reason === "content-filter") return "a content policy cut it off";
    const verdict = accept?.(completion) ?? true;
    if (verdict === true) return undefined;
    return verdict === false ? "it was judged unfit" : verdict;
  }

  async function complete(call: CompletionCall): Promise<Completion> {
    const chain = chainFor(call);
    for (let attempt = chain.next(); attempt !== undefined; attempt = chain.next()) {
      const completion = await attempt.target.provider.complete(attempt.call).catch(toDragomanError);
      if (DragomanError.is(completion)) {
        chain.failed(attempt, completion);
        continue;
      }
      const reason = objection(completion);
      if (reason === undefined) return { ...completion, warnings: [...chain.warnings(), ...completion.warnings] };
      chain.refused(attempt, completion, reason);
    }
    throw chain.error();
  }

  const stream = (call: CompletionCall): ReadyStream => openedStream(() => nextStream(chainFor(call)));

  /** The stream of the next target whose answer comes far enough to be given out; else the failure of all. `shown`: of an answer that broke off. */
  async function nextStream(chain: AttemptChain, shown?: Completion): Promise<ReadyStream> {
    let partial = createFold().completion();
    try {
      for (let attempt = chain.next(); attempt !== undefined; attempt = chain.next()) {
        const outcome = await oneStream(attempt, chain, shown !== undefined);
        if ("stream" in outcome) return outcome.stream;
        partial = outcome.partial;
      }
      return resumedStream([{ type: "error", error: chain.error(), partial: shown ?? partial }]);
    } catch (thrown) {
      return resumedStream([{ type: "error", error: toDragomanError(thrown), partial: shown ?? partial }]);
    }
  }

  /** Gives one target's stream out once it is sure enough; until then its failure leaves no trace. */
  async function oneStream(attempt: Attempt, chain: AttemptChain, afterAnother: boolean): Promise<Outcome> {
    const source = readyStream(attempt.target.provider.stream(attempt.call));
    const folded = createFold();
    const commits = createCommitment(commit);
    let held: StreamEvent[] = [];
    let isGivenOut = false;
    try {
      for (let next = await source.next(); next.done !== true; next = await source.next()) {
        const event = next.value;
        folded.push(event);
        if (event.type === "error") return unseen(attempt, chain, event.error, event.partial ?? folded.completion());
        const reason = event.type === "finish" ? objection(folded.completion()) : undefined;
        if (reason !== undefined) {
          chain.refused(attempt, folded.completion(), reason);
          return { partial: folded.completion() };
        }
        if (event.type === "restart") {
          held = [];
          continue;
        }
        held.push(event, ...(event.type === "start" ? startWarnings(chain) : []));
        if (!commits(event)) continue;
        if (afterAnother) held.unshift(restartWith(attempt, chain.latestError()));
        isGivenOut = event.type !== "finish";
        return { stream: resumedStream(held, isGivenOut ? givenOut(source, attempt, chain, folded) : undefined) };
      }
      return unseen(attempt, chain, truncated(), folded.completion());
    } finally {
      if (!isGivenOut) await source.return();
    }
  }

  function unseen(attempt: Attempt, chain: AttemptChain, error: DragomanError, partial: Completion): Outcome {
    chain.failed(attempt, error, partial);
    return { partial };
  }

  /** The rest of a stream whose beginning the caller has. */
  function givenOut(source: ReadyStream, attempt: Attempt, chain: AttemptChain, folded: StreamFold): ReadyStream {
    function brokenOff(error: DragomanError, partial: Completion, ends: readonly StreamEvent[] = []): StreamChange {
      chain.failed(attempt, error, partial);
      if (!restarts) chain.stop(error);
      return new StreamChange(() =>
        resumedStream(
          ends,
          openedStream(() => nextStream(chain, partial)),
        ),
      );
    }

    return stagedStream(source, {
      see(event) {
        folded.push(event);
        if (event.type === "error") return brokenOff(event.error, event.partial ?? folded.completion());
        return event.type === "start" ? [event, ...startWarnings(chain)] : event;
      },
      broken(thrown) {
        if (thrown === undefined) return brokenOff(truncated(), folded.completion(), folded.endsOfOpenParts());
        const event: StreamEvent = { type: "error", error: toDragomanError(thrown), partial: folded.completion() };
        return new StreamChange(() => resumedStream([event]));
      },
    });
  }

  function startWarnings(chain: AttemptChain): readonly StreamEvent[] {
    const unjudged = accept !== undefined && commit !== "full" ? [UNJUDGED] : [];
    return [...chain.warnings(), ...unjudged].map((warning): StreamEvent => ({ type: "warning", warning }));
  }

  async function availability(call?: CallOptions): Promise<Availability> {
    const found = await first.provider.availability(call);
    if (found.available) return found;
    for (const { provider } of others) {
      const other = await provider.availability(call);
      if (other.available) return { ...other, detail: `${provider.id} stands in for ${first.provider.id}: ${found.detail}` };
    }
    return found;
  }

  return wrapProvider(first.provider, {
    id,
    supports: (model) => chainTargets.some(({ provider, model: fixed }) => fixed !== undefined || provider.supports(model)),
    capabilities: (model) => targetCapabilities(first, model),
    pricing: (model) => first.provider.pricing(targetModel(first, model)),
    countTokens: (call) => first.provider.countTokens(callTo(first, call)),
    complete,
    stream,
    availability,
    close: () => closeAll(chainTargets),
  });
}

/** Whether one stream, event by event, has come far enough to be given out. */
function createCommitment(commit: NonNullable<FallbackOptions["commit"]>): (event: StreamEvent) => boolean {
  let charactersLeft = typeof commit === "object" ? commit.characters : 0;
  return (event) => {
    if (event.type === "finish") return true;
    if (commit === "full" || event.type === "start" || event.type === "warning" || event.type === "usage") return false;
    if ("text" in event) charactersLeft -= event.text.length;
    return charactersLeft <= 0;
  };
}

/** The attempts that gave no answer, from an answer that came after them or from the error when none did. */
export function failedAttempts(result: Completion | DragomanError): readonly FailedAttempt[] {
  if (DragomanError.is(result)) return result.attempts ?? [];
  return result.warnings.flatMap(({ type, attempt }) => (type === "fallback" && attempt !== undefined ? [attempt] : []));
}

/** What became of a target's stream: it is given out, or it failed before the caller saw of it. */
type Outcome = { readonly stream: ReadyStream } | { readonly partial: Completion };

function restartWith({ target, call }: Attempt, error: DragomanError | undefined): StreamEvent {
  const reason = `${error?.code ?? "a failure"}; ${target.provider.id}:${call.model} takes over`;
  return { type: "restart", reason, ...(error === undefined ? {} : { error }) };
}

function truncated(): DragomanError {
  return new DragomanError({ code: "stream_truncated", detail: "the stream ended without a finish or error event" });
}

const UNJUDGED: Warning = {
  type: "unsupported",
  detail: 'the stream was given out before it could be judged by accept; use commit: "full" to judge it',
};
