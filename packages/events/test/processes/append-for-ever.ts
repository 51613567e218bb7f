/** Appends two events at a time and prints the version of each append that was acknowledged, until it is killed or the log is gone. */
import { writeSync } from "node:fs";
import { openLog } from "./open-log.ts";

const log = await openLog(process.argv.slice(2));
for (;;) {
  const text = "x".repeat(1000);
  const { version } = await log.append("endless", [
    { type: "one.half", data: { text } },
    { type: "other.half", data: { text } },
  ]);
  writeSync(1, `${version}\n`);
}
