/** Where the ledger, the event log and the pepper of a gateway are, of its configuration. What is not used is not loaded. */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { EventLog } from "@dragoman/events";
import { DragomanError, type Secret } from "@dragoman/llm";
import type { StoreConfiguration } from "../configuration.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Notice } from "../telemetry/observer.ts";
import { openPepper } from "../tenancy/pepper.ts";

export interface Store {
  readonly ledger: Ledger;
  readonly log: EventLog;
  /** Under which keys are hashed. */
  readonly pepper: Secret;
  close(): Promise<void>;
}

export interface OpenStoreOptions {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Used in the place of the store's own. Whoever made them closes them. */
  readonly ledger?: Ledger | undefined;
  readonly log?: EventLog | undefined;
  readonly notice?: (notice: Notice) => void;
}

/** Rejects with `configuration` for a file that cannot be opened. */
export async function openStore(store: StoreConfiguration, options: OpenStoreOptions): Promise<Store> {
  const pepper = await openPepper(store, options.environment);
  const ledger = options.ledger ?? (await openLedger(store, options));
  const log = options.log ?? (await openLog(store));
  return {
    ledger,
    log,
    pepper,
    close: async () => {
      if (options.log === undefined) await log.close();
      if (options.ledger === undefined) await ledger.end();
    },
  };
}

async function openLedger(store: StoreConfiguration, { notice }: OpenStoreOptions): Promise<Ledger> {
  if (store.type === "memory") {
    const { createMemoryLedger } = await import("../ledger/memory-ledger.ts");
    return createMemoryLedger();
  }
  await mkdir(dirname(store.file), { recursive: true, mode: 0o700 });
  const { openSqliteLedger } = await import("../ledger/sqlite-ledger.ts");
  return openSqliteLedger({ file: store.file, ...(notice === undefined ? {} : { onNotice: notice }) });
}

async function openLog(store: StoreConfiguration): Promise<EventLog> {
  switch (store.type) {
    case "memory": {
      const { createMemoryLog } = await import("@dragoman/events");
      return createMemoryLog();
    }
    case "sqlite": {
      const { openSqliteLog } = await import("@dragoman/events/sqlite");
      return openSqliteLog({ file: eventsFile(store.file) });
    }
    case "postgres":
      throw new DragomanError({ code: "configuration", field: "store", detail: "store: PostgreSQL is not served yet" });
  }
}

/** Beside the ledger: a file of its own, so that a long read of one never keeps the other from writing. */
export function eventsFile(storeFile: string): string {
  return `${storeFile}.events`;
}
