/** The ledger of this machine's gateway, straight from its file: whether or not it is being served. */
import { existsSync } from "node:fs";
import type { GatewayConfiguration } from "@dragoman/gateway";
import type { LedgerReader } from "@dragoman/gateway/offline";
import { DragomanError } from "@dragoman/llm";
import { findConfiguration } from "../config/find-configuration.ts";
import { defaultStoreFile } from "../serve/default-store-file.ts";

export interface LedgerOptions {
  readonly config?: string;
}

export async function findGatewayConfiguration({ config }: LedgerOptions): Promise<GatewayConfiguration> {
  const { completeConfiguration, loadConfiguration } = await import("@dragoman/gateway/config");
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

/** Reads beside a running server. Where nothing was called yet the ledger is empty. The configuration is read when it is asked for. */
export async function withLedger(
  options: LedgerOptions,
  work: (ledger: LedgerReader, configuration: () => Promise<GatewayConfiguration>) => Promise<void>,
): Promise<void> {
  const configured = findConfiguration(options.config) !== undefined;
  const file = configured ? ledgerFile(await findGatewayConfiguration(options)) : defaultStoreFile();
  const ledger = await openReader(file);
  try {
    await work(ledger, () => findGatewayConfiguration(options));
  } finally {
    await ledger.end();
  }
}

async function openReader(file: string): Promise<LedgerReader> {
  if (existsSync(file)) return (await import("@dragoman/gateway/offline")).openLedgerReader(file);
  return (await import("@dragoman/gateway/ledger")).createMemoryLedger();
}
