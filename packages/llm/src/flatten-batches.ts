/**
 * Batches of values as single values. Where many values are there at once, as the events in one piece of a stream, this
 * costs far less than an async generator that yields them one by one: one promise a value instead of three.
 */

/**
 * Takes the next batch only when the last is used up; a batch must not change until then. Leaving early leaves the batches.
 */
export function flattenBatches<Value>(batches: AsyncIterator<Iterable<Value>, void>): FlatIterator<Value> {
  return new FlatBatches(batches);
}

/** Tells what of the last batch is left. */
export interface FlatIterator<Value> extends AsyncIterableIterator<Value, undefined> {
  /** Undefined where there is none, or somebody waits already. */
  nextReady(): Value | undefined;
  return(): Promise<IteratorResult<Value, undefined>>;
}

class FlatBatches<Value> implements FlatIterator<Value> {
  readonly #batches: AsyncIterator<Iterable<Value>, void>;
  #values: Iterator<Value, undefined> = [].values();
  /** The call of `next` that waits for a batch. One that comes meanwhile has to wait for it, to keep the order. */
  #waiting: Promise<IteratorResult<Value, undefined>> | undefined;

  constructor(batches: AsyncIterator<Iterable<Value>, void>) {
    this.#batches = batches;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  nextReady(): Value | undefined {
    return this.#waiting === undefined ? this.#values.next().value : undefined;
  }

  next(): Promise<IteratorResult<Value, undefined>> {
    if (this.#waiting !== undefined) return this.#waiting.then(() => this.next());
    const next = this.#values.next();
    if (next.done !== true) return Promise.resolve(next);
    this.#waiting = this.#nextBatch();
    return this.#waiting;
  }

  async return(): Promise<IteratorResult<Value, undefined>> {
    this.#values = [].values();
    await this.#batches.return?.();
    return { done: true, value: undefined };
  }

  async #nextBatch(): Promise<IteratorResult<Value, undefined>> {
    try {
      for (;;) {
        const batch = await this.#batches.next();
        if (batch.done === true) return { done: true, value: undefined };
        this.#values = batch.value[Symbol.iterator]();
        const next = this.#values.next();
        if (next.done !== true) return next;
      }
    } finally {
      this.#waiting = undefined;
    }
  }
}
