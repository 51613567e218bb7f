import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteLedger } from "../../src/ledger/sqlite-ledger.ts";
import { ledgerCases } from "./ledger-cases.ts";

let folder = "";

ledgerCases("the ledger in a file", {
  open(options) {
    if (folder === "") folder = mkdtempSync(join(tmpdir(), "dragoman-ledger-"));
    return openSqliteLedger({ file: join(folder, "gateway.sqlite"), ...options });
  },
  clean() {
    rmSync(folder, { recursive: true, force: true });
    folder = "";
  },
});
