/** For each version up to 10: tries to be the one who appends it, and prints those that it won. Begins at a line on its input. */
import { once } from "node:events";
import { VersionConflict } from "@dragoman/events";
import { openLog } from "./open-log.ts";

const log = await openLog(process.argv.slice(2));
process.stdout.write("ready\n");
await once(process.stdin, "data");
const won: number[] = [];
for (let version = 0; version < 10; ) {
  try {
    await log.append("prize", [{ type: "prize.won", data: { by: process.pid } }], { expectedVersion: version });
    version += 1;
    won.push(version);
  } catch (error) {
    if (!(error instanceof VersionConflict)) throw error;
    version = error.actualVersion;
  }
}
process.stdout.write(`${JSON.stringify(won)}\n`);
await log.close();
process.exit(0);
