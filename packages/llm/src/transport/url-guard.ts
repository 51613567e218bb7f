/**
 * Fetches what a caller gives by URL, so that nobody reaches our own network through us (server-side request forgery).
 * The name is resolved once, every address that it has must be public, and the connection goes to the address that was
 * checked: a name that resolves to something else a moment later changes nothing. Odd spellings of an address (decimal,
 * octal, hexadecimal) are what the URL parser makes of them: the address that they mean.
 */
import { DragomanError } from "../errors.ts";
import { isPublicAddress } from "./public-address.ts";

export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** What may be fetched, and from where. */
export interface UrlGuardOptions {
  /**
   * Hosts that are let through whatever their address: `media.example` with any port, `127.0.0.1:8080` with this one. In
   * the URL parser's spelling, which leaves out 80 for http and 443 for https. Default: none.
   */
  readonly allowHosts?: readonly string[];
  /** Ports that may be asked. Default 80 and 443: others rarely hold media and often hold services. */
  readonly ports?: readonly number[] | "any";
  /** Default: the system's resolver, all addresses of the name. */
  readonly resolve?: (hostname: string) => Promise<readonly ResolvedAddress[]>;
}

/** Where a URL leads, checked. */
export interface PinnedAddress {
  readonly url: URL;
  readonly address: string;
  readonly family: 4 | 6;
}

export interface FetchMediaOptions {
  /** Default 20 MiB. */
  readonly bytesMax?: number;
  readonly signal?: AbortSignal | undefined;
  /** For everything, the name's resolution included. Default 30 000. */
  readonly timeoutMs?: number;
  /** As in `image/png` or `image/*`. Default: any, also none. */
  readonly mediaTypes?: readonly string[];
}

export interface FetchedMedia {
  readonly data: Uint8Array;
  /** In lower case, without parameters. Empty when the server named none. */
  readonly mediaType: string;
}

/** Keeps a server from being sent to addresses that are none of the caller's business. */
export interface UrlGuard {
  /** Throws `invalid_request` for a URL that is refused, `connection_failed` for a name that cannot be resolved. */
  check(url: string): Promise<PinnedAddress>;
  /**
   * Throws like `check`; `invalid_request` for an answer other than 200 (redirects are not followed) or of another media
   * type; `request_too_large`; `connection_failed`, `timeout`, `aborted`.
   */
  fetchMedia(url: string, options?: FetchMediaOptions): Promise<FetchedMedia>;
}

/** Makes a guard. By default only public addresses are let through, and only the ports 80 and 443. */
export function createUrlGuard(options: UrlGuardOptions = {}): UrlGuard {
  const { ports = [80, 443], resolve = resolveBySystem } = options;
  const allowed = new Set(options.allowHosts?.map((host) => host.toLowerCase()));

  async function check(text: string): Promise<PinnedAddress> {
    const url = parseMediaUrl(text);
    const hostname = url.hostname.replace(/^\[|\]$/g, "");
    const isAllowed = allowed.has(url.host) || allowed.has(url.hostname);
    if (!isAllowed && ports !== "any" && !ports.includes(portOf(url))) throw refused(`port ${portOf(url)} is not allowed`);
    const { default: library } = await import("ipaddr.js");
    const addresses = library.isValid(hostname) ? [literal(hostname)] : await resolveName(hostname, resolve);
    if (!isAllowed && !addresses.every(({ address }) => isPublicAddress(library, address))) {
      throw refused(`the host ${url.hostname} is not at a public address`);
    }
    // IPv4 first: a machine without a route for IPv6 is common, one without IPv4 is not.
    const chosen = addresses.find(({ family }) => family === 4) ?? addresses[0];
    if (chosen === undefined) throw unresolved(hostname);
    return { url, address: chosen.address, family: chosen.family === 6 ? 6 : 4 };
  }

  return {
    check,
    fetchMedia: async (url, fetchOptions = {}) => {
      const { fetchPinned } = await import("./pinned-fetch.ts");
      return fetchPinned(() => check(url), fetchOptions);
    },
  };
}

function parseMediaUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null) throw refused("it is not a URL");
  if (url.protocol !== "http:" && url.protocol !== "https:") throw refused(`${url.protocol} is not http: or https:`);
  if (url.username !== "" || url.password !== "") throw refused("it carries credentials");
  return url;
}

function portOf(url: URL): number {
  if (url.port !== "") return Number(url.port);
  return url.protocol === "https:" ? 443 : 80;
}

function literal(address: string): ResolvedAddress {
  return { address, family: address.includes(":") ? 6 : 4 };
}

async function resolveName(
  hostname: string,
  resolve: (hostname: string) => Promise<readonly ResolvedAddress[]>,
): Promise<readonly ResolvedAddress[]> {
  try {
    return await resolve(hostname);
  } catch (thrown) {
    throw unresolved(hostname, thrown);
  }
}

async function resolveBySystem(hostname: string): Promise<readonly ResolvedAddress[]> {
  const { lookup } = await import("node:dns/promises");
  return lookup(hostname, { all: true });
}

function refused(reason: string): DragomanError {
  return new DragomanError({
    code: "invalid_request",
    detail: `the URL is refused: ${reason}`,
    advice: "give a public http or https URL, or send the data itself",
  });
}

function unresolved(hostname: string, cause?: unknown): DragomanError {
  return new DragomanError({ code: "connection_failed", detail: `the host ${hostname} cannot be resolved`, cause });
}
