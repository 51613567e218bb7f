/** Sends a reply over the connection, with the fault that was asked for. The only file that touches the socket. */
import type { ServerResponse } from "node:http";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";
import type { Delivery } from "./generate.ts";
import type { Frame, StreamReply, WholeReply } from "./reply.ts";

export interface DeliverySettings {
  readonly chunkDelayMs: number;
  readonly slowMs: number;
  /** Aborted when the server closes. */
  readonly signal: AbortSignal;
}

export async function deliver(response: ServerResponse, delivery: Delivery, settings: DeliverySettings): Promise<void> {
  const { reply, fault } = delivery;
  if (fault === "silence") return;
  if (fault === "reset") {
    response.socket?.resetAndDestroy();
    return;
  }
  if (fault === "garbage") {
    response.socket?.end("\u0016\u0003\u0001 this is no HTTP\r\n\r\n");
    return;
  }
  if (fault === "html") {
    await sendWhole(response, PROXY_PAGE, undefined, settings);
    return;
  }
  if (fault === "empty") {
    response.writeHead(200, reply.headers).end();
    return;
  }
  await (reply.kind === "stream" ? sendStream(response, reply, fault, settings) : sendWhole(response, reply, fault, settings));
}

const PROXY_PAGE: WholeReply = {
  kind: "whole",
  status: 502,
  headers: { "content-type": "text/html" },
  body: "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n",
};

const ODD_PIECE_BYTES = 7;

type Ending = "end" | "destroy" | "hang";

const ENDINGS: { readonly [Fault in NonNullable<Delivery["fault"]>]?: Ending } = {
  "reset-mid": "destroy",
  "reset-after-head": "destroy",
  stall: "hang",
  "silent-after-head": "hang",
};

/** How much of a whole body goes out. */
const SHARES: { readonly [Fault in NonNullable<Delivery["fault"]>]?: number } = {
  cut: 0.5,
  "reset-mid": 0.5,
  stall: 0.5,
  malformed: 0.5,
  "reset-after-head": 0,
  "silent-after-head": 0,
  "cut-at-once": 0,
};

async function sendWhole(
  response: ServerResponse,
  reply: WholeReply,
  fault: Delivery["fault"],
  settings: DeliverySettings,
): Promise<void> {
  response.writeHead(reply.status, reply.headers);
  if (fault === "slow-first-token") await holdBack(response, settings);
  const share = fault === undefined ? 1 : (SHARES[fault] ?? 1);
  const body = bytesOf(reply.body);
  if (share === 0) response.flushHeaders();
  for (const piece of piecesOf(body.subarray(0, Math.floor(body.length * share)), fault)) await write(response, piece, settings);
  await finish(response, fault === undefined ? "end" : (ENDINGS[fault] ?? "end"));
}

async function sendStream(
  response: ServerResponse,
  reply: StreamReply,
  fault: Delivery["fault"],
  settings: DeliverySettings,
): Promise<void> {
  response.writeHead(200, { "cache-control": "no-cache", ...reply.headers });
  response.flushHeaders();
  if (fault === "slow-first-token") await holdBack(response, settings);
  for (const text of framesToSend(reply, fault)) {
    if (settings.chunkDelayMs > 0) await sleep(settings.chunkDelayMs, undefined, { signal: settings.signal });
    for (const piece of piecesOf(bytesOf(text), fault)) await write(response, piece, settings);
  }
  await finish(response, fault === undefined ? "end" : (ENDINGS[fault] ?? "end"));
}

function framesToSend(reply: StreamReply, fault: Delivery["fault"]): readonly (string | Uint8Array)[] {
  const { frames } = reply;
  const middle = middleOf(frames);
  const texts = frames.map((frame) => frame.text);
  switch (fault) {
    case "cut":
    case "reset-mid":
    case "stall":
      return texts.slice(0, middle);
    case "malformed":
      return texts.toSpliced(middle, 0, reply.malformedFrame);
    case "error-in-200":
      return [...texts.slice(0, middle), reply.errorFrame];
    case "reset-after-head":
    case "silent-after-head":
    case "cut-at-once":
      return beginning(frames);
    case "error-at-once":
      return [...beginning(frames), reply.errorFrame];
    case "no-last-event":
      return texts.slice(0, -1);
    case "no-terminator":
      return frames.filter((frame) => frame.part !== "end").map((frame) => frame.text);
    default:
      return texts;
  }
}

/** What comes before the first content. */
function beginning(frames: readonly Frame[]): readonly (string | Uint8Array)[] {
  return frames.filter(({ part }) => part === "head").map(({ text }) => text);
}

/** The place after half of the content. */
function middleOf(frames: readonly Frame[]): number {
  const contents = frames.flatMap((frame, index) => (frame.part === "content" ? [index] : []));
  const last = contents[(contents.length - 1) >> 1];
  return last === undefined ? frames.length : last + 1;
}

async function holdBack(response: ServerResponse, settings: DeliverySettings): Promise<void> {
  response.flushHeaders();
  await sleep(settings.slowMs, undefined, { signal: settings.signal });
}

function bytesOf(text: string | Uint8Array): Buffer {
  return typeof text === "string" ? Buffer.from(text, "utf8") : Buffer.from(text);
}

function piecesOf(bytes: Buffer, fault: Delivery["fault"]): readonly Buffer[] {
  if (fault !== "odd-pieces") return cutWithinCharacter(bytes);
  const count = Math.ceil(bytes.length / ODD_PIECE_BYTES);
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * ODD_PIECE_BYTES, (index + 1) * ODD_PIECE_BYTES));
}

/** Pieces whose border lies inside a character of several bytes, where there is one: clients must bear it. */
function cutWithinCharacter(bytes: Buffer): readonly Buffer[] {
  const lead = bytes.findIndex((byte) => byte >= 0xc0);
  return lead < 0 ? [bytes] : [bytes.subarray(0, lead + 1), bytes.subarray(lead + 1)];
}

/** Each piece goes out in a turn of the event loop of its own, so that a client in this process reads it by itself. */
async function write(response: ServerResponse, piece: Buffer, settings: DeliverySettings): Promise<void> {
  if (piece.length === 0 || response.destroyed || settings.signal.aborted) return;
  await new Promise<void>((resolve) => {
    response.once("close", resolve);
    response.write(piece, () => {
      response.off("close", resolve);
      resolve();
    });
  });
  await nextTurn();
}

async function finish(response: ServerResponse, ending: Ending): Promise<void> {
  if (ending === "end") response.end();
  else if (ending === "destroy") response.destroy();
}
