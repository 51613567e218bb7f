/**
 * Copies what calls asked and were answered from this node's file to PostgreSQL, after the calls and apart from them: what is large, or cannot be
 * copied, keeps no question about calls waiting.
 */
import { toDragomanError } from "@dragoman/llm";
import type { Pool } from "pg";
import type { Notice } from "../../telemetry/observer.ts";
import type { KeptContents } from "./kept-contents.ts";
import { contentsBytes, contentsUpTo, cropContents, writeContents } from "./write-contents.ts";

export interface ContentShipperOptions {
  readonly kept: KeptContents;
  readonly pool: Pool;
  readonly source: string;
  readonly node: string;
  /** Of one file's contents in PostgreSQL, compressed; the oldest go first. Default 1 GiB, as of the file itself. */
  readonly bytesMax?: number;
  readonly notice?: (notice: Notice) => void;
}

export interface ContentShipper {
  /** One round: what waits, or so much of it that calls need not wait for long. Never rejects. */
  ship(): Promise<void>;
  /** What is under way is not waited for: it is there or it is not, and the next process goes on from there. */
  end(): void;
}

const MIB = 1_048_576;
/** Of one transaction. */
const BATCH_BYTES = 2 * MIB;
const ROUND_BYTES = 32 * MIB;
/** What is left when the oldest go, so that they do not go with every batch. */
const CROPPED_SHARE = 0.95;

export function createContentShipper(options: ContentShipperOptions): ContentShipper {
  const { kept, pool, source, node, bytesMax = 1024 * MIB, notice = () => {} } = options;
  let mark: number | undefined;
  /** Bytes that this file has in PostgreSQL, at most: other nodes take out what is old. Undefined until they have been counted. */
  let total: number | undefined;
  let isBehind = false;
  let isEnding = false;
  let shipping: Promise<void> = Promise.resolve();

  async function round(): Promise<void> {
    mark ??= await contentsUpTo(pool, source);
    for (let sent = 0; sent < ROUND_BYTES && !isEnding; ) {
      const contents = kept.after(mark, BATCH_BYTES);
      if (contents.length === 0) return;
      const before: number = mark;
      mark = await writeContents(pool, { source, node, after: before, contents });
      const bytes = contents.reduce((sum, one) => sum + one.bytes, 0);
      sent += bytes;
      if (mark > before) await makeRoom(bytes);
    }
  }

  async function makeRoom(added: number): Promise<void> {
    total = total === undefined ? await contentsBytes(pool, source) : total + added;
    if (total <= bytesMax) return;
    total = await contentsBytes(pool, source);
    if (total <= bytesMax) return;
    await cropContents(pool, source, bytesMax * CROPPED_SHARE);
    total = undefined;
  }

  async function shipped(): Promise<void> {
    if (isEnding) return;
    try {
      await round();
      if (isBehind)
        notice({ level: "info", event: "ledger.contents-resumed", message: "contents are copied to PostgreSQL again" });
      isBehind = false;
    } catch (thrown) {
      // Whether it was written is not known: what PostgreSQL says counts.
      mark = undefined;
      if (isBehind || isEnding) return;
      isBehind = true;
      const error = toDragomanError(thrown);
      const message = `contents of calls cannot be copied to PostgreSQL, and wait in this node's file: ${error.detail}`;
      notice({ level: "warn", event: "ledger.contents-behind", message, error });
    }
  }

  return {
    ship: () => (shipping = shipping.then(shipped)),
    end() {
      isEnding = true;
    },
  };
}
