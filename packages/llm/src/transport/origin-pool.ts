/** The connections to one origin, kept by undici, and how a connection is opened. */
import type { Dispatcher, Pool } from "undici";
import type { TransportResponse } from "./transport.ts";
import { ConnectLimitError, UndiciCall, type UndiciCallInit } from "./undici-call.ts";
import type { UndiciParts } from "./undici-parts.ts";

/** Certificates for endpoints that the system does not know: a private authority, or a client's own certificate. PEM. */
export interface TlsOptions {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface OriginPoolOptions {
  readonly connectionsMax: number;
  readonly keepAliveMs: number;
  readonly tls: TlsOptions;
}

type Connector = ReturnType<UndiciParts["buildConnector"]>;

export class OriginPool {
  private readonly pool: Pool;
  private readonly openSocket: Connector;
  /** The call whose dispatch is under way: a connection opened meanwhile is opened for it. */
  private dispatching: UndiciCall | undefined;
  /** The longest that any call was ready to wait for a connection. Milliseconds. */
  private connectMsMax = 0;

  constructor(undici: UndiciParts, origin: string, options: OriginPoolOptions) {
    // HTTP/1.1 only: there, aborting a call closes its connection, which every vendor understands.
    this.openSocket = undici.buildConnector({ ...options.tls, allowH2: false, timeout: 0 });
    this.pool = new undici.Pool(origin, {
      connections: options.connectionsMax,
      pipelining: 1,
      allowH2: false,
      // undici's own limits of 300 s are off; the call's clock keeps the limits that the caller chose.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: options.keepAliveMs,
      connect: this.connect,
    });
  }

  send(init: UndiciCallInit, options: Dispatcher.DispatchOptions): Promise<TransportResponse> {
    const call = new UndiciCall(init);
    this.connectMsMax = Math.max(this.connectMsMax, init.timeouts.connectMs);
    this.dispatching = call;
    try {
      this.pool.dispatch(options, call);
    } finally {
      this.dispatching = undefined;
    }
    return call.response;
  }

  /** Resolves when the calls under way have ended and every connection is closed. */
  close(): Promise<void> {
    return this.pool.close();
  }

  private readonly connect: Connector = (options, callback) => {
    const socket: unknown = this.openSocket(options, callback);
    if (!isDestroyable(socket)) return;
    const call = this.dispatching;
    if (call === undefined) limitConnecting(socket, this.connectMsMax);
    else call.closeConnecting = () => socket.destroy(new Error("given up while connecting"));
  };
}

/**
 * A connection that the pool opens for a call out of its queue belongs to no call that we could name. The call's own clock
 * began earlier and ends the call; this closes the socket.
 */
function limitConnecting(socket: Destroyable, limitMs: number): void {
  if (limitMs >= 2 ** 31) return;
  const timer = setTimeout(() => socket.destroy(new ConnectLimitError()), limitMs);
  const stop = () => clearTimeout(timer);
  socket.once("secureConnect", stop).once("close", stop);
  if (!socket.encrypted) socket.once("connect", stop);
}

interface Destroyable {
  readonly encrypted?: boolean;
  destroy(error: Error): unknown;
  once(event: string, listener: () => void): this;
}

/** undici's connector returns its socket; its types do not say so. */
function isDestroyable(value: unknown): value is Destroyable {
  return typeof value === "object" && value !== null && "destroy" in value && "once" in value;
}
