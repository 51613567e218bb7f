/** A load generator over bare sockets, so that asking costs next to nothing beside answering. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** Sent with every request: a gateway that demands a key takes this one, every other way ignores it. */
export const CLIENT_KEY = "a-key-of-the-benchmark-and-of-nobody-else";

export interface LoadOptions {
  readonly url: string;
  readonly body: string;
  /** Kept-alive connections; each asks again as soon as it was answered. */
  readonly connections: number;
  readonly durationMs: number;
}

export interface Load {
  readonly requests: number;
  readonly elapsedMs: number;
  /** Milliseconds from asking to the end of the answer, one a request. */
  readonly wholeMs: readonly number[];
  /** To the first bytes after the head. */
  readonly firstMs: readonly number[];
}

/** Rejects when a server answers with anything but 200, closes the connection or does not answer for 10 s. */
export async function generateLoad(options: LoadOptions): Promise<Load> {
  const startedAt = performance.now();
  const until = startedAt + options.durationMs;
  const loads = await Promise.all(Array.from({ length: options.connections }, () => askAgainAndAgain(options, until)));
  return {
    requests: loads.reduce((sum, load) => sum + load.wholeMs.length, 0),
    elapsedMs: performance.now() - startedAt,
    wholeMs: loads.flatMap(({ wholeMs }) => wholeMs),
    firstMs: loads.flatMap(({ firstMs }) => firstMs),
  };
}

async function askAgainAndAgain({ url, body }: LoadOptions, until: number): Promise<Pick<Load, "wholeMs" | "firstMs">> {
  const { hostname, port, pathname, host } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  socket.setEncoding("latin1").setTimeout(10_000, () => socket.destroy(new Error(`no answer from ${pathname}`)));
  await once(socket, "connect");
  const request = `POST ${pathname} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\nauthorization: Bearer ${CLIENT_KEY}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  const wholeMs: number[] = [];
  const firstMs: number[] = [];
  while (performance.now() < until) {
    const askedAt = performance.now();
    const { firstAt } = await ask(socket, request);
    wholeMs.push(performance.now() - askedAt);
    firstMs.push(firstAt - askedAt);
  }
  socket.destroy();
  return { wholeMs, firstMs };
}

const HEAD_END = "\r\n\r\n";

function ask(socket: Socket, request: string): Promise<{ readonly firstAt: number }> {
  return new Promise((resolve, reject) => {
    let text = "";
    let firstAt = 0;
    const settle = (error?: Error) => {
      socket.off("data", read).off("error", settle).off("close", closed);
      if (error === undefined) resolve({ firstAt });
      else reject(error);
    };
    const closed = () => settle(new Error("the server closed the connection"));
    const read = (piece: string) => {
      text += piece;
      const headEnd = text.indexOf(HEAD_END);
      if (headEnd === -1) return;
      if (firstAt === 0 && text.length > headEnd + HEAD_END.length) firstAt = performance.now();
      if (!isWhole(text, headEnd)) return;
      settle(text.startsWith("HTTP/1.1 200") ? undefined : new Error(`the server answered ${text.slice(0, 300)}`));
    };
    socket.on("data", read).on("error", settle).on("close", closed);
    socket.write(request);
  });
}

function isWhole(text: string, headEnd: number): boolean {
  const length = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, headEnd))?.[1];
  return length === undefined
    ? LAST_CHUNK.test(text.slice(-TRAILERS_LENGTH_MAX))
    : text.length >= headEnd + HEAD_END.length + Number(length);
}

/** The chunk of length 0, and the trailers that may follow it. */
const LAST_CHUNK = /\r\n0\r\n([^\r\n]+\r\n)*\r\n$/;
const TRAILERS_LENGTH_MAX = 2_048;
