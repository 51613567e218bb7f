/**
 * The transport of other runtimes (Deno, Bun, browsers, workers), and of a host's own `fetch`. The same laws as the
 * undici transport, but for what `fetch` does not let anybody see or choose:
 *
 * - When a connection stands is not told. `firstByteMs` runs from the call on, and `connectMs` is not kept. A connection
 *   that is still being opened when the call is given up is closed by the runtime in its own time.
 * - The runtime's own limits stay (Node's `fetch`: 10 s to connect, 300 s to the headers and between two pieces).
 * - A browser hides where a redirect leads; there it is `connection_failed` instead of an answer of 3xx.
 * - Compressed bodies are unpacked by the runtime.
 */
import { withIdentityEncoding } from "./content-encoding.ts";
import { resolveTimeouts } from "./timeouts.ts";
import type { Transport, TransportRequest, TransportResponse } from "./transport.ts";
import { abortedBySignal, parseRequestUrl, requestName, transportClosed, unsendable } from "./transport-failure.ts";
import { DECOMPRESSED_BYTES_MAX } from "./transport-limits.ts";

export interface FetchTransportOptions {
  /** Default: the global `fetch`, looked up at each call. */
  readonly fetch?: typeof fetch;
  /** The most that a compressed body may unpack to. Bytes. Default 256 MiB. */
  readonly decompressedBytesMax?: number;
}

/** A transport over `fetch`, for runtimes without undici. */
export function createFetchTransport(options: FetchTransportOptions = {}): Transport {
  const { decompressedBytesMax = DECOMPRESSED_BYTES_MAX } = options;
  let closed = false;
  let loaded: Promise<typeof import("./fetch-call.ts")> | undefined;

  async function send(request: TransportRequest): Promise<TransportResponse> {
    const url = parseRequestUrl(request.method, request.url);
    const name = requestName(request.method, url);
    const timeouts = resolveTimeouts(request.timeouts);
    loaded ??= import("./fetch-call.ts");
    const { FetchCall } = await loaded;
    if (closed) throw transportClosed(name);
    if (request.signal?.aborted) throw abortedBySignal(request.signal, name);
    const init = createInit(request, name);
    const call = new FetchCall({ request: name, timeouts, signal: request.signal, decompressedBytesMax });
    return call.send(options.fetch ?? globalThis.fetch, url, init);
  }

  return {
    send,
    // Connections belong to the runtime, which closes them.
    close: async () => {
      closed = true;
    },
  };
}

function createInit(request: TransportRequest, name: string): RequestInit {
  try {
    return {
      method: request.method,
      headers: new Headers(withIdentityEncoding(request.headers)),
      redirect: "manual",
      ...(request.body === undefined ? {} : { body: request.body }),
    };
  } catch (thrown) {
    throw unsendable(thrown, name);
  }
}
