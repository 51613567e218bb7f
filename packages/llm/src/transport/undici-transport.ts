/**
 * The transport of Node: undici, one pool of kept-alive HTTP/1.1 connections per origin. It does what it is told once:
 * no retry, no redirect, no cookie, no proxy, no limit but the call's own. undici is loaded at the first call.
 */

import { withIdentityEncoding } from "./content-encoding.ts";
import type { OriginPool, TlsOptions } from "./origin-pool.ts";
import { resolveTimeouts } from "./timeouts.ts";
import type { Transport, TransportRequest, TransportResponse } from "./transport.ts";
import { abortedBySignal, parseRequestUrl, requestName, transportClosed } from "./transport-failure.ts";
import { DECOMPRESSED_BYTES_MAX } from "./transport-limits.ts";

export interface UndiciTransportOptions {
  /**
   * Connections to one origin at the same time, which is also how many calls run at the same time; more calls wait, at
   * most their `connectMs`. Default 1024.
   */
  readonly connectionsMax?: number;
  /**
   * How long an idle connection is kept where the server does not announce its own limit. Milliseconds. Default 4 000:
   * common local engines close theirs after 5 s without saying so, and a call on a closing connection fails.
   */
  readonly keepAliveMs?: number;
  /** The most that a compressed body may unpack to. Bytes. Default 256 MiB. */
  readonly decompressedBytesMax?: number;
  readonly tls?: TlsOptions;
}

/** Addresses kept parsed. Gemini has one for each model. */
const ADDRESSES_MAX = 256;

/** The default transport: pools of kept connections over undici. */
export function createUndiciTransport(options: UndiciTransportOptions = {}): Transport {
  const { decompressedBytesMax = DECOMPRESSED_BYTES_MAX } = options;
  const poolOptions = {
    connectionsMax: options.connectionsMax ?? 1024,
    keepAliveMs: options.keepAliveMs ?? 4_000,
    tls: options.tls ?? {},
  };
  const pools = new Map<string, OriginPool>();
  const addresses = new Map<string, URL>();
  let callsUnderWay = 0;
  let closing: Promise<void> | undefined;

  const onOver = () => {
    callsUnderWay--;
  };

  async function send(request: TransportRequest): Promise<TransportResponse> {
    const url = addressOf(request);
    const name = requestName(request.method, url);
    const timeouts = resolveTimeouts(request.timeouts);
    const pool = pools.get(url.origin) ?? (await openPool(url.origin));
    if (closing !== undefined) throw transportClosed(name);
    if (request.signal?.aborted) throw abortedBySignal(request.signal, name);
    callsUnderWay++;
    return pool.send(
      { request: name, timeouts, signal: request.signal, decompressedBytesMax, onOver },
      dispatchOptions(request, url),
    );
  }

  /** Calls go to few addresses, and parsing one is a fiftieth of a call's CPU. */
  function addressOf({ method, url }: TransportRequest): URL {
    const known = addresses.get(url);
    if (known !== undefined) return known;
    const parsed = parseRequestUrl(method, url);
    if (addresses.size >= ADDRESSES_MAX) addresses.clear();
    addresses.set(url, parsed);
    return parsed;
  }

  async function openPool(origin: string): Promise<OriginPool> {
    const [connections, undici] = await Promise.all([
      import("./origin-pool.ts"),
      import("./undici-parts.ts").then(({ loadUndiciParts }) => loadUndiciParts()),
    ]);
    const pool = pools.get(origin) ?? new connections.OriginPool(undici, origin, poolOptions);
    if (closing === undefined) pools.set(origin, pool);
    return pool;
  }

  /** Calls under way go on to their end; then this does not wait for them. */
  async function closePools(): Promise<void> {
    const closed = Promise.all([...pools.values()].map((pool) => pool.close()));
    if (callsUnderWay === 0) await closed;
  }

  return {
    send,
    close: () => {
      closing ??= closePools();
      return closing;
    },
  };
}

function dispatchOptions(request: TransportRequest, url: URL) {
  return {
    path: url.pathname + url.search,
    method: request.method,
    headers: withIdentityEncoding(request.headers),
    ...(request.body === undefined ? {} : { body: request.body }),
  };
}
