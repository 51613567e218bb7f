/**
 * Retention. Events go by tenant and age, in steps, so that appends find their turn between. Blobs go by the same measure, but
 * only those that no event left of the tenant names: a hash anywhere in its data or metadata keeps the content.
 */
import { InvalidEvent } from "./errors.ts";
import type { ForgetOptions } from "./event-log.ts";
import type { EventStore } from "./event-store.ts";
import { checkName } from "./prepare-append.ts";
import { readLogPages } from "./read-pages.ts";

const STEP_EVENTS = 500;
const STEP_BLOBS = 100;
const SHA_256 = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g;

export async function forget(
  store: EventStore,
  options: ForgetOptions,
): Promise<{ readonly events: number; readonly blobs: number }> {
  if (options.tenant !== undefined) checkName(options.tenant, "the tenant");
  if (!Number.isFinite(options.recordedBefore)) throw new InvalidEvent(`recordedBefore is ${options.recordedBefore}, not a time`);
  const events = await forgetEvents(store, options);
  const blobs = await forgetBlobs(store, options);
  return { events, blobs };
}

async function forgetEvents(store: EventStore, { tenant, recordedBefore, streamPrefix, signal }: ForgetOptions): Promise<number> {
  let total = 0;
  for (;;) {
    signal?.throwIfAborted();
    const count = await store.forgetEvents({ tenant, recordedBefore, streamPrefix, countMax: STEP_EVENTS });
    total += count;
    if (count < STEP_EVENTS) return total;
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
  }
}

async function forgetBlobs(store: EventStore, options: ForgetOptions): Promise<number> {
  const { tenant, recordedBefore, signal } = options;
  const unnamed = [...(await unnamedBlobs(store, options))];
  let total = 0;
  while (unnamed.length > 0) {
    signal?.throwIfAborted();
    total += await store.releaseBlobs(tenant, recordedBefore, unnamed.splice(0, STEP_BLOBS));
  }
  return total;
}

async function unnamedBlobs(store: EventStore, { tenant, recordedBefore, signal }: ForgetOptions): Promise<ReadonlySet<string>> {
  const stale = new Set<string>();
  for (let afterHash = ""; ; ) {
    signal?.throwIfAborted();
    const hashes = await store.staleBlobs({ tenant, recordedBefore, afterHash, countMax: STEP_BLOBS });
    for (const hash of hashes) stale.add(hash);
    afterHash = hashes.at(-1) ?? "";
    if (hashes.length < STEP_BLOBS) break;
  }
  if (stale.size === 0) return stale;
  const left = readLogPages(store, { filter: { tenant: tenant ?? null }, ...(signal && { signal }) });
  for await (const { data, metadata } of left) {
    for (const [hash] of JSON.stringify([data, metadata]).matchAll(SHA_256)) stale.delete(hash);
    if (stale.size === 0) break;
  }
  return stale;
}
