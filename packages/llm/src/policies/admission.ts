/**
 * Who may go now, who waits, who is turned away: the gate of `limit`. It knows requests, tokens and places, and nothing of
 * models. Nobody overtakes: while the call whose turn it is waits for tokens, all wait, so that a large call gets through.
 */
import { DragomanError } from "../errors.ts";
import type { Clock } from "./clock.ts";
import { createFairQueue } from "./fair-queue.ts";
import { createTokenBucket } from "./token-bucket.ts";

export interface AdmissionLimits {
  readonly requestsPerMinute: number;
  readonly tokensPerMinute: number;
  readonly concurrency: number;
  readonly lengthMax: number;
  readonly waitMaxMs: number;
  readonly clock: Clock;
  /** Named in errors. */
  readonly provider: string;
}

export interface Entry {
  /** Reserved. */
  readonly tokens: number;
  /** Who takes turns with others. */
  readonly party: string;
  readonly model: string;
  readonly signal: AbortSignal | undefined;
}

/** A place among the running. */
export interface Admitted {
  /** Leaves the place, and settles the reservation against what was used. The first time counts. */
  leave(usedTokens: number): void;
}

export interface Admission {
  /** Rejects with `rate_limited` or `aborted`. */
  enter(entry: Entry): Promise<Admitted>;
  /** Turns away all who wait. */
  close(): void;
}

interface Waiter {
  readonly entry: Entry;
  readonly admit: () => void;
  readonly refuse: (error: DragomanError) => void;
}

/** How long a call is taken to last before one has ended. Milliseconds. */
const CALL_MS_BEFORE_ANY = 1_000;
/** Weight of the latest call in the mean. */
const LATEST_SHARE = 0.2;

export function createAdmission(limits: AdmissionLimits): Admission {
  const { clock, concurrency, lengthMax, waitMaxMs, provider } = limits;
  const requests = createTokenBucket(limits.requestsPerMinute, clock.now);
  const tokens = createTokenBucket(limits.tokensPerMinute, clock.now);
  const queue = createFairQueue<Waiter>();
  let running = 0;
  let meanCallMs: number | undefined;
  let cancelWake: (() => void) | undefined;
  let closed = false;

  async function enter(entry: Entry): Promise<Admitted> {
    if (entry.signal?.aborted === true) throw aborted(entry);
    const bucketMs = bucketWaitMs(entry, true);
    if (closed) throw gone(entry);
    if (queue.length === 0 && bucketMs === 0 && running < concurrency) return admitted(entry);
    if (queue.length >= lengthMax) throw refusal(entry, `${queue.length} calls wait already`);
    if (bucketMs > waitMaxMs) throw refusal(entry, `it would have to wait ${Math.ceil(bucketMs)} ms`);
    return wait(entry);
  }

  function wait(entry: Entry): Promise<Admitted> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        entry,
        admit() {
          release();
          resolve(admitted(entry));
        },
        refuse(error) {
          release();
          queue.remove(entry.party, waiter);
          reject(error);
          next();
        },
      };
      const onAbort = (): void => waiter.refuse(aborted(entry));
      const cancelLimit = Number.isFinite(waitMaxMs)
        ? clock.after(waitMaxMs, () => waiter.refuse(refusal(entry, `it has waited ${waitMaxMs} ms`)))
        : undefined;
      function release(): void {
        cancelLimit?.();
        entry.signal?.removeEventListener("abort", onAbort);
      }
      entry.signal?.addEventListener("abort", onAbort, { once: true });
      queue.push(entry.party, waiter);
      next();
    });
  }

  function admitted(entry: Entry): Admitted {
    const startedAt = clock.now();
    let left = false;
    running += 1;
    requests.take(1);
    tokens.take(entry.tokens);
    return {
      leave(usedTokens) {
        if (left) return;
        left = true;
        running -= 1;
        tokens.give(entry.tokens - usedTokens);
        const tookMs = clock.now() - startedAt;
        meanCallMs = meanCallMs === undefined ? tookMs : meanCallMs + (tookMs - meanCallMs) * LATEST_SHARE;
        next();
      },
    };
  }

  /** Lets in those whose turn it is, and wakes again when the next one's turn comes. */
  function next(): void {
    cancelWake?.();
    cancelWake = undefined;
    if (closed) return;
    for (let waiter = queue.peek(); waiter !== undefined && running < concurrency; waiter = queue.peek()) {
      const bucketMs = bucketWaitMs(waiter.entry, false);
      if (bucketMs > 0) {
        cancelWake = clock.after(bucketMs, next);
        return;
      }
      queue.shift();
      waiter.admit();
    }
  }

  function bucketWaitMs(entry: Entry, behindQueue: boolean): number {
    const ahead = behindQueue ? queue.items().reduce((sum, waiter) => sum + waiter.entry.tokens, 0) : 0;
    return Math.max(requests.waitMs(1, behindQueue ? queue.length : 0), tokens.waitMs(entry.tokens, ahead));
  }

  function refusal({ model, ...entry }: Entry, why: string): DragomanError {
    const rounds = running < concurrency ? 0 : Math.ceil((queue.length + 1) / concurrency);
    const waitMs = Math.max(bucketWaitMs({ model, ...entry }, true), rounds * (meanCallMs ?? CALL_MS_BEFORE_ANY));
    return new DragomanError({
      code: "rate_limited",
      provider,
      model,
      detail: `our own limit is reached: ${why}`,
      retryAfterMs: Math.ceil(waitMs),
    });
  }

  function aborted({ model }: Entry): DragomanError {
    return new DragomanError({ code: "aborted", provider, model, detail: "the call was aborted before it was sent" });
  }

  function close(): void {
    closed = true;
    for (const waiter of queue.items()) waiter.refuse(gone(waiter.entry));
  }

  function gone({ model }: Entry): DragomanError {
    return new DragomanError({ code: "provider_unavailable", provider, model, detail: "the provider was closed" });
  }

  return { enter, close };
}
