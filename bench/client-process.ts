/**
 * One client in a process of its own: told how many calls to make, it makes them and reports what they took. Started by
 * `own-process.ts` with wire, client, operation and address.
 */
import { CLIENTS } from "./clients.ts";
import { measureCalls } from "./measure.ts";
import type { Wire } from "./vendor-answers.ts";

export interface BlockRequest {
  readonly calls: number;
  readonly concurrency: number;
}

const [wire = "", name = "", operation = "", origin = ""] = process.argv.slice(2);
const load = CLIENTS[wire as Wire]?.[name];
if (load === undefined) throw new Error(`there is no client ${name} of ${wire}`);
const client = await load(origin);
const run = () => (operation === "stream" ? client.stream() : client.complete());

process.on("message", async ({ calls, concurrency }: BlockRequest) => {
  process.send?.({ characters: await run(), ...(await measureCalls(run, calls, concurrency)) });
});
process.once("disconnect", () => process.exit(0));
process.send?.("ready");
