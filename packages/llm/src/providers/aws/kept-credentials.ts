/** Keeps credentials until they are about to end, and asks for new ones once, however many calls wait. */
import type { AwsCredentialSource, AwsCredentials } from "./aws-credentials.ts";

/** How long before their end credentials are asked for anew. */
const REFRESH_BEFORE_MS = 5 * 60_000;

/** Credentials without an end are kept for this long, so that a file that changes is noticed. */
const KEEP_MS = 5 * 60_000;

export function keepCredentials(find: AwsCredentialSource, now: () => number): AwsCredentialSource {
  let kept: { readonly credentials: AwsCredentials; readonly askAt: number; readonly endsAt: number } | undefined;
  let asking: Promise<AwsCredentials> | undefined;

  async function ask(): Promise<AwsCredentials> {
    try {
      const credentials = await find();
      const endsAt = endOf(credentials);
      kept = { credentials, endsAt, askAt: Number.isFinite(endsAt) ? endsAt - REFRESH_BEFORE_MS : now() + KEEP_MS };
      return credentials;
    } catch (error) {
      // What is still good goes on; the next call asks again.
      if (kept !== undefined && kept.endsAt > now() && Number.isFinite(kept.endsAt)) return kept.credentials;
      throw error;
    } finally {
      asking = undefined;
    }
  }

  return async () => {
    if (kept !== undefined && now() < kept.askAt) return kept.credentials;
    asking ??= ask();
    return asking;
  };
}

function endOf({ expiration }: AwsCredentials): number {
  const end = expiration === undefined ? Number.NaN : new Date(expiration).getTime();
  return Number.isNaN(end) ? Number.POSITIVE_INFINITY : end;
}
