/** Waits until the vendor has prepared a file. */
import type { PollingOptions } from "../await-answer.ts";
import { DragomanError } from "../errors.ts";
import type { VendorFile } from "../vendor-file.ts";
import { pause } from "./pause.ts";

const GROWTH = 1.5;
const FIRST_MS = 1_000;
const MOST_MS = 10_000;
const TOTAL_MS = 5 * 60_000;

/** Throws `timeout`, `aborted`, or `vendor_error` for a file that cannot be used. */
export async function awaitFile(
  first: VendorFile,
  ask: () => Promise<VendorFile>,
  signal: AbortSignal | undefined,
  { firstMs = FIRST_MS, mostMs = MOST_MS, totalMs = TOTAL_MS }: PollingOptions = {},
): Promise<VendorFile> {
  const deadline = performance.now() + totalMs;
  let file = first;
  for (let waitMs = firstMs; file.status === "pending"; waitMs = Math.min(waitMs * GROWTH, mostMs)) {
    if (performance.now() + waitMs > deadline) {
      const detail = `${file.provider} still prepares the file ${file.id} after ${totalMs} ms (polling.totalMs)`;
      throw new DragomanError({ code: "timeout", detail, advice: "ask for the file again later, or raise polling.totalMs" });
    }
    await pause(waitMs, signal);
    file = await ask();
  }
  if (file.status === "ready") return file;
  const detail = `${file.provider} could not prepare the file ${file.id}`;
  throw new DragomanError({ code: "vendor_error", detail, retryable: false, advice: "check that the file is of its media type" });
}
