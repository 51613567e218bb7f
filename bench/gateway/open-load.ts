/**
 * Questions at a fixed rate, whatever becomes of them: each has its planned time, and its latency counts from there. A server
 * that falls behind is asked on, as it would be by people who do not know of each other, and what waits for a connection waits
 * in the figures too.
 */
import type { Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { ask, openConnection, type Question, renderRequest } from "../ask.ts";
import { quantile } from "../median.ts";

export interface OpenLoadOptions {
  readonly ratePerSecond: number;
  readonly durationMs: number;
  /** Asked before anything counts, at the same rate. */
  readonly leadMs: number;
}

export interface OpenLoad {
  readonly asked: number;
  readonly p50Ms: number;
  /** What was not answered by the end counts with the time that it had waited until then. */
  readonly p99Ms: number;
}

export interface OpenLoadClient extends Disposable {
  run(options: OpenLoadOptions): Promise<OpenLoad>;
}

/** Enough that a server which answers within 50 ms never lacks one at 5 000 questions a second. */
const CONNECTIONS = 256;
/** Who is so far behind is not asked any more: it has more to do than it can. */
const BEHIND_MS_MAX = 400;
/** For what is on its way when the last question was asked. */
const DRAIN_MS = 500;

export async function connectOpenLoad(question: Question): Promise<OpenLoadClient> {
  const request = renderRequest(question);
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => openConnection(question.url)));
  return {
    run: (options) => run(sockets, request, options),
    [Symbol.dispose]() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function run(
  sockets: readonly Socket[],
  request: string,
  { ratePerSecond, durationMs, leadMs }: OpenLoadOptions,
): Promise<OpenLoad> {
  const stepMs = 1000 / ratePerSecond;
  const planned = Math.round((leadMs + durationMs) / stepMs);
  const startedAt = performance.now();
  const countsFrom = startedAt + leadMs;
  const asker = createAsker(sockets, request);
  let count = 0;
  while (count < planned && asker.behindMs() <= BEHIND_MS_MAX) {
    const now = performance.now();
    for (; count < planned && startedAt + count * stepMs <= now; count++) asker.ask(startedAt + count * stepMs);
    await pauseUntil(startedAt + count * stepMs);
  }
  const drainedAt = performance.now() + DRAIN_MS;
  while (asker.isBusy() && performance.now() < drainedAt) await pauseUntil(Infinity);
  const latenciesMs = asker.latenciesSince(countsFrom);
  // The connections are needed again: what is still on its way is awaited, but counts no more.
  asker.forgetWaiting();
  while (asker.isBusy()) await pauseUntil(Infinity);
  return { asked: latenciesMs.length, p50Ms: quantile(latenciesMs, 0.5), p99Ms: quantile(latenciesMs, 0.99) };
}

interface Asked {
  readonly plannedAt: number;
  answeredAt?: number;
}

/** Each of its functions throws once a question has failed. */
function createAsker(sockets: readonly Socket[], request: string) {
  const free = [...sockets];
  const waiting: Asked[] = [];
  const all: Asked[] = [];
  let onTheirWay = 0;
  const failures: unknown[] = [];
  const check = (): void => {
    if (failures.length > 0) throw failures[0];
  };
  const send = (socket: Socket, asked: Asked): void => {
    onTheirWay += 1;
    ask(socket, request).then(
      () => {
        asked.answeredAt = performance.now();
        onTheirWay -= 1;
        const next = waiting.shift();
        if (next === undefined) free.push(socket);
        else send(socket, next);
      },
      (error: unknown) => failures.push(error),
    );
  };
  return {
    ask(plannedAt: number): void {
      const asked: Asked = { plannedAt };
      all.push(asked);
      // The one that was free for longest, so that none is idle until the server closes it.
      const socket = free.shift();
      if (socket === undefined) waiting.push(asked);
      else send(socket, asked);
    },
    /** How long the first has waited that has no connection yet. */
    behindMs(): number {
      check();
      const now = performance.now();
      return now - (waiting[0]?.plannedAt ?? now);
    },
    isBusy(): boolean {
      check();
      return onTheirWay > 0;
    },
    /** Of what was planned since; what is not answered yet has waited until now. */
    latenciesSince(time: number): readonly number[] {
      const now = performance.now();
      return all.filter(({ plannedAt }) => plannedAt >= time).map(({ plannedAt, answeredAt = now }) => answeredAt - plannedAt);
    },
    forgetWaiting(): void {
      waiting.length = 0;
    },
  };
}

const cell = new Int32Array(new SharedArrayBuffer(4));
const NAP_MS_MAX = 0.05;

/**
 * One turn of the event loop, after a nap of at most 50 µs. Timers know whole milliseconds only, in which several questions
 * would be asked at once; a loop without a rest would take the core from the vendor, which may share it.
 */
async function pauseUntil(time: number): Promise<void> {
  const left = time - performance.now();
  if (left > 0) Atomics.wait(cell, 0, 0, Math.min(NAP_MS_MAX, left));
  await turn();
}
