/** Authorises requests where a key in a header is not enough: a signature over each request, or a token that expires. */
import type { CallOptions } from "./provider.ts";

export interface SignableRequest {
  readonly method: string;
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface SignedRequest {
  /** To be added to the request's own. */
  readonly headers: Readonly<Record<string, string>>;
  /** Texts that must appear nowhere: the token, the secret key. */
  readonly secrets: readonly string[];
}

export interface RequestSigner {
  /** Throws `authentication` or `configuration` with what is missing and what to do; libraries are loaded here. */
  sign(request: SignableRequest, options: CallOptions): SignedRequest | Promise<SignedRequest>;
  /** Why nothing can be signed, without asking anybody over the network; undefined where it can. */
  missing(): Promise<{ readonly detail: string; readonly nextStep: string } | undefined>;
  /** What to do about credentials that are refused. */
  readonly nextStep: string;
}
