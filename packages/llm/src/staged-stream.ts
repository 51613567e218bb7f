/**
 * Streams that go through stages, each of which looks at every event: retries, fallbacks, somebody's books. An event that is there
 * already goes from stage to stage by plain calls; async generators would make three promises of each at every stage. For whoever
 * writes a policy whose `stream` should cost nothing worth mentioning:
 *
 *     stream: (call) => stagedStream(provider.stream(call), { see: (event) => (count(event), event) }),
 */
import type { StreamEvent } from "./stream.ts";

/** A stream that tells what it has at hand. Read by one reader, who may leave by `return`. */
export interface ReadyStream extends AsyncIterableIterator<StreamEvent, undefined> {
  /** The next event, where it is there already; undefined where there is none or it has to be waited for: then `next` tells which. */
  nextReady(): StreamEvent | undefined;
  /** Leaves the stream, and whatever it comes from. Resolves when that has been left. */
  return(): Promise<IteratorResult<StreamEvent, undefined>>;
}

/** What one stage does. */
export interface StreamStage {
  /** What goes on in the place of an event: itself, several, none, or another stream in the place of all that would follow. */
  see(event: StreamEvent): StreamEvent | readonly StreamEvent[] | StreamChange;
  /** The stream has ended without a terminal event, or by what it threw. Default: so does this, and it throws that. */
  broken?(thrown: unknown): StreamChange;
  /** Told once: after the terminal event, or when the reader leaves. */
  over?(): void;
}

/** Another stream takes over; the one before is left first. */
export class StreamChange {
  /** Asked for once the stream before has been left. */
  readonly open: () => AsyncIterable<StreamEvent>;

  /** `open` gives the stream that takes over. */
  constructor(open: () => AsyncIterable<StreamEvent>) {
    this.open = open;
  }
}

/** A stream through a stage. It ends with the first terminal event that the stage lets go on. */
export function stagedStream(source: AsyncIterable<StreamEvent>, stage: StreamStage): ReadyStream {
  return new StagedStream(source, stage);
}

/** A stream that is opened when its first event is asked for. Rejections of `open` are the reader's. */
export function openedStream(open: () => Promise<AsyncIterable<StreamEvent>>): ReadyStream {
  return new OpenedStream(open);
}

/** Events that are there, then the rest of a stream. */
export function resumedStream(events: readonly StreamEvent[], rest?: ReadyStream): ReadyStream {
  return new ResumedStream(events, rest);
}

/** Any stream as one that tells what it has at hand. */
export function readyStream(events: AsyncIterable<StreamEvent>): ReadyStream {
  return isReady(events) ? events : new WaitingStream(events[Symbol.asyncIterator]());
}

function isReady(events: AsyncIterable<StreamEvent>): events is ReadyStream {
  return "nextReady" in events && typeof events.nextReady === "function";
}

type Next = IteratorResult<StreamEvent, undefined>;
const DONE: Next = { done: true, value: undefined };

/** A stream of somebody else, which has nothing at hand. */
class WaitingStream implements ReadyStream {
  readonly #events: AsyncIterator<StreamEvent, unknown>;

  constructor(events: AsyncIterator<StreamEvent, unknown>) {
    this.#events = events;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  nextReady(): undefined {
    return undefined;
  }

  next(): Promise<Next> {
    return this.#events.next().then((next): Next => (next.done === true ? DONE : next));
  }

  async return(): Promise<Next> {
    await this.#events.return?.();
    return DONE;
  }
}

class ResumedStream implements ReadyStream {
  readonly #events: readonly StreamEvent[];
  readonly #rest: ReadyStream | undefined;
  #place = 0;

  constructor(events: readonly StreamEvent[], rest: ReadyStream | undefined) {
    this.#events = events;
    this.#rest = rest;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  nextReady(): StreamEvent | undefined {
    if (this.#place >= this.#events.length) return this.#rest?.nextReady();
    this.#place += 1;
    return this.#events[this.#place - 1];
  }

  next(): Promise<Next> {
    const ready = this.#place < this.#events.length ? this.nextReady() : undefined;
    if (ready !== undefined) return Promise.resolve({ done: false, value: ready });
    return this.#rest?.next() ?? Promise.resolve(DONE);
  }

  async return(): Promise<Next> {
    this.#place = this.#events.length;
    await this.#rest?.return();
    return DONE;
  }
}

class OpenedStream implements ReadyStream {
  readonly #open: () => Promise<AsyncIterable<StreamEvent>>;
  #opening: Promise<ReadyStream | undefined> | undefined;
  #opened: ReadyStream | undefined;

  constructor(open: () => Promise<AsyncIterable<StreamEvent>>) {
    this.#open = open;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  nextReady(): StreamEvent | undefined {
    return this.#opened?.nextReady();
  }

  next(): Promise<Next> {
    if (this.#opened !== undefined) return this.#opened.next();
    this.#opening ??= this.#open().then((events) => (this.#opened = readyStream(events)));
    return this.#opening.then((opened) => opened?.next() ?? DONE);
  }

  /** One that was never asked for is never opened. */
  async return(): Promise<Next> {
    this.#opening ??= Promise.resolve(undefined);
    const opened = await this.#opening.catch(() => undefined);
    await opened?.return();
    return DONE;
  }
}

class StagedStream implements ReadyStream {
  #source: ReadyStream;
  readonly #stage: StreamStage;
  /** Of one event that became several. */
  #more: StreamEvent[] = [];
  #change: StreamChange | undefined;
  #isChanged = false;
  #isOver = false;
  #isTold = false;
  /** The call of `next` that waits. One that comes meanwhile has to wait for it, to keep the order. */
  #waiting: Promise<Next> | undefined;

  constructor(source: AsyncIterable<StreamEvent>, stage: StreamStage) {
    this.#source = readyStream(source);
    this.#stage = stage;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  nextReady(): StreamEvent | undefined {
    while (!this.#isOver && this.#change === undefined) {
      const waiting = this.#more.length > 0 ? this.#more.shift() : undefined;
      if (waiting !== undefined) return this.#given(waiting);
      const event = this.#source.nextReady();
      if (event === undefined) return undefined;
      const given = this.#seen(event);
      if (given !== undefined) return given;
    }
    return undefined;
  }

  next(): Promise<Next> {
    if (this.#waiting !== undefined) return this.#waiting.then(() => this.next());
    const ready = this.nextReady();
    if (ready !== undefined) return Promise.resolve({ done: false, value: ready });
    this.#waiting = this.#wait();
    return this.#waiting;
  }

  async return(): Promise<Next> {
    this.#isOver = true;
    this.#tell();
    await this.#source.return();
    return DONE;
  }

  /** What is given out of an event at once. */
  #seen(event: StreamEvent): StreamEvent | undefined {
    // The stream that has taken over went through stages of its own.
    const seen = this.#isChanged ? event : this.#stage.see(event);
    if (seen instanceof StreamChange) {
      this.#change = seen;
      return undefined;
    }
    if (!isSeveral(seen)) return this.#given(seen);
    const [first, ...others] = seen;
    this.#more = others;
    return first === undefined ? undefined : this.#given(first);
  }

  #given(event: StreamEvent): StreamEvent {
    if (event.type === "finish" || event.type === "error") this.#isOver = true;
    return event;
  }

  async #wait(): Promise<Next> {
    try {
      while (!this.#isOver) {
        if (this.#change !== undefined) await this.#take(this.#change);
        const ready = this.nextReady();
        if (ready !== undefined) return { done: false, value: ready };
        if (this.#isOver || this.#change !== undefined) continue;
        let next: Next;
        try {
          next = await this.#source.next();
        } catch (thrown) {
          if (this.#breaks(thrown)) continue;
          throw thrown;
        }
        if (next.done === true) {
          if (this.#breaks(undefined)) continue;
          break;
        }
        const given = this.#seen(next.value);
        if (given !== undefined) return { done: false, value: given };
      }
      return await this.return();
    } catch (thrown) {
      this.#isOver = true;
      this.#tell();
      throw thrown;
    } finally {
      this.#waiting = undefined;
    }
  }

  /** Whether another stream takes over from one that ended without its terminal event. */
  #breaks(thrown: unknown): boolean {
    if (!this.#isChanged) this.#change = this.#stage.broken?.(thrown);
    return this.#change !== undefined;
  }

  async #take(change: StreamChange): Promise<void> {
    await this.#source.return().catch(() => {});
    this.#isChanged = true;
    this.#source = readyStream(change.open());
    this.#change = undefined;
  }

  #tell(): void {
    if (this.#isTold) return;
    this.#isTold = true;
    this.#stage.over?.();
  }
}

function isSeveral(seen: StreamEvent | readonly StreamEvent[]): seen is readonly StreamEvent[] {
  return Array.isArray(seen);
}
