/**
 * The vendor of the benchmarks, in a process of its own: bytes made beforehand over a bare socket, so that the vendor is
 * never what limits a measurement. It reads only as much HTTP as our clients send: a head with `content-length`, a body.
 *
 * A path with `/paced/` writes each event of a stream by itself, a turn of the event loop apart, one with `/slow/` an event
 * every 20 ms, one with `/apart/` the first token and a moment later the rest at once; other streams are one write, which leaves
 * the least to the network and the most to whoever reads.
 */
import { createServer, type Socket } from "node:net";
import { STREAMED_ANSWERS, WHOLE_ANSWERS, type Wire } from "../vendor-answers.ts";
import { addressOf, serveParent } from "./serve-child.ts";
import { startSlowStream } from "./slow-streams.ts";

interface Answers {
  readonly whole: Buffer;
  /** Head, then events, each framed as a chunk of HTTP. */
  readonly streamed: readonly Buffer[];
  readonly streamedAtOnce: Buffer;
}

const ANSWERS: Readonly<Record<Wire, Answers>> = { openai: answersOf("openai"), anthropic: answersOf("anthropic") };

function answersOf(wire: Wire): Answers {
  const body = Buffer.from(WHOLE_ANSWERS[wire]);
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: req_0123456789\r\ncontent-length: ${body.length}\r\n\r\n`;
  const streamHead =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\nx-request-id: req_0123456789\r\ntransfer-encoding: chunked\r\n\r\n";
  const events = STREAMED_ANSWERS[wire];
  const streamed = [Buffer.from(streamHead), ...events.map(httpChunk), Buffer.from("0\r\n\r\n")];
  return {
    whole: Buffer.concat([Buffer.from(head), body]),
    streamed,
    streamedAtOnce: Buffer.from(`${streamHead}${httpChunk(events.join("")).toString()}0\r\n\r\n`),
  };
}

function httpChunk(text: string): Buffer {
  return Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
}

const HEAD_END = "\r\n\r\n";

function serve(socket: Socket): void {
  let waiting = "";
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.on("data", (bytes) => {
    waiting += bytes.toString("latin1");
    for (let end = requestEnd(waiting); end !== undefined; end = requestEnd(waiting)) {
      answer(waiting.slice(0, end), socket);
      waiting = waiting.slice(end);
    }
  });
}

/** Where the first whole request ends, if one is there. */
function requestEnd(text: string): number | undefined {
  const headEnd = text.indexOf(HEAD_END);
  if (headEnd === -1) return undefined;
  const length = /\r\ncontent-length: *(\d+)/i.exec(text.slice(0, headEnd))?.[1];
  const end = headEnd + HEAD_END.length + Number(length ?? 0);
  return text.length < end ? undefined : end;
}

function answer(request: string, socket: Socket): void {
  const line = request.slice(0, request.indexOf("\r\n"));
  const answers = ANSWERS[line.includes("/messages") ? "anthropic" : "openai"];
  if (!request.includes('"stream":true')) socket.write(answers.whole);
  else if (line.includes("/paced/")) writePaced(answers.streamed, 0, socket);
  else if (line.includes("/slow/")) startSlowStream(answers.streamed, socket);
  else if (line.includes("/apart/")) writeApart(answers.streamed, socket);
  else socket.write(answers.streamedAtOnce);
}

function writePaced(pieces: readonly Buffer[], index: number, socket: Socket): void {
  const piece = pieces[index];
  if (piece === undefined || socket.destroyed) return;
  socket.write(piece);
  setImmediate(writePaced, pieces, index + 1, socket);
}

/** The head, who speaks, and the first token. */
const OPENING_PIECES = 3;
const APART_MS = 5;

/** Meanwhile nothing keeps the core from whoever reads the first token. */
function writeApart(pieces: readonly Buffer[], socket: Socket): void {
  socket.write(Buffer.concat(pieces.slice(0, OPENING_PIECES)));
  setTimeout(() => {
    if (!socket.destroyed) socket.write(Buffer.concat(pieces.slice(OPENING_PIECES)));
  }, APART_MS);
}

serveParent(await addressOf(createServer(serve)));
