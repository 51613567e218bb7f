/** One question over a bare socket and the reading of its answer, so that asking costs next to nothing beside answering. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** Sent with every request: a gateway that demands a key takes this one, every other way ignores it. */
export const CLIENT_KEY = "a-key-of-the-benchmark-and-of-nobody-else";

export interface Question {
  readonly url: string;
  readonly body: string;
  /** Beside those of every request. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The longest that a server may be silent while it owes an answer. */
const SILENT_MS_MAX = 10_000;

export async function openConnection(url: string): Promise<Socket> {
  const { hostname, port, pathname } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  socket.setEncoding("latin1").setTimeout(SILENT_MS_MAX, () => socket.destroy(new Error(`no answer from ${pathname}`)));
  await once(socket, "connect");
  return socket;
}

export function renderRequest({ url, body, headers = {} }: Question): string {
  const { pathname, host } = new URL(url);
  const fields = {
    host,
    "content-type": "application/json",
    authorization: `Bearer ${CLIENT_KEY}`,
    ...headers,
    "content-length": Buffer.byteLength(body),
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${pathname} HTTP/1.1\r\n${lines.join("")}\r\n${body}`;
}

const HEAD_END = "\r\n\r\n";

/**
 * Rejects when the server answers with anything but 200, closes the connection or is silent for 10 s. `onPiece` gets what
 * one read of the socket brought of the body, in its framing of HTTP.
 */
export function ask(socket: Socket, request: string, onPiece?: (piece: string) => void): Promise<{ readonly firstAt: number }> {
  return new Promise((resolve, reject) => {
    let head = "";
    let length: number | undefined;
    let isHeadRead = false;
    let received = 0;
    let tail = "";
    let firstAt = 0;
    const settle = (error?: Error) => {
      socket.off("data", read).off("error", settle).off("close", closed);
      if (error === undefined) resolve({ firstAt });
      else reject(error);
    };
    const closed = () => settle(new Error("the server closed the connection"));
    const read = (bytes: string) => {
      let piece = bytes;
      if (!isHeadRead) {
        head += bytes;
        const headEnd = head.indexOf(HEAD_END);
        if (headEnd === -1) return;
        piece = head.slice(headEnd + HEAD_END.length);
        head = head.slice(0, headEnd);
        length = contentLength(head);
        isHeadRead = true;
      }
      if (piece !== "") {
        if (firstAt === 0) firstAt = performance.now();
        received += piece.length;
        tail = lastOf(tail, piece);
        onPiece?.(piece);
      }
      if (length === undefined ? !isLastChunk(tail) : received < length) return;
      settle(head.startsWith("HTTP/1.1 200") ? undefined : new Error(`the server answered ${head}\n\n${tail}`));
    };
    socket.on("data", read).on("error", settle).on("close", closed);
    socket.write(request);
  });
}

function contentLength(head: string): number | undefined {
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  return length === undefined ? undefined : Number(length);
}

/** The chunk of length 0, and the trailers that may follow it. */
const LAST_CHUNK = /\r\n0\r\n([^\r\n]+\r\n)*\r\n$/;
const TRAILERS_LENGTH_MAX = 2_048;

function lastOf(tail: string, piece: string): string {
  return piece.length >= TRAILERS_LENGTH_MAX ? piece.slice(-TRAILERS_LENGTH_MAX) : (tail + piece).slice(-TRAILERS_LENGTH_MAX);
}

function isLastChunk(tail: string): boolean {
  return tail.endsWith(HEAD_END) && LAST_CHUNK.test(tail);
}
