/** Who asks Google for an access token, and how. */
import type { JsonObject } from "../../json.ts";
import type { SecretReference, SecretSources } from "../../secret.ts";
import type { Transport } from "../../transport/transport.ts";

/** Anything that gives tokens and keeps them fresh itself, as a client of google-auth-library does. */
export interface AccessTokenSource {
  /** Nothing where there is none. */
  getAccessToken(): Promise<string | null | undefined | { readonly token?: string | null | undefined }>;
}

/** A service account's key: its JSON, or where the JSON is. */
export interface ServiceAccount {
  readonly type: "service-account";
  readonly key: JsonObject | SecretReference;
}

/** A token that somebody else makes, as `exec:gcloud auth print-access-token`. Read again every 5 minutes and when it is refused. */
export interface TokenReference {
  readonly type: "token";
  readonly token: SecretReference;
}

/**
 * What the machine offers, in Google's order: the file that `GOOGLE_APPLICATION_CREDENTIALS` names, gcloud's well-known
 * file, the metadata server.
 */
export interface ApplicationDefault {
  readonly type: "application-default";
}

/** How to get a token of Google Cloud. */
export type GoogleCredential = AccessTokenSource | ServiceAccount | TokenReference | ApplicationDefault;

export interface GoogleToken {
  readonly token: string;
  /** Milliseconds since 1970. Now, for a source that keeps its own tokens. */
  readonly expiresAt: number;
}

/** One token, freshly got. */
export type GoogleTokenSource = () => Promise<GoogleToken>;

/** What getting a token needs of the world. */
export interface GoogleWorld {
  readonly transport: Transport | undefined;
  readonly sources: SecretSources | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The text of a file; undefined where there is none. */
  readonly readFile: (path: string) => Promise<string | undefined>;
}
