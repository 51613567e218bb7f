/**
 * Copies settled calls of this node's file to PostgreSQL, in their order, a batch at a time; where it had come to is asked of PostgreSQL, so
 * a process that died is followed by one that goes on from there. While PostgreSQL is away the file holds them; none is in memory.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { toDragomanError } from "@dragoman/llm";
import type { Pool } from "pg";
import type { LocalLedger } from "../../ledger/local-ledger.ts";
import type { Notice } from "../../telemetry/observer.ts";
import { shippedUpTo, writeShipped } from "./write-shipped.ts";

export interface CallShipperOptions {
  readonly local: Pick<LocalLedger, "unshipped">;
  readonly pool: Pool;
  readonly source: string;
  readonly node: string;
  /** How often to look for what was settled. Milliseconds. Default 1 000. */
  readonly everyMs?: number;
  /** Calls of one transaction. Default 500. */
  readonly batchMax?: number;
  readonly notice?: (notice: Notice) => void;
  /** Copies what belongs to calls, each time after them. Never rejects. */
  readonly afterCalls?: () => Promise<void>;
}

export interface CallShipper {
  /** Begins to ship by itself. */
  start(): void;
  /** Ships all that is settled now. Rejects where PostgreSQL cannot be reached. */
  flush(): Promise<void>;
  /** Calls shipped since the beginning. */
  readonly shipped: number;
  /** Since when calls wait that could not be shipped. Milliseconds since 1970. */
  readonly behindSince: number | undefined;
  /** Ships the rest, for no longer than two seconds, and stops. */
  end(): Promise<void>;
}

const END_MS = 2_000;
const RETRY_MAX_MS = 10_000;

export function createCallShipper(options: CallShipperOptions): CallShipper {
  const { local, pool, source, node, everyMs = 1_000, batchMax = 500, notice = () => {}, afterCalls = async () => {} } = options;
  const stopped = new AbortController();
  let mark: number | undefined;
  let shipped = 0;
  let behindSince: number | undefined;
  let running: Promise<void> | undefined;
  let shipping: Promise<void> | undefined;

  /** One at a time; who asks while one is under way waits for another, as what it wants may have come later. */
  function flush(): Promise<void> {
    const next = (shipping ?? Promise.resolve()).catch(() => {}).then(shipAll);
    shipping = next;
    return next;
  }

  async function shipAll(): Promise<void> {
    try {
      mark ??= await shippedUpTo(pool, source);
      for (;;) {
        const calls = await local.unshipped(mark, batchMax);
        if (calls.length === 0) break;
        const { sequence, duplicates } = await writeShipped(pool, { source, node, after: mark, calls });
        const isBehind = sequence < mark;
        mark = sequence;
        if (isBehind) continue;
        shipped += calls.length;
        for (const id of duplicates) tellDuplicate(id);
        if (calls.length < batchMax) break;
      }
      onCaughtUp();
    } catch (thrown) {
      // Whether it was written is not known: what PostgreSQL says counts.
      mark = undefined;
      onBehind(thrown);
      throw thrown;
    }
  }

  function onCaughtUp(): void {
    if (behindSince !== undefined)
      notice({ level: "info", event: "ledger.ship-resumed", message: "calls are copied to PostgreSQL again" });
    behindSince = undefined;
  }

  function onBehind(thrown: unknown): void {
    if (behindSince !== undefined || stopped.signal.aborted) return;
    behindSince = Date.now();
    const error = toDragomanError(thrown);
    const message = `calls cannot be copied to PostgreSQL, and wait in this node's file: ${error.detail}`;
    notice({ level: "warn", event: "ledger.ship-behind", message, error });
  }

  function tellDuplicate(id: string): void {
    const message = `another node has kept a call ${id}: the one of this node stands in its own file only`;
    notice({ level: "error", event: "ledger.call-dropped", message });
  }

  async function flushWithMore(): Promise<void> {
    await flush();
    await afterCalls();
  }

  async function run(): Promise<void> {
    for (let waitMs = everyMs; !stopped.signal.aborted; ) {
      const failed = await flushWithMore().then(
        () => false,
        () => true,
      );
      waitMs = failed ? Math.min(waitMs * 2, RETRY_MAX_MS) : everyMs;
      await sleep(waitMs, undefined, { signal: stopped.signal, ref: false }).catch(() => {});
    }
  }

  async function end(): Promise<void> {
    const wasRunning = running !== undefined;
    stopped.abort();
    const late = new AbortController();
    await Promise.race([
      wasRunning ? flushWithMore().catch(() => {}) : shipping?.catch(() => {}),
      sleep(END_MS, undefined, { signal: late.signal }).catch(() => {}),
    ]);
    late.abort();
  }

  return {
    start() {
      running ??= run();
    },
    flush,
    get shipped() {
      return shipped;
    },
    get behindSince() {
      return behindSince;
    },
    end,
  };
}
