/**
 * The body of one answer between the connection, which pushes, and one reader, who pulls piece by piece (`next`) or takes
 * everything at once (`collect`). What has arrived is always handed out before an error is.
 */

/** What the queue asks of the connection. */
export interface ChunkSource {
  /** The reader is slow: send no more for now. */
  pause(): void;
  resume(): void;
  /** The reader left before the end. */
  abandon(): void;
}

interface Reader {
  resolve(result: IteratorResult<Uint8Array, undefined>): void;
  reject(error: Error): void;
}

interface Collector {
  readonly bytesMax: number;
  resolve(chunks: readonly Uint8Array[]): void;
  reject(error: Error): void;
  /** Makes the error for a body that is too long. */
  tooLong(): Error;
}

/** How much is kept for a slow reader before the connection is paused. Bytes. */
const WAITING_BYTES_MAX = 64 * 1024;

const DONE: IteratorResult<Uint8Array, undefined> = { done: true, value: undefined };

export class ChunkQueue implements AsyncIterableIterator<Uint8Array, undefined> {
  private readonly source: ChunkSource;
  private chunks: Uint8Array[] = [];
  /** Index of the first chunk that is not handed out yet. */
  private first = 0;
  private waitingBytes = 0;
  private paused = false;
  private ended = false;
  private error: Error | undefined;
  private reader: Reader | undefined;
  private collector: Collector | undefined;

  constructor(source: ChunkSource) {
    this.source = source;
  }

  /** It has ended, and everything was handed out. */
  get isUsedUp(): boolean {
    return this.ended && this.first >= this.chunks.length && this.error === undefined;
  }

  push(chunk: Uint8Array): void {
    const reader = this.reader;
    if (reader !== undefined) {
      this.reader = undefined;
      reader.resolve({ done: false, value: chunk });
      return;
    }
    this.chunks.push(chunk);
    this.waitingBytes += chunk.length;
    if (this.collector !== undefined) this.refuseTooLong(this.collector);
    else if (this.waitingBytes > WAITING_BYTES_MAX && !this.paused) {
      this.paused = true;
      this.source.pause();
    }
  }

  end(): void {
    this.ended = true;
    this.reader?.resolve(DONE);
    this.reader = undefined;
    this.collector?.resolve(this.chunks);
    this.collector = undefined;
  }

  fail(error: Error): void {
    this.ended = true;
    if (this.reader === undefined && this.collector === undefined) this.error = error;
    this.reader?.reject(error);
    this.reader = undefined;
    this.collector?.reject(error);
    this.collector = undefined;
  }

  /** Drops what waits and fails with this error from now on. */
  discard(error: Error): void {
    this.chunks = [];
    this.first = 0;
    this.waitingBytes = 0;
    this.fail(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const chunk = this.chunks[this.first];
    if (chunk !== undefined) return Promise.resolve({ done: false, value: this.take(chunk) });
    if (this.error !== undefined) return Promise.reject(this.takeError(this.error));
    if (this.ended) return Promise.resolve(DONE);
    return new Promise((resolve, reject) => {
      this.reader = { resolve, reject };
    });
  }

  /** The loop was left. */
  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    const wasEnded = this.ended;
    this.chunks = [];
    this.first = 0;
    this.error = undefined;
    this.end();
    if (!wasEnded) this.source.abandon();
    return Promise.resolve(DONE);
  }

  /** Everything from the first byte on, when it has ended. Nothing is paused; `bytesMax` bounds what is kept. */
  collect(bytesMax: number, tooLong: () => Error): Promise<readonly Uint8Array[]> {
    return new Promise((resolve, reject) => {
      const collector = { bytesMax, resolve, reject, tooLong };
      if (this.error !== undefined) return reject(this.error);
      this.collector = collector;
      this.refuseTooLong(collector);
      if (this.collector === undefined) return;
      if (this.ended) this.end();
      else this.flow();
    });
  }

  private refuseTooLong(collector: Collector): void {
    if (this.waitingBytes <= collector.bytesMax) return;
    this.collector = undefined;
    this.chunks = [];
    this.waitingBytes = 0;
    if (!this.ended) this.source.abandon();
    collector.reject(collector.tooLong());
  }

  private take(chunk: Uint8Array): Uint8Array {
    this.first++;
    this.waitingBytes -= chunk.length;
    if (this.first === this.chunks.length) {
      this.chunks = [];
      this.first = 0;
      this.flow();
    }
    return chunk;
  }

  /** An error is thrown once; after it the body is at its end, as with any iterator. */
  private takeError(error: Error): Error {
    this.error = undefined;
    return error;
  }

  private flow(): void {
    if (!this.paused) return;
    this.paused = false;
    this.source.resume();
  }
}
