/** A load generator of clients that each ask again as soon as they were answered. */
import { ask, openConnection, type Question, renderRequest } from "./ask.ts";

export { CLIENT_KEY } from "./ask.ts";

export interface LoadOptions extends Question {
  /** Kept-alive connections; each asks again as soon as it was answered. */
  readonly connections: number;
  readonly durationMs: number;
  /** Ends earlier once so many are answered. Default: only the time ends it. */
  readonly requestsMax?: number;
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
  let left = options.requestsMax ?? Infinity;
  const mayAsk = () => performance.now() < until && left-- > 0;
  const loads = await Promise.all(Array.from({ length: options.connections }, () => askAgainAndAgain(options, mayAsk)));
  return {
    requests: loads.reduce((sum, load) => sum + load.wholeMs.length, 0),
    elapsedMs: performance.now() - startedAt,
    wholeMs: loads.flatMap(({ wholeMs }) => wholeMs),
    firstMs: loads.flatMap(({ firstMs }) => firstMs),
  };
}

async function askAgainAndAgain(question: Question, mayAsk: () => boolean): Promise<Pick<Load, "wholeMs" | "firstMs">> {
  const socket = await openConnection(question.url);
  const request = renderRequest(question);
  const wholeMs: number[] = [];
  const firstMs: number[] = [];
  while (mayAsk()) {
    const askedAt = performance.now();
    const { firstAt } = await ask(socket, request);
    wholeMs.push(performance.now() - askedAt);
    firstMs.push(firstAt - askedAt);
  }
  socket.destroy();
  return { wholeMs, firstMs };
}
