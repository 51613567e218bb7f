/** The bytes of a streamed answer over one connection, or over several where the vendor lets a broken one be taken up again. */
import type { AnswerReader } from "./answer-reader.ts";
import type { RenderedRequest } from "./dialect.ts";
import { DragomanError } from "./errors.ts";
import type { TransportResponse } from "./transport/transport.ts";

export interface ResumableBody {
  /** The next piece; undefined at the end. Throws as the transport does. */
  next(): Promise<Uint8Array | undefined>;
  /** The connection of now and its pieces, for whoever reads the rest of it. */
  current(): { readonly response: TransportResponse; readonly pieces: AsyncIterator<Uint8Array> };
}

/** Connections that may break in one answer. */
const RESUMES_MAX = 5;

export function resumableBody(
  first: TransportResponse,
  reader: AnswerReader,
  reopen: (request: RenderedRequest) => Promise<TransportResponse>,
): ResumableBody {
  let response = first;
  let pieces = first.body[Symbol.asyncIterator]();
  let resumed = 0;

  /** Whether it goes on over another connection. */
  async function goesOn(failure: unknown): Promise<boolean> {
    if (resumed >= RESUMES_MAX || isOwnDecision(failure)) return false;
    const request = reader.resume();
    if (request === undefined) return false;
    resumed += 1;
    response.cancel();
    response = await reopen(request);
    pieces = response.body[Symbol.asyncIterator]();
    return true;
  }

  return {
    async next() {
      for (;;) {
        try {
          const piece = await pieces.next();
          if (piece.done !== true) return piece.value;
          if (!(await goesOn(undefined))) return undefined;
        } catch (error) {
          if (!(await goesOn(error))) throw error;
        }
      }
    },
    current: () => ({ response, pieces }),
  };
}

/** What we ended ourselves is not taken up again. */
function isOwnDecision(failure: unknown): boolean {
  return DragomanError.is(failure) && (failure.code === "aborted" || failure.code === "timeout");
}
