/** The event log: what happened is appended once, read by version, and folded into what it comes to. Here in a SQLite file. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decide, type Projection, projectOnce, type StoredEvent, VersionConflict } from "@dragoman/events";
import { openSqliteLog } from "@dragoman/events/sqlite";

const folder = mkdtempSync(join(tmpdir(), "dragoman-example-"));
const log = await openSqliteLog({ file: join(folder, "events.db") });

await log.append("account-1", [{ type: "money.paid-in", data: 30 }], { expectedVersion: 0 });
const late = log.append("account-1", [{ type: "money.paid-in", data: 99 }], { expectedVersion: 0 });
console.log(await late.catch((error: unknown) => (error instanceof VersionConflict ? error.message : error)));

const amount = ({ type, data }: StoredEvent) => (type === "money.paid-in" ? Number(data) : -Number(data));
const balance = { initial: 0, apply: (cents: number, event: StoredEvent) => cents + amount(event) };
const spend = (cents: number) =>
  decide(log, "account-1", balance, (left) => (left < cents ? [] : [{ type: "money.spent", data: cents }]));
const spent = await Promise.all([spend(20), spend(20), spend(5)]);
console.log(`${spent.filter(({ appended }) => appended !== undefined).length} of 3 were paid, as there was enough for them`);

const turnover: Projection<number> = {
  name: "turnover",
  initial: 0,
  filter: { types: ["money.spent"] },
  apply: (cents, { data }) => cents + Number(data),
};
const { state, position } = await projectOnce(log, turnover);
console.log(`turnover ${state} at position ${position}, kept as ${JSON.stringify(await log.checkpoints.read("turnover"))}`);

await log.close();
rmSync(folder, { recursive: true });
