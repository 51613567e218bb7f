/** What the commands for keys, teams and the audit log take of the gateway: the one place that names where it is. */
export { eventsFile } from "../../../gateway/src/store/open-store.ts";
export * from "../../../gateway/src/tenancy/index.ts";
