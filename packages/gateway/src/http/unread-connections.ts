/**
 * Ends connections whose client reads nothing of what was written to it: each would hold its answer, its call and its place for good.
 * One look at all connections every so often costs less than a timer for each answer.
 */
import type { Server } from "node:http";
import type { Socket } from "node:net";

/** What is looked at of a connection. */
type Connection = Pick<Socket, "writableLength" | "bytesWritten" | "destroy">;

export interface UnreadWatch {
  add(connection: Connection): void;
  remove(connection: Connection): void;
  /** One look. Ends those that have taken nothing of what waits for them since `limitMs`. */
  look(): void;
}

/** `now`: milliseconds of a clock that never goes back. */
export function createUnreadWatch(limitMs: number, now: () => number): UnreadWatch {
  /** What had left at the last look, and since when no more has. */
  const watched = new Map<Connection, { taken: number; since: number }>();

  return {
    add: (connection) => void watched.set(connection, { taken: takenOf(connection), since: now() }),
    remove: (connection) => void watched.delete(connection),
    look() {
      for (const [connection, seen] of watched) {
        const taken = takenOf(connection);
        if (connection.writableLength === 0 || taken !== seen.taken) {
          seen.taken = taken;
          seen.since = now();
        } else if (now() - seen.since >= limitMs) connection.destroy();
      }
    },
  };
}

/** What has left this process. */
function takenOf({ bytesWritten, writableLength }: Connection): number {
  return bytesWritten - writableLength;
}

/** A timer takes no more than 24 days. */
const LOOK_MS_MAX = 60_000;

export function watchUnread(server: Server, limitMs: number): void {
  const watch = createUnreadWatch(limitMs, () => performance.now());
  server.on("connection", (socket: Socket) => {
    watch.add(socket);
    socket.once("close", () => watch.remove(socket));
  });
  server.once("listening", () => {
    const timer = setInterval(watch.look, Math.min(Math.ceil(limitMs / 4), LOOK_MS_MAX));
    timer.unref();
    server.once("close", () => clearInterval(timer));
  });
}
