/** Where the ledger, the event log and the pepper of a gateway are, of its configuration. What is not used is not loaded. */
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { EventLog } from "@dragoman/events";
import { DragomanError, type Secret } from "@dragoman/llm";
import type { ClosableResponseStore } from "../cache/sqlite-response-store.ts";
import type { StoreConfiguration } from "../configuration.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { LocalLedger } from "../ledger/local-ledger.ts";
import type { AllowanceSource } from "../limits/allowance.ts";
import type { Notice } from "../telemetry/observer.ts";
import { openPepper } from "../tenancy/pepper.ts";

export interface Store {
  readonly ledger: Ledger;
  readonly log: EventLog;
  /** Under which keys are hashed. */
  readonly pepper: Secret;
  /** Where limits have their room from that several nodes share. Absent: this process has them to itself. */
  readonly allowances?: AllowanceSource;
  /** The responses that several nodes share. Absent: a node keeps its own. */
  readonly openResponses?: (time: () => number) => ClosableResponseStore;
  /** Keeps what was asked and answered with its call; absent where the ledger cannot. */
  readonly keepContent?: LocalLedger["keepContent"];
  close(): Promise<void>;
}

export interface OpenStoreOptions {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Used in the place of the store's own. Whoever made them closes them. */
  readonly ledger?: Ledger | undefined;
  readonly log?: EventLog | undefined;
  readonly notice?: (notice: Notice) => void;
  /** Whether prompts and answers are kept with their calls. Default false. */
  readonly content?: boolean;
}

/** Rejects with `configuration` for a file that cannot be opened. */
export async function openStore(store: StoreConfiguration, options: OpenStoreOptions): Promise<Store> {
  const pepper = await openPepper(store, options.environment);
  if (store.type === "postgres") {
    const { openPostgresStore } = await import("../nodes/open-postgres-store.ts");
    return { pepper, ...(await openPostgresStore(store, { ...options, pepper })) };
  }
  const own = options.ledger === undefined ? await openLedger(store, options) : undefined;
  const ledger: Ledger | undefined = options.ledger ?? own;
  if (ledger === undefined) throw new DragomanError({ code: "internal", detail: "the store has no ledger" });
  const log = options.log ?? (await openLog(store));
  return {
    ledger,
    log,
    pepper,
    close: async () => {
      if (options.log === undefined) await log.close();
      await own?.end();
    },
    ...(own === undefined ? {} : { keepContent: own.keepContent }),
  };
}

type OwnStore = Exclude<StoreConfiguration, { readonly type: "postgres" }>;

async function openLedger(store: OwnStore, { notice, content = false }: OpenStoreOptions): Promise<LocalLedger> {
  if (store.type === "memory") {
    const { createMemoryLedger } = await import("../ledger/memory-ledger.ts");
    return createMemoryLedger({ content });
  }
  await mkdir(dirname(store.file), { recursive: true, mode: 0o700 });
  const { openSqliteLedger } = await import("../ledger/sqlite-ledger.ts");
  return openSqliteLedger({ file: store.file, content, ...(notice === undefined ? {} : { onNotice: notice }) });
}

async function openLog(store: OwnStore): Promise<EventLog> {
  switch (store.type) {
    case "memory": {
      const { createMemoryLog } = await import("@dragoman/events");
      return createMemoryLog();
    }
    case "sqlite": {
      const { openSqliteLog } = await import("@dragoman/events/sqlite");
      return openSqliteLog({ file: eventsFile(store.file) });
    }
  }
}

/** Beside the ledger: a file of its own, so that a long read of one never keeps the other from writing. */
export function eventsFile(storeFile: string): string {
  return `${storeFile}.events`;
}
