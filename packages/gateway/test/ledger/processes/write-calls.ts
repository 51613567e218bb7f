/** Opens and closes calls at random until it is killed, and tells of each after the ledger has taken it. Arguments: file, name of the run, seed. */
import { writeSync } from "node:fs";
import { openSqliteLedger } from "../../../src/ledger/sqlite-ledger.ts";
import { openCall, record } from "../example-calls.ts";

const [file = "", run = "", seed = "1"] = process.argv.slice(2);
let state = Number(seed);

function random(below: number): number {
  state = (state * 48_271) % 2_147_483_647;
  return state % below;
}

const ledger = await openSqliteLedger({ file });
const open: string[] = [];
for (let count = 0; ; count++) {
  if (open.length === 0 || random(5) < 2) {
    const id = `${run}-${count}`;
    ledger.open(openCall(id));
    open.push(id);
    writeSync(1, `open ${id}\n`);
  } else {
    const [id = ""] = open.splice(random(open.length), 1);
    const costUsd = random(1_000_000) / 1e6;
    ledger.close(record(id, { costUsd, knownCostUsd: costUsd }));
    writeSync(1, `close ${id} ${costUsd}\n`);
  }
  // Now and then the ledger gets the time to move what was settled.
  if (random(60) === 0) await new Promise((resolve) => setTimeout(resolve, random(20)));
}
