/**
 * Serves recorded answers on loopback. Two ways in: the exact address of one exchange, and a base URL behind which a
 * recording's exchanges are answered in their order, so that a provider can be pointed at it.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import { DragomanError } from "../../errors.ts";
import { type Chunking, cutIntoChunks, DEFAULT_CHUNKING } from "./chunking.ts";
import { addressOf, payloadBytes, type RecordedExchange, type Recording } from "./recording.ts";

export interface RecordingServerOptions {
  /** How answers are cut into pieces. Default: awkward sizes from a fixed seed. */
  readonly chunking?: Chunking;
}

/** A running server that answers as it was recorded. */
export interface RecordingServer {
  /** As in `http://127.0.0.1:40123`. */
  readonly url: string;
  /** Serves one more recording. */
  add(recording: Recording): void;
  /** Stops serving a recording. */
  remove(recording: Recording): void;
  /** The address that always answers with this exchange, whatever is asked. Throws `not_found` for one that is not served. */
  exchangeUrl(recording: Recording, exchange: number): string;
  /**
   * A base URL for a provider: each request is answered by the next exchange whose method and path fit; one that fits none
   * is answered 404 and says so. Throws `not_found` for a recording that is not served.
   */
  baseUrl(recording: Recording): string;
  /** Idempotent. Connections under way are cut. */
  close(): Promise<void>;
}

/** Headers that describe the recorder's connection, not this one. */
const HOP_HEADERS: ReadonlySet<string> = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "keep-alive",
  "transfer-encoding",
]);

interface Shelf {
  readonly recording: Recording;
  /** The first exchange that has not been asked for yet. */
  next: number;
}

/** Serves recordings on loopback. */
export async function startRecordingServer(
  recordings: readonly Recording[],
  options: RecordingServerOptions = {},
): Promise<RecordingServer> {
  const chunking = options.chunking ?? DEFAULT_CHUNKING;
  const shelves = new Map<number, Shelf>();
  const numbers = new Map<Recording, number>();
  let lastNumber = 0;

  function add(recording: Recording): void {
    if (numbers.has(recording)) return;
    lastNumber++;
    numbers.set(recording, lastNumber);
    shelves.set(lastNumber, { recording, next: 0 });
  }

  function numberOf(recording: Recording): number {
    const number = numbers.get(recording);
    if (number === undefined) throw new DragomanError({ code: "not_found", detail: `${recording.id} is not served here` });
    return number;
  }

  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      const exchange = exchangeFor(request, shelves);
      if (exchange === undefined) refuse(request, response);
      else void answer(exchange, chunking, response);
    });
  });
  const url = await listen(server);
  for (const recording of recordings) add(recording);

  return {
    url,
    add,
    remove(recording) {
      shelves.delete(numbers.get(recording) ?? 0);
      numbers.delete(recording);
    },
    exchangeUrl: (recording, exchange) => `${url}/exchange/${numberOf(recording)}/${exchange}`,
    baseUrl: (recording) => `${url}/recording/${numberOf(recording)}`,
    close: () => closeServer(server),
  };
}

function exchangeFor(request: IncomingMessage, shelves: ReadonlyMap<number, Shelf>): RecordedExchange | undefined {
  const address = new URL(request.url ?? "/", "http://server.invalid");
  const [, kind, number, ...rest] = address.pathname.split("/");
  const shelf = shelves.get(Number(number));
  if (shelf === undefined) return undefined;
  if (kind === "exchange") return shelf.recording.exchanges[Number(rest[0])];
  return kind === "recording" ? nextExchange(shelf, request.method ?? "GET", `/${rest.join("/")}`) : undefined;
}

/** The next exchange, in order, with this method and a path that ends alike: base URLs differ, the rest does not. */
function nextExchange(shelf: Shelf, method: string, path: string): RecordedExchange | undefined {
  for (let index = shelf.next; index < shelf.recording.exchanges.length; index++) {
    const exchange = shelf.recording.exchanges[index];
    if (exchange === undefined || exchange.request.method.toUpperCase() !== method) continue;
    const recorded = addressOf(exchange.request).pathname;
    if (!recorded.endsWith(path) && !path.endsWith(recorded)) continue;
    shelf.next = index + 1;
    return exchange;
  }
  return undefined;
}

/** Each piece in a turn of its own, so that the pieces arrive as pieces. */
async function answer(exchange: RecordedExchange, chunking: Chunking, response: ServerResponse): Promise<void> {
  const headers = Object.entries(exchange.response.headers).filter(([name]) => !HOP_HEADERS.has(name));
  response.writeHead(exchange.response.status, Object.fromEntries(headers.map(([name, value]) => [name, safeHeader(value)])));
  response.socket?.setNoDelay(true);
  for (const piece of cutIntoChunks(payloadBytes(exchange.response.payload), chunking)) {
    if (response.destroyed) return;
    response.write(piece);
    await nextTurn();
  }
  response.end();
}

/** Header values may hold no line ends and nothing beyond Latin-1. */
function safeHeader(value: string): string {
  return value.replace(/[^\t\x20-\x7e\x80-\xff]/g, "?");
}

function refuse(request: IncomingMessage, response: ServerResponse): void {
  const message = `no recorded exchange left for ${request.method ?? "GET"} ${request.url ?? "/"}`;
  response.writeHead(404, { "content-type": "application/json" });
  response.end(JSON.stringify({ error: { message, type: "not_found" } }));
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new DragomanError({ code: "internal", detail: "the recording server has no port" });
  }
  return `http://127.0.0.1:${address.port}`;
}

async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
