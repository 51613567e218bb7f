/** What the commands for keys, teams and the audit log take of the gateway: the one place that names where it is. */
export * from "@dragoman/gateway/tenancy";
