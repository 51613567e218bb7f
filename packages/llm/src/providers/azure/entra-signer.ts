/** Signs with a token of Microsoft Entra: kept until shortly before it expires, got once for all calls that wait for it. */
import { DragomanError } from "../../errors.ts";
import type { RequestSigner } from "../../request-signer.ts";
import type { AccessToken, TokenSource } from "./entra-credential.ts";

export interface EntraSignerInit {
  readonly source: TokenSource;
  /** For whom the token is, as in `https://cognitiveservices.azure.com/.default`. */
  readonly scope: string;
  /** What is not set, without asking anybody. */
  readonly missing: RequestSigner["missing"];
  readonly nextStep: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** A token is replaced so long before its end, or at half its life where that is shorter. */
const EARLY_MS = 300_000;

interface KeptToken {
  readonly token: string;
  readonly staleAt: number;
}

export function createEntraSigner({ source, scope, missing, nextStep, now }: EntraSignerInit): RequestSigner {
  let kept: KeptToken | undefined;
  let pending: Promise<KeptToken> | undefined;

  async function fetchToken(): Promise<KeptToken> {
    const { token, expiresOnTimestamp } = await source(scope).catch(asAuthentication);
    const life = Math.max(0, expiresOnTimestamp - now());
    kept = { token, staleAt: expiresOnTimestamp - Math.min(EARLY_MS, life / 2) };
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
      const { token } = await unlessAborted(current(), signal);
      return { headers: { authorization: `Bearer ${token}` }, secrets: [token] };
    },
    missing,
    nextStep,
  };
}

/** A foreign credential throws what it likes. */
function asAuthentication(thrown: unknown): AccessToken {
  if (DragomanError.is(thrown)) throw thrown;
  const detail = `no token: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  throw new DragomanError({ code: "authentication", detail, cause: thrown });
}

/** One caller's abort ends his own waiting, not that of the others. */
async function unlessAborted<Value>(value: Promise<Value> | Value, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined || !(value instanceof Promise)) return value;
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([value, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
