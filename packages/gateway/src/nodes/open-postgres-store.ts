/** What a node that shares a PostgreSQL with others stands on: its own file, and what all of them have together. */
import type { EventLog } from "@dragoman/events";
import { openPostgresLog } from "@dragoman/events/postgres";
import { DragomanError, type Secret } from "@dragoman/llm";
import type { ClosableResponseStore } from "../cache/sqlite-response-store.ts";
import type { StoreConfiguration } from "../configuration.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { LocalLedger } from "../ledger/local-ledger.ts";
import { openSqliteLedger } from "../ledger/sqlite-ledger.ts";
import type { AllowanceSource } from "../limits/allowance.ts";
import type { Notice } from "../telemetry/observer.ts";
import { checkPepper } from "./check-pepper.ts";
import { createLeasedAllowances } from "./leases/create-leased-allowances.ts";
import { createPostgresLeaseStore } from "./leases/postgres-lease-store.ts";
import { createSharedLedger, type SharedLedger } from "./ledger/create-shared-ledger.ts";
import { type KeptContents, openKeptContents } from "./ledger/kept-contents.ts";
import { sourceIdentity } from "./ledger/source-identity.ts";
import { type NodePools, openPools } from "./open-pools.ts";
import { createPostgresResponseStore } from "./postgres-response-store.ts";
import { migrateSharedSchema } from "./shared-schema.ts";

export interface PostgresStore {
  readonly ledger: Ledger;
  readonly log: EventLog;
  readonly allowances: AllowanceSource;
  /** Keeps what was asked and answered with its call, here and for all nodes. Absent with a ledger of somebody else. */
  readonly keepContent?: LocalLedger["keepContent"];
  openResponses(time: () => number): ClosableResponseStore;
  /** Gives back what is leased, ships the rest, and lets go. */
  close(): Promise<void>;
}

export interface OpenPostgresStoreOptions {
  readonly pepper: Secret;
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** Used in the place of the store's own. Whoever made them closes them. */
  readonly ledger?: Ledger | undefined;
  readonly log?: EventLog | undefined;
  readonly notice?: ((notice: Notice) => void) | undefined;
  /** Whether prompts and answers are kept with their calls. Default false. */
  readonly content?: boolean | undefined;
}

type PostgresConfiguration = Extract<StoreConfiguration, { readonly type: "postgres" }>;

/** A statement of the leases that takes longer than a round of them is not waited for. */
const ROUNDS_A_LEASE = 3;

/** Rejects with `configuration`, also where the server cannot be reached: a node that has never seen the keys serves nobody. */
export async function openPostgresStore(store: PostgresConfiguration, options: OpenPostgresStoreOptions): Promise<PostgresStore> {
  const { url, node, leaseMs } = store;
  const { pepper, environment } = options;
  const pools = await openPools({ url, node, leaseStatementMs: leaseMs / ROUNDS_A_LEASE, environment });
  let log: EventLog | undefined;
  try {
    await migrateSharedSchema(pools.shared);
    await checkPepper(pools.shared, pepper);
    log = options.log ?? (await openPostgresLog({ pool: pools.shared }));
    const own = options.ledger === undefined ? await openLedger(store, pools, options) : undefined;
    const ledger = options.ledger ?? own;
    if (ledger === undefined) throw new DragomanError({ code: "internal", detail: "the store has no ledger" });
    return { ...joined({ log, ledger, pools, store, options }), ...(own === undefined ? {} : { keepContent: own.keepContent }) };
  } catch (thrown) {
    if (options.log === undefined) await log?.close();
    await pools.end();
    throw unusable(thrown);
  }
}

interface Opened {
  readonly log: EventLog;
  readonly ledger: Ledger;
  readonly pools: NodePools;
  readonly store: PostgresConfiguration;
  readonly options: OpenPostgresStoreOptions;
}

function joined({ log, ledger, pools, store: { node, leaseMs }, options }: Opened): PostgresStore {
  const leased = createLeasedAllowances({
    store: createPostgresLeaseStore({ pool: pools.leases, node, leaseMs }),
    leaseMs,
    ...(options.notice === undefined ? {} : { notice: options.notice }),
  });
  return {
    ledger,
    log,
    allowances: leased.source,
    openResponses: (time) => createPostgresResponseStore({ pool: pools.shared, time }),
    close: async () => {
      await leased.close();
      if (options.log === undefined) await log.close();
      if (options.ledger === undefined) await ledger.end();
      await pools.end();
    },
  };
}

async function openLedger(
  { file, node }: PostgresConfiguration,
  pools: NodePools,
  { content = false, notice = () => {} }: OpenPostgresStoreOptions,
): Promise<SharedLedger> {
  const local = await openSqliteLedger({ file, content, onNotice: notice });
  let contents: KeptContents | undefined;
  try {
    const source = await sourceIdentity(file);
    contents = content ? await openKeptContents(file) : undefined;
    return createSharedLedger(local, pools.shared, { node, source, notice, ...(contents === undefined ? {} : { contents }) });
  } catch (thrown) {
    contents?.end();
    await local.end();
    throw thrown;
  }
}

/** Both addresses of `localhost` that refuse are an AggregateError, whose own message is empty. */
function unusable(thrown: unknown): DragomanError {
  if (DragomanError.is(thrown)) return thrown;
  const errors: readonly unknown[] = thrown instanceof AggregateError ? thrown.errors : [thrown];
  const reasons = errors.map((error) => (error instanceof Error ? error.message : String(error)));
  return new DragomanError({
    code: "configuration",
    field: "store.url",
    detail: `store: PostgreSQL cannot be used: ${reasons.join("; ")}`,
    advice: "see whether it runs, whether its address is right, and whether its user may create a schema",
    cause: thrown,
  });
}
