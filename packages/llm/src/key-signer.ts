/** The plain case of authorisation: one key, in one header. */
import { DragomanError } from "./errors.ts";
import type { RequestSigner, SignedRequest } from "./request-signer.ts";
import { describeSecret, resolveSecret, type Secret, type SecretReference, type SecretSources } from "./secret.ts";

export interface KeySignerInit {
  readonly provider: string;
  readonly key: SecretReference;
  /** True for a server that works with and without a key. */
  readonly optional: boolean;
  /** The header, in lower case, and what it says for a key. */
  readonly header: string;
  readonly headerValue: (key: string) => string;
  readonly sources: SecretSources | undefined;
}

const NOTHING: SignedRequest = { headers: {}, secrets: [] };

export function createKeySigner({ provider, key, optional, header, headerValue, sources }: KeySignerInit): RequestSigner {
  const nextStep = nextStepForKey(key);
  let read: Promise<Secret | undefined> | undefined;
  let signed: SignedRequest | undefined;

  /** Read once; a key that was missing or unreadable is looked for again at the next call. */
  async function readKey(): Promise<Secret | undefined> {
    read ??= resolveSecret(key, sources);
    let secret: Secret | undefined;
    try {
      secret = await read;
    } finally {
      if (secret === undefined) read = undefined;
    }
    return secret;
  }

  async function signFirst(): Promise<SignedRequest> {
    const secret = await readKey();
    if (secret !== undefined) {
      const revealed = secret.reveal();
      signed = { headers: { [header]: headerValue(revealed) }, secrets: [revealed] };
      return signed;
    }
    if (optional) return NOTHING;
    throw new DragomanError({
      code: "authentication",
      provider,
      detail: `no key: ${describeSecret(key)} is not set`,
      advice: nextStep,
    });
  }

  return {
    sign: () => signed ?? signFirst(),
    async missing() {
      if (optional || (await readKey()) !== undefined) return undefined;
      return { detail: `${describeSecret(key)} is not set`, nextStep };
    },
    nextStep,
  };
}

function nextStepForKey(key: SecretReference): string {
  const described = describeSecret(key);
  return described.startsWith("env:")
    ? `set ${described.slice("env:".length)} in the environment or in .env`
    : `check ${described}`;
}
