/** A vendor of OpenAI's chat wire that answers without end: what no imitation of a good vendor does. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/**
 * - `signs-of-life`: the head, then comments or blanks for ever, and no answer.
 * - `endless`: an answer that goes on for ever.
 * - `endless-error`: the head of a 500 and the beginning of its body, then nothing.
 * - `flood`: an answer without end, as fast as it is taken.
 * - `long`: an answer of `LONG_LENGTH` characters, as fast as it is taken, and complete.
 * - `false-encoding`: a body that is said to be compressed, and is not.
 */
export type OddWay = "signs-of-life" | "endless" | "endless-error" | "flood" | "long" | "false-encoding";

export interface OddVendor {
  readonly baseUrl: string;
  /** How it answers from now on. Undefined: nobody should ask it. */
  play(way: OddWay | undefined): void;
  /** Requests since. */
  asked(): number;
  /** What has been taken of the latest answer, as far as the system tells. Bytes. */
  taken(): number;
  /** Whether the latest answer was left before its end. */
  wasLeft(): boolean;
  close(): Promise<void>;
}

/** How late a late first token of the good vendors comes. Milliseconds. */
export const LATE_MS = 250;

const PAUSE_MS = 15;
const PIECE_LENGTH = 65_536;
const PIECES = 256;
const FLOOD_PIECE_LENGTH = 256 * 1024;
/** More than sockets hold. */
export const LONG_LENGTH = PIECES * PIECE_LENGTH;
export const LONG_USAGE = { prompt_tokens: 8, completion_tokens: 4_000_000, total_tokens: 4_000_008 };

export async function startOddVendor(): Promise<OddVendor> {
  let way: OddWay | undefined;
  let asked = 0;
  let latest: ServerResponse | undefined;
  const server = createServer((request, response) => {
    asked += 1;
    latest = response;
    void isStreamed(request).then((streamed) => (way === undefined ? response.destroy() : WAYS[way](response, streamed)));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the odd vendor has no port");
  return {
    baseUrl: `http://127.0.0.1:${address.port}/v1`,
    play: (next) => {
      way = next;
      asked = 0;
    },
    asked: () => asked,
    taken: () => (latest?.socket?.bytesWritten ?? 0) - (latest?.socket?.writableLength ?? 0),
    wasLeft: () => latest?.destroyed === true && !latest.writableFinished,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function isStreamed(request: IncomingMessage): Promise<boolean> {
  let body = "";
  for await (const piece of request.setEncoding("utf8")) body += String(piece);
  return /"stream":\s*true/.test(body);
}

const WAYS: Readonly<Record<OddWay, (response: ServerResponse, streamed: boolean) => void>> = {
  "signs-of-life": (response, streamed) => {
    begin(response, streamed);
    repeat(response, streamed ? ": still here\n\n" : "\n");
  },
  endless: (response, streamed) => {
    begin(response, streamed);
    if (!streamed) response.write(wholeAnswer().slice(0, -20));
    repeat(response, streamed ? chunk("on and ") : "on and ");
  },
  "endless-error": (response) => {
    response.writeHead(500, { "content-type": "application/json" });
    response.write('{"error":{"message":"Internal');
  },
  flood: (response, streamed) => {
    begin(response, streamed);
    const piece = "x".repeat(FLOOD_PIECE_LENGTH);
    if (!streamed) response.write(wholeAnswer().slice(0, -20));
    void pour(response, streamed ? chunk(piece) : piece);
  },
  long: (response, streamed) => {
    begin(response, streamed);
    const piece = "x".repeat(PIECE_LENGTH);
    if (!streamed) response.end(wholeAnswer(piece.repeat(PIECES)));
    else void writeLong(response, chunk(piece));
  },
  "false-encoding": (response, streamed) => {
    begin(response, streamed, { "content-encoding": "gzip" });
    response.end(streamed ? chunk("so far") : wholeAnswer());
  },
};

function begin(response: ServerResponse, streamed: boolean, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(200, { "content-type": streamed ? "text/event-stream" : "application/json", ...headers });
}

/** Until nobody listens any more. */
function repeat(response: ServerResponse, text: string): void {
  response.write(text);
  const timer = setInterval(() => response.write(text), PAUSE_MS);
  response.once("close", () => clearInterval(timer));
}

async function pour(response: ServerResponse, piece: string): Promise<void> {
  const bytes = Buffer.from(piece);
  while (!response.destroyed) if (!response.write(bytes)) await taken(response);
}

async function writeLong(response: ServerResponse, piece: string): Promise<void> {
  for (let count = 0; count < PIECES && !response.destroyed; count++) {
    if (!response.write(piece)) await taken(response);
  }
  response.end(`${chunk("", "stop", LONG_USAGE)}data: [DONE]\n\n`);
}

function taken(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off("drain", done).off("close", done);
      resolve();
    };
    response.on("drain", done).on("close", done);
  });
}

const HEAD = { id: "c1", created: 1, model: "gpt-4.1-mini" };

function chunk(content: string, finish_reason: string | null = null, usage?: typeof LONG_USAGE): string {
  const choices = [{ index: 0, delta: { content }, finish_reason }];
  return `data: ${JSON.stringify({ ...HEAD, object: "chat.completion.chunk", choices, usage })}\n\n`;
}

function wholeAnswer(content = "so far"): string {
  const choices = [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }];
  return JSON.stringify({ ...HEAD, object: "chat.completion", choices, usage: LONG_USAGE });
}
