/** Answers what never became a request: bytes that are not HTTP, headers without end, a request that does not get done. */
import type { Socket } from "node:net";
import { DragomanError, type ErrorCode } from "@dragoman/llm";

/** Told of each that is answered. */
export type ConnectionRefused = (error: DragomanError) => void;

interface Refusal {
  readonly status: string;
  readonly code: ErrorCode;
  readonly message: string;
}

/** The reasons stand here, for importing `node:http` by name loads Node's own `fetch` and `WebSocket` along: 30 ms, 4 MiB. */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: "408 Request Timeout",
    code: "timeout",
    message: "the request took too long to arrive; send it faster or in smaller pieces",
  },
  HPE_HEADER_OVERFLOW: {
    status: "431 Request Header Fields Too Large",
    code: "request_too_large",
    message: "the headers are too large; send fewer or shorter ones",
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    status: "413 Payload Too Large",
    code: "request_too_large",
    message: "the chunk extensions are too large; send none",
  },
};
const NOT_HTTP: Refusal = {
  status: "400 Bad Request",
  code: "invalid_request",
  message: "this is not an HTTP/1.1 request; check what stands before or after it",
};

/**
 * Nobody knows which dialect was meant, so the body is one that the clients of most vendors read. An answer that is on its
 * way on the same connection is not written into; the connection ends.
 */
export function refuseConnection(error: Error & { readonly code?: string }, socket: Socket, refused?: ConnectionRefused): void {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  if (socket.writable && !isAnswering(socket)) {
    const { status, code, message } = REFUSALS[error.code ?? ""] ?? NOT_HTTP;
    refused?.(new DragomanError({ code, detail: message, cause: error }));
    const body = JSON.stringify({ type: "error", error: { type: "invalid_request_error", message, param: null, code: null } });
    const head = `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\n`;
    socket.end(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }
  socket.destroySoon();
}

/** Node keeps the response that a socket is busy with under this name; its own handler asks the same question. */
function isAnswering(socket: Socket): boolean {
  const message: unknown = Reflect.get(socket, "_httpMessage");
  return typeof message === "object" && message !== null && "headersSent" in message && message.headersSent === true;
}
