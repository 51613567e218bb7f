/** What a fake search service is: a server on loopback that speaks a service's wire and knows a few documents. */
import type { RecordedRequest } from "../fake-vendors/fake-vendor.ts";

/** A search service that can be imitated. */
export type FakeSearchName = "searxng" | "brave" | "tavily" | "duckduckgo" | "google-custom-search";

/** A page of the web, as the service knows it. */
export interface FakeDocument {
  readonly title: string;
  readonly url: string;
  readonly snippet: string;
  /** As in `2026-05-04`. */
  readonly publishedAt?: string;
}

/** What goes wrong with every request until it is told otherwise. */
export type SearchFault =
  /** 429, with `retry-after: 7`. */
  | "rate-limited"
  | "server-error"
  /** 200, and a body that is neither JSON nor the service's page. */
  | "not-as-promised"
  /** 200, and a body of 4 MiB. */
  | "huge-body"
  /** 302 to a path of the same server. */
  | "redirect"
  /** No answer. */
  | "silence"
  /** 500, with the request's headers in the body. */
  | "echo";

/** What the imitation knows, and how it misbehaves. */
export interface FakeSearchOptions {
  /** Default: three pages on the weather. */
  readonly documents?: readonly FakeDocument[];
  /** The key that is accepted, where the service has keys. Default `fake-search-key`. */
  readonly key?: string;
  readonly fault?: SearchFault;
}

/** A running imitation of a search service. */
export interface FakeSearch {
  readonly name: FakeSearchName;
  /** For the backend's `baseUrl`. */
  readonly baseUrl: string;
  /** What came, in order. */
  readonly requests: readonly RecordedRequest[];
  /** Undefined: all is well again. */
  fail(fault: SearchFault | undefined): void;
  /** Resolves when a client has gone away before its answer. */
  waitForAbort(): Promise<void>;
  /** Stops it. */
  close(): Promise<void>;
}

/** A request as a wire sees it. */
export interface FakeSearchRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface FakeSearchReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string as it is, anything else as JSON. */
  readonly body: unknown;
}

/** One service's wire. It shares no code with our backends, so that a mistake there cannot cancel itself out here. */
export interface FakeSearchWire {
  /** After the server's address. Default: nothing. */
  readonly basePath?: string;
  /** A refusal of what the service would refuse, or the answer. */
  answer(request: FakeSearchRequest, find: (words: string) => readonly FakeDocument[], key: string): FakeSearchReply;
  /** An error in the service's own form. */
  refuse(status: number, detail: string): FakeSearchReply;
}
