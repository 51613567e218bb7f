/** `@dragoman/gateway/offline`: what can be asked beside a running gateway, of its store and of a configuration. */

export { repriceRecord } from "../ledger/reprice-record.ts";
export { type Complexity, complexityOf } from "../routing/complexity-of.ts";
export {
  createRouter,
  createRouterMemory,
  type RouterMemory,
  type RouterOptions,
} from "../routing/create-router.ts";
export { judgeComplexity } from "../routing/judge-complexity.ts";
export type * from "../routing/router.ts";
export { type LedgerStanding, ledgerStandings } from "./ledger-standings.ts";
export { type LedgerReader, openLedgerReader } from "./open-ledger-reader.ts";
export { openSharedLedgerReader } from "./open-shared-ledger-reader.ts";
export { repriceSharedLedger } from "./reprice-shared-ledger.ts";
export type { SharedTablesOptions } from "./shared-tables.ts";
