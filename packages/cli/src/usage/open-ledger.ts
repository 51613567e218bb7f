/** The ledger of this machine's gateway, straight from where it is kept: whether or not it is being served. */
import { existsSync } from "node:fs";
import type { GatewayConfiguration } from "@dragoman/gateway";
import type { LedgerReader } from "@dragoman/gateway/offline";
import { DragomanError } from "@dragoman/llm";
import { findConfiguration } from "../config/find-configuration.ts";
import { defaultStoreFile } from "../serve/default-store-file.ts";

export interface LedgerOptions {
  readonly config?: string;
  /** This node's own file, also where several nodes share a PostgreSQL. */
  readonly local?: boolean;
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

/**
 * Reads beside a running server: of several nodes in PostgreSQL, where the calls of all of them are, else the file. Where nothing was called
 * yet the ledger is empty. The configuration is read when it is asked for.
 */
export async function withLedger(
  options: LedgerOptions,
  work: (ledger: LedgerReader, configuration: () => Promise<GatewayConfiguration>) => Promise<void>,
): Promise<void> {
  const configured = findConfiguration(options.config) !== undefined;
  const ledger = configured
    ? await openConfigured(await findGatewayConfiguration(options), options)
    : await openFile(defaultStoreFile());
  try {
    await work(ledger, () => findGatewayConfiguration(options));
  } finally {
    await ledger.end();
  }
}

async function openConfigured(configuration: GatewayConfiguration, { local = false }: LedgerOptions): Promise<LedgerReader> {
  const { store } = configuration;
  if (store.type !== "postgres") return openFile(ledgerFile(configuration));
  const { openLedgerReader, openSharedLedgerReader } = await import("@dragoman/gateway/offline");
  // Named, it must be there: nothing found would tell of no calls.
  if (local) return openLedgerReader(store.file);
  try {
    return await openSharedLedgerReader({ url: store.url });
  } catch (thrown) {
    throw DragomanError.is(thrown) && thrown.code === "connection_failed" ? withLocalAdvice(thrown) : thrown;
  }
}

async function openFile(file: string): Promise<LedgerReader> {
  if (existsSync(file)) return (await import("@dragoman/gateway/offline")).openLedgerReader(file);
  return (await import("@dragoman/gateway/ledger")).createMemoryLedger();
}

function withLocalAdvice({ code, detail, advice, cause }: DragomanError): DragomanError {
  return new DragomanError({
    code,
    detail,
    advice: `${advice}; --local reads the calls of this node alone, in its own file`,
    cause,
  });
}
