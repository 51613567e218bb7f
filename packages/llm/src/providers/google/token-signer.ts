/** Signs with an access token: kept until shortly before it expires, got once for all calls that wait for it. */
import { DragomanError } from "../../errors.ts";
import type { RequestSigner } from "../../request-signer.ts";
import type { TokenWay } from "./token-sources.ts";

export interface TokenSigner extends RequestSigner {
  /**
   * The vendor has refused a token. True when it was one that had been kept, so that a fresh one may be taken; false when
   * it was fresh itself, and another attempt would end alike.
   */
  renew(): boolean;
}

/** A token is replaced so long before its end, or at half its life where that is shorter. */
const EARLY_MS = 300_000;

interface KeptToken {
  readonly token: string;
  readonly staleAt: number;
  uses: number;
}

/** `now`: milliseconds since 1970. */
export function createTokenSigner({ source, missing, nextStep }: TokenWay, now: () => number): TokenSigner {
  let kept: KeptToken | undefined;
  let pending: Promise<KeptToken> | undefined;

  async function fetchToken(): Promise<KeptToken> {
    const { token, expiresAt } = await source().catch(asAuthentication);
    const life = Math.max(0, expiresAt - now());
    kept = { token, staleAt: expiresAt - Math.min(EARLY_MS, life / 2), uses: 0 };
    return kept;
  }

  function current(): Promise<KeptToken> | KeptToken {
    if (kept !== undefined && now() < kept.staleAt) return kept;
    pending ??= fetchToken().finally(() => {
      pending = undefined;
    });
    return pending;
  }

  return {
    async sign(_request, { signal }) {
      signal?.throwIfAborted();
      const held = await unlessAborted(current(), signal);
      held.uses += 1;
      return { headers: { authorization: `Bearer ${held.token}` }, secrets: [held.token] };
    },
    missing,
    nextStep,
    renew() {
      const wasKept = kept === undefined || kept.uses > 1;
      kept = undefined;
      return wasKept;
    },
  };
}

/** A foreign credential throws what it likes, and may quote a token: its words are not passed on. */
function asAuthentication(thrown: unknown): never {
  if (DragomanError.is(thrown)) throw thrown;
  const kind = thrown instanceof Error ? thrown.name : typeof thrown;
  throw new DragomanError({ code: "authentication", detail: `the credential gave no access token (${kind})` });
}

/** One caller's abort ends his own waiting, not that of the others. */
async function unlessAborted<Value>(value: Promise<Value> | Value, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined || !(value instanceof Promise)) return value;
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([value, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
