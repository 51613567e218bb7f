/** What `serve` serves: a configuration's file, or, without one, whatever this machine offers, kept in the user's own folder. */
import type { Gateway, GatewayConfiguration } from "@dragoman/gateway";
import type { FollowedConfiguration } from "@dragoman/gateway/config";
import { STANDARD_CONFIGURATION } from "@dragoman/gateway/server";
import type { ServeOptions } from "../commands/serve.ts";
import { findConfiguration } from "../config/find-configuration.ts";
import { defaultStoreFile } from "./default-store-file.ts";

export interface Served {
  readonly configuration: GatewayConfiguration;
  /** Absent: there is none. */
  readonly file?: string;
  /** Puts each change of the file in force until the signal ends it. Resolves with what looks at the file now; undefined without a file. */
  follow(gateway: Gateway, signal: AbortSignal): Promise<FollowedConfiguration | undefined>;
}

export async function loadServed(options: ServeOptions): Promise<Served> {
  const file = findConfiguration(options.config);
  const flagged = (configuration: GatewayConfiguration) => withFlags(configuration, options);
  if (file === undefined) {
    const configuration = { ...STANDARD_CONFIGURATION, store: { type: "sqlite", file: defaultStoreFile() } } as const;
    return { configuration: flagged(configuration), follow: async () => undefined };
  }
  // Brings along what reads and checks a file.
  const { loadFollowed } = await import("./load-followed.ts");
  return loadFollowed(file, flagged);
}

/** Flags count more than the file. */
function withFlags(configuration: GatewayConfiguration, { port, host }: ServeOptions): GatewayConfiguration {
  const { server } = configuration;
  return { ...configuration, server: { ...server, port: port ?? server.port, host: host ?? server.host } };
}
