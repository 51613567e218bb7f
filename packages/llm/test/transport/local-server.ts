/** Real servers on loopback for the tests of this folder, and ways to watch what becomes of their connections. */
import { once } from "node:events";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import https from "node:https";
import net, { type Socket } from "node:net";
import type { Certificate } from "./loopback-certificate.ts";

export interface LocalServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** Every connection so far, the closed ones too. */
  readonly sockets: readonly Socket[];
  readonly firstSocket: Promise<Socket>;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown;

export async function startServer(answer: Answer): Promise<LocalServer> {
  return listen(http.createServer({ keepAliveTimeout: 60_000 }, answer));
}

/** A server that speaks whatever `answer` writes. */
export async function startSocketServer(answer: (socket: Socket) => unknown): Promise<LocalServer> {
  return listen(net.createServer(answer));
}

/** Over TLS; `url` is https. */
export async function startTlsServer(certificate: Certificate, answer: Answer): Promise<LocalServer> {
  const server = await listen(https.createServer(certificate, answer));
  return { ...server, url: server.url.replace("http:", "https:") };
}

async function listen(server: net.Server): Promise<LocalServer> {
  const sockets: Socket[] = [];
  const first = signalled<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.push(socket);
    first.set(socket);
    socket.on("error", () => {}); // A client that resets is what many tests are about.
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    sockets,
    firstSocket: first.value,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Resolves when the other side has closed the connection. */
export async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
}

/** A value that somebody sets once and others wait for. */
export function signalled<T = void>(): { readonly value: Promise<T>; set(value: T): void } {
  const { promise, resolve } = Promise.withResolvers<T>();
  return { value: promise, set: resolve };
}
