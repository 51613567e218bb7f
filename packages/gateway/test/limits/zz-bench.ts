import { startUp } from "/work/main/bench/start-up.ts";
import { renderResult } from "/work/main/bench/table.ts";
for (const r of await startUp.run({ quick: false })) console.log(renderResult(r) + "\n");
