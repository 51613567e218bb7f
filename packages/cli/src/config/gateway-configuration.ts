/** What the commands take of the gateway's configuration: the one place that names where it is. */
export * from "@dragoman/gateway/config";
