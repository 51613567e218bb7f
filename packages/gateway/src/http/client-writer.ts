/**
 * Writes a streamed answer to its client. What the vendor sent in one piece comes as many events in one turn of the event
 * loop; their text is gathered and goes out in one piece again, at the turn's end, so nothing waits and nothing is cut up.
 */
import type { ServerResponse } from "node:http";

/** What one turn may gather before it is written at once. Characters. */
const GATHERED_LENGTH_MAX = 16_384;

export interface ClientWriter {
  write(text: string): void;
  /** Undefined while the client keeps up; else resolves when it has caught up or gone. */
  backlog(): Promise<void> | undefined;
  /** Writes what is gathered. Whoever ends the response calls it first. */
  flush(): void;
  /** Writes what is gathered, and has it sent at once: Node itself holds back what is written in one turn until its end. */
  sendNow(): void;
}

export function createClientWriter(response: ServerResponse): ClientWriter {
  let gathered = "";
  let isScheduled = false;

  function flush(): void {
    isScheduled = false;
    const text = gathered;
    gathered = "";
    if (text !== "" && !response.destroyed && !response.writableEnded) response.write(text);
  }

  return {
    write(text) {
      if (text === "") return;
      gathered += text;
      if (gathered.length >= GATHERED_LENGTH_MAX) flush();
      else if (!isScheduled) {
        isScheduled = true;
        process.nextTick(flush);
      }
    },
    backlog: () => (response.writableNeedDrain ? drained(response) : undefined),
    flush,
    sendNow() {
      flush();
      response.socket?.uncork();
    },
  };
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    function done(): void {
      response.off("drain", done);
      response.off("close", done);
      resolve();
    }
    response.on("drain", done);
    response.on("close", done);
  });
}
