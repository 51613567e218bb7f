/**
 * Streams of one piece every 20 ms, many at once by a single timer: a wheel of twenty slots, one a millisecond. A stream
 * stays in the slot of the millisecond in which it began, so that streams which began apart stay apart, as those of real
 * clients do, and no turn has all of them to write.
 */
import type { Socket } from "node:net";

const PACE_MS = 20;
const TURN_MS = 1;

interface SlowStream {
  readonly pieces: readonly Buffer[];
  readonly socket: Socket;
  /** The piece that comes next. */
  next: number;
}

const slots: readonly Set<SlowStream>[] = Array.from({ length: PACE_MS }, () => new Set<SlowStream>());
let turn = 0;
let timer: NodeJS.Timeout | undefined;

/** Writes the first two pieces, which are the head and the first event, at once. */
export function startSlowStream(pieces: readonly Buffer[], socket: Socket): void {
  const stream: SlowStream = { pieces, socket, next: 2 };
  socket.write(Buffer.concat(pieces.slice(0, 2)));
  if (timer === undefined) {
    turn = Math.floor(performance.now());
    timer = setInterval(turnWheel, TURN_MS);
  }
  slots[Math.floor(performance.now()) % PACE_MS]?.add(stream);
}

/** A turn that comes late makes up for those that were missed, so that the pace stays what it is. */
function turnWheel(): void {
  const now = Math.floor(performance.now());
  for (; turn < now; turn++) {
    const slot = slots[turn % PACE_MS];
    for (const stream of slot ?? []) if (writeNext(stream)) slot?.delete(stream);
  }
  if (slots.every(({ size }) => size === 0)) {
    clearInterval(timer);
    timer = undefined;
  }
}

/** Whether that was the last. */
function writeNext(stream: SlowStream): boolean {
  const piece = stream.pieces[stream.next++];
  if (piece !== undefined && !stream.socket.destroyed) stream.socket.write(piece);
  return stream.next >= stream.pieces.length || stream.socket.destroyed;
}
