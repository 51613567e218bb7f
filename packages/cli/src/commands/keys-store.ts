/** Keys, teams and the audit log of this machine's gateway, straight from its store: whether or not it is being served. */
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { userInfo } from "node:os";
import { dirname } from "node:path";
import { createMemoryLog, type EventLog } from "@dragoman/events";
import type { GatewayConfiguration } from "@dragoman/gateway";
import { completeConfiguration, loadConfiguration } from "@dragoman/gateway/config";
import { DragomanError } from "@dragoman/llm";
import { findConfiguration } from "../config/find-configuration.ts";
import { defaultStoreFile } from "../serve/default-store-file.ts";
import { type Audit, createAudit, createTenancy, eventsFile, openPepper, type Tenancy } from "./keys-gateway.ts";

export interface StoreOptions {
  readonly config?: string;
  readonly json?: boolean;
}

export interface OpenedStore {
  readonly tenancy: Tenancy;
  readonly audit: Audit;
  readonly log: EventLog;
}

/** `read`: what is not there yet is not made. */
export async function withStore(
  options: StoreOptions,
  purpose: "read" | "write",
  work: (store: OpenedStore) => Promise<void>,
): Promise<void> {
  const configuration = await findStore(options);
  const { log, isThere } = await openLog(configuration.store, purpose);
  try {
    const pepper = await openPepper(isThere ? configuration.store : { type: "memory" });
    const audit = createAudit(log);
    // Keys of the configuration are listed, not read: nothing here needs them, and reading one may run a command.
    const tenancy = await createTenancy({ log, audit, configuration, pepper, follow: false });
    await work({ tenancy, audit, log });
    await tenancy.close();
  } finally {
    await log.close();
  }
}

/** As `cli:anna`. */
export function commandActor(): string {
  try {
    return `cli:${userInfo().username}`;
  } catch {
    // A user id without a name, as in some containers.
    return `cli:${process.getuid?.() ?? "unknown"}`;
  }
}

async function findStore({ config }: StoreOptions): Promise<GatewayConfiguration> {
  const file = findConfiguration(config);
  if (file === undefined) return completeConfiguration({ store: { type: "sqlite", file: defaultStoreFile() } });
  return (await loadConfiguration(file)).configuration;
}

async function openLog(
  store: GatewayConfiguration["store"],
  purpose: "read" | "write",
): Promise<{ readonly log: EventLog; readonly isThere: boolean }> {
  if (store.type !== "sqlite") {
    const detail = store.type === "memory" ? "the store is in the memory of the server" : "the store is a PostgreSQL database";
    const advice = "use the admin API of a running server, /admin/v1";
    throw new DragomanError({ code: "unsupported", detail, advice });
  }
  const file = eventsFile(store.file);
  if (purpose === "read" && !existsSync(file)) return { log: createMemoryLog(), isThere: false };
  await mkdir(dirname(file), { recursive: true });
  const { openSqliteLog } = await import("@dragoman/events/sqlite");
  return { log: await openSqliteLog({ file }), isThere: true };
}
