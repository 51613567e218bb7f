/** The ledger of this machine's gateway, straight from its file: whether or not it is being served. */
import { existsSync } from "node:fs";
import type { GatewayConfiguration } from "@dragoman/gateway";
import { completeConfiguration, loadConfiguration } from "@dragoman/gateway/config";
import type { LedgerReader } from "@dragoman/gateway/offline";
import { DragomanError } from "@dragoman/llm";
import { findConfiguration } from "../config/find-configuration.ts";
import { defaultStoreFile } from "../serve/load-served.ts";

export interface LedgerOptions {
  readonly config?: string;
}

export async function findGatewayConfiguration({ config }: LedgerOptions): Promise<GatewayConfiguration> {
  const file = findConfiguration(config);
  if (file !== undefined) return (await loadConfiguration(file)).configuration;
  return completeConfiguration({ store: { type: "sqlite", file: defaultStoreFile() } });
}

/** Throws `unsupported` for a ledger that is in no file. */
export function ledgerFile({ store }: GatewayConfiguration): string {
  if (store.type !== "memory") return store.file;
  throw new DragomanError({
    code: "unsupported",
    detail: "the ledger is in the memory of the server",
    advice: "use the admin API of the running server, /admin/v1/usage and /admin/v1/calls",
  });
}

/** Reads beside a running server. Where nothing was called yet the ledger is empty. */
export async function withLedger(
  options: LedgerOptions,
  work: (ledger: LedgerReader, configuration: GatewayConfiguration) => Promise<void>,
): Promise<void> {
  const configuration = await findGatewayConfiguration(options);
  const ledger = await openReader(ledgerFile(configuration));
  try {
    await work(ledger, configuration);
  } finally {
    await ledger.end();
  }
}

async function openReader(file: string): Promise<LedgerReader> {
  if (existsSync(file)) return (await import("@dragoman/gateway/offline")).openLedgerReader(file);
  return (await import("@dragoman/gateway/ledger")).createMemoryLedger();
}
