/** Many clients that each read one stream after the other to its end, and note when each piece came. */
import { setTimeout as wait } from "node:timers/promises";
import { ask, openConnection, type Question, renderRequest } from "../ask.ts";
import { STALL_MS } from "./gaps.ts";

export interface FollowOptions {
  readonly streams: number;
  /** The first streams begin one after the other within this time. */
  readonly staggerMs: number;
  /** Before anything counts, from the beginning. */
  readonly warmUpMs: number;
  readonly measuredMs: number;
  /** What is still being read then is left after so long. */
  readonly tailMs: number;
}

export interface FollowedStreams {
  /**
   * Between one piece and the next of the same stream, of those that came while measuring. A stream that stood still when
   * measuring ended, or had not begun, counts with what it had stood until then.
   */
  readonly gapsMs: readonly number[];
  /** From asking to the first piece, of streams that began while measuring. */
  readonly firstMs: readonly number[];
  /** Streams that were read to their end. */
  readonly whole: number;
  /** Streams that ended without their last event, or with an error. */
  readonly cut: number;
}

/** A stream while it is read. */
interface Reading {
  readonly askedAt: number;
  /** When its last piece came; undefined before the first. */
  lastAt?: number;
  /** The end of what came, enough to find the last event in two pieces. */
  tail: string;
  isWhole: boolean;
}

const EVENT = "data:";
const LAST_EVENT = "data: [DONE]";
/** A server that fails at once is asked again after so long. */
const AFTER_FAILURE_MS = 100;

/** `onMeasuring` runs at the beginning and at the end of what is measured. */
export async function followStreams(
  question: Question,
  options: FollowOptions,
  onMeasuring: () => void,
): Promise<FollowedStreams> {
  const { streams, staggerMs, warmUpMs, measuredMs, tailMs } = options;
  const from = performance.now() + warmUpMs;
  const until = from + measuredMs;
  const leaving = new AbortController();
  const readings = new Set<Reading>();
  const found = { gapsMs: [] as number[], firstMs: [] as number[], whole: 0, cut: 0 };
  const request = renderRequest(question);

  const note = (reading: Reading, piece: string): void => {
    const text = reading.tail + piece;
    reading.tail = text.slice(-LAST_EVENT.length);
    if (!piece.includes(EVENT)) return;
    reading.isWhole ||= text.includes(LAST_EVENT);
    const now = performance.now();
    const { askedAt, lastAt } = reading;
    reading.lastAt = now;
    if (now > until) return;
    if (lastAt === undefined && askedAt >= from) found.firstMs.push(now - askedAt);
    if (lastAt !== undefined && lastAt >= from) found.gapsMs.push(now - lastAt);
  };

  const readOne = async (client: Awaited<ReturnType<typeof openConnection>>): Promise<void> => {
    const reading: Reading = { askedAt: performance.now(), tail: "", isWhole: false };
    readings.add(reading);
    try {
      await ask(client, request, (piece) => note(reading, piece));
    } finally {
      readings.delete(reading);
    }
    if (!reading.isWhole) throw new Error("the stream ended without its last event");
    found.whole += 1;
  };

  const readAgainAndAgain = async (index: number): Promise<void> => {
    await wait((index / streams) * staggerMs);
    while (performance.now() < until) {
      const client = await openConnection(question.url);
      const leave = () => client.destroy();
      leaving.signal.addEventListener("abort", leave, { once: true });
      try {
        while (performance.now() < until) await readOne(client);
      } catch {
        // A connection that failed is no reason for the others to end.
        if (!leaving.signal.aborted) found.cut += 1;
        await wait(AFTER_FAILURE_MS);
      } finally {
        leaving.signal.removeEventListener("abort", leave);
        client.destroy();
      }
    }
  };

  const onEnd = (): void => {
    onMeasuring();
    for (const { askedAt, lastAt = askedAt } of readings) if (until - lastAt > STALL_MS) found.gapsMs.push(until - lastAt);
  };
  const timers = [
    setTimeout(onMeasuring, warmUpMs),
    setTimeout(onEnd, warmUpMs + measuredMs),
    setTimeout(() => leaving.abort(), warmUpMs + measuredMs + tailMs),
  ];
  await Promise.all(Array.from({ length: streams }, (_, index) => readAgainAndAgain(index)));
  for (const timer of timers) clearTimeout(timer);
  return found;
}
