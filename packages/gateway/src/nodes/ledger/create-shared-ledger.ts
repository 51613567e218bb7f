/**
 * The ledger of several nodes. What calls need is the local file's affair: they are opened, settled and recovered there, and what limits
 * start from is read there. Questions go to PostgreSQL, where the calls of all nodes are, after this node's own have been copied; while it
 * is away, they are answered of this node alone, and that is told. While it is slow they are answered of what it has; a list is completed of
 * this node's file, and that is told as well.
 */
import { DragomanError, toDragomanError } from "@dragoman/llm";
import type { Pool } from "pg";
import type { RepriceReport } from "../../ledger/ledger.ts";
import type { LocalLedger } from "../../ledger/local-ledger.ts";
import { sumUsd } from "../../ledger/money.ts";
import type { Notice } from "../../telemetry/observer.ts";
import { createCallShipper } from "./call-shipper.ts";
import { createContentShipper } from "./content-shipper.ts";
import { forgetShared } from "./forget-shared.ts";
import { inSharedTables } from "./in-shared-tables.ts";
import type { KeptContents } from "./kept-contents.ts";
import { PAGE_DEFAULT, readSharedCall, readSharedCalls } from "./read-shared-calls.ts";
import { readSharedContent } from "./read-shared-content.ts";
import { readSharedUsage } from "./read-shared-usage.ts";
import { repriceOthers } from "./reprice-others.ts";
import { withOwnCalls } from "./with-own-calls.ts";

export interface SharedLedgerOptions {
  readonly node: string;
  /** Which file it is: see `source-identity.ts`. */
  readonly source: string;
  /** How often settled calls are copied. Milliseconds. Default 1 000. */
  readonly shipEveryMs?: number;
  /** How long a question waits for this node's own calls to be copied. Milliseconds. Default 2 000. */
  readonly flushMs?: number;
  readonly notice?: (notice: Notice) => void;
  /** What calls asked and were answered, where that is kept: it is copied too, and closed with the ledger. */
  readonly contents?: KeptContents;
  /** Of the contents of this file in PostgreSQL, compressed; the oldest go first. Default 1 GiB. */
  readonly contentsBytesMax?: number;
}

export interface SharedLedger extends LocalLedger {
  /** How the copying stands. */
  readonly shipping: { readonly shipped: number; readonly behindSince: number | undefined };
}

export function createSharedLedger(local: LocalLedger, pool: Pool, options: SharedLedgerOptions): SharedLedger {
  const { node, source, shipEveryMs, flushMs = 2_000, notice = () => {}, contents, contentsBytesMax } = options;
  const contentShipper =
    contents &&
    createContentShipper({
      kept: contents,
      pool,
      source,
      node,
      notice,
      ...(contentsBytesMax === undefined ? {} : { bytesMax: contentsBytesMax }),
    });
  const shipper = createCallShipper({
    local,
    pool,
    source,
    node,
    notice,
    ...(shipEveryMs === undefined ? {} : { everyMs: shipEveryMs }),
    ...(contentShipper === undefined ? {} : { afterCalls: contentShipper.ship }),
  });

  /** What all nodes know, or while that is not to be had what this one does. */
  async function ofAll<Result>(shared: (isLate: boolean) => Promise<Result>, alone: () => Promise<Result>): Promise<Result> {
    try {
      return await shared(await isLate(shipper.flush(), flushMs));
    } catch (thrown) {
      if (DragomanError.is(thrown) && thrown.code === "invalid_request") throw thrown;
      const error = toDragomanError(thrown);
      const message = `PostgreSQL cannot be asked: what is told is of the node ${node} alone: ${error.detail}`;
      notice({ level: "warn", event: "ledger.alone", message, error });
      return alone();
    }
  }

  function tellLate(consequence: string): void {
    const message = `PostgreSQL is slow: the last calls of the node ${node} are not copied yet; ${consequence}`;
    notice({ level: "warn", event: "ledger.late", message });
  }

  async function reprice(...[filter, price]: Parameters<LocalLedger["reprice"]>): Promise<RepriceReport> {
    const own = await local.reprice(filter, price);
    await shipper.flush();
    const others = await repriceOthers(pool, source, filter, price);
    return {
      calls: own.calls + others.calls,
      changed: own.changed + others.changed,
      beforeUsd: sumUsd([own.beforeUsd, others.beforeUsd]),
      afterUsd: sumUsd([own.afterUsd, others.afterUsd]),
    };
  }

  /** What was not copied yet is not forgotten. */
  async function forget(before: number): Promise<number> {
    await shipper.flush();
    await local.forget(before);
    return inSharedTables(pool, "writing", (client) => forgetShared(client, before));
  }

  let ending: Promise<void> | undefined;

  async function end(): Promise<void> {
    await shipper.end();
    contentShipper?.end();
    contents?.end();
    await local.end();
  }

  return {
    open(call, options) {
      shipper.start();
      local.open(call, options);
    },
    close: (record) => local.close(record),
    refuse: (record) => local.refuse(record),
    recover() {
      shipper.start();
      return local.recover();
    },
    used: local.used,
    async call(id) {
      const own = await local.call(id);
      if (own !== undefined) return own;
      return ofAll(
        () => inSharedTables(pool, "reading", (client) => readSharedCall(client, id)),
        async () => undefined,
      );
    },
    calls: (query) =>
      ofAll(
        async (isLate) => {
          const page = await inSharedTables(pool, "reading", (client) => readSharedCalls(client, query));
          if (!isLate) return page;
          tellLate("the list has them of its own file");
          return withOwnCalls(page, await local.calls(query), query.countMax ?? PAGE_DEFAULT);
        },
        () => local.calls(query),
      ),
    usage: (query) =>
      ofAll(
        (isLate) => {
          if (isLate) tellLate("the sums may lack them");
          return inSharedTables(pool, "reading", (client) => readSharedUsage(client, query));
        },
        () => local.usage(query),
      ),
    reprice,
    forget,
    keepContent: (id, content) => local.keepContent(id, content),
    async content(id) {
      const own = await local.content(id);
      if (own !== undefined) return own;
      return ofAll(
        () => readSharedContent(pool, id),
        async () => undefined,
      );
    },
    unshipped: (afterSequence, countMax) => local.unshipped(afterSequence, countMax),
    get openCount() {
      return local.openCount;
    },
    get shipping() {
      return { shipped: shipper.shipped, behindSince: shipper.behindSince };
    },
    end: () => (ending ??= end()),
  };
}

/** Waits no longer than the limit. Rejects as the work does. */
async function isLate(work: Promise<void>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<true>((resolve) => {
    timer = setTimeout(resolve, limitMs, true);
  });
  try {
    return await Promise.race([work.then(() => false), late]);
  } finally {
    clearTimeout(timer);
    // Where it fails later, the shipper has told so.
    work.catch(() => {});
  }
}
