/** Who signs a request to AWS. */

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string | undefined;
  /** Of temporary credentials: when they end. They are asked for anew five minutes before. */
  readonly expiration?: Date | string | undefined;
}

/** Gives credentials, fresh ones when the last are about to end, as the providers of AWS's own libraries do. */
export type AwsCredentialSource = () => Promise<AwsCredentials>;

/** The machine as this needs it, so that tests bring their own. */
export interface AwsWorld {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A file's text; undefined where there is none. */
  readonly readFile: (path: string) => Promise<string | undefined>;
  /** The module `@aws-sdk/credential-providers`; rejects where it is not installed. */
  readonly importProviders: () => Promise<unknown>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export function isSet(value: string | undefined): value is string {
  return value !== undefined && value.trim() !== "";
}
