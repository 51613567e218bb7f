/** What is tried: the good input that cases are made of, and one case. */
import type { ClientRequest, Dialect, ErrorResponse, Framing } from "../../dialect.ts";

/** A dialect under test. A stranger's needs nothing but this. */
export interface FuzzSubject {
  /** As in `openai-chat`; the seed of a case depends on it. */
  readonly name: string;
  readonly dialect: Dialect;
}

/** A client's request whose body is still text. */
export interface RequestSeed extends Omit<ClientRequest, "body"> {
  readonly bodyText: string;
}

/** Input that the dialect should understand. Every list needs at least one entry. */
export interface FuzzCorpus {
  readonly streams: readonly Uint8Array[];
  /** Whole answers, as JSON text. */
  readonly bodies: readonly string[];
  readonly errors: readonly ErrorResponse[];
  readonly requests: readonly RequestSeed[];
}

export type FuzzCase =
  | {
      readonly kind: "stream";
      readonly bytes: Uint8Array;
      /** Sizes of the pieces in which they arrive; what is left over comes as a last piece. */
      readonly pieces: readonly number[];
      /** The stream that this is the beginning of, where nothing else was done to it. */
      readonly cutFrom?: Uint8Array;
    }
  | { readonly kind: "body"; readonly text: string }
  | { readonly kind: "error"; readonly response: ErrorResponse }
  | { readonly kind: "request"; readonly request: RequestSeed };

export type FuzzKind = FuzzCase["kind"];

/** A law that a case has broken. */
export interface Violation {
  /** Which one, in a word or two; a smaller case must break the same. */
  readonly law: string;
  readonly detail: string;
}

/** A stream cut into its events, ready to be put together in another way. */
export interface CutStream {
  readonly framing: Framing;
  readonly units: readonly StreamPiece[];
}

export interface StreamPiece {
  readonly event: string | undefined;
  /** Undefined for what is no event, as a comment. */
  readonly data: string | undefined;
  readonly raw: string;
}
