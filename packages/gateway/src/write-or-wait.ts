import { once } from "node:events";
import type { ServerResponse } from "node:http";

/** Writes, and waits while the client reads slower than the vendor writes. Resolves at once when the client has gone. */
export async function writeOrWait(response: ServerResponse, text: string): Promise<void> {
  if (text === "" || response.destroyed) return;
  if (response.write(text)) return;
  const gone = new AbortController();
  const onClose = (): void => gone.abort();
  response.once("close", onClose);
  try {
    await once(response, "drain", { signal: gone.signal });
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  } finally {
    response.off("close", onClose);
  }
}
