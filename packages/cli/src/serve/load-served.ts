/** What `serve` serves: a configuration's file, or, without one, whatever this machine offers, kept in the user's own folder. */
import type { Gateway, GatewayConfiguration } from "@dragoman/gateway";
import { changeText, completeConfiguration, loadConfiguration, problemText, watchConfiguration } from "@dragoman/gateway/config";
import type { ServeOptions } from "../commands/serve.ts";
import { findConfiguration } from "../config/find-configuration.ts";
import { createPalette } from "../palette.ts";
import { printable } from "../printable.ts";
import { defaultStoreFile } from "./default-store-file.ts";

export interface Served {
  readonly configuration: GatewayConfiguration;
  /** Absent: there is none. */
  readonly file?: string;
  /** Puts each change of the file in force until the signal ends it. Resolves with what looks at the file now; undefined without a file. */
  follow(gateway: Gateway, signal: AbortSignal): Promise<(() => Promise<void>) | undefined>;
}

const notes = () => createPalette(process.stderr);

export async function loadServed(options: ServeOptions): Promise<Served> {
  const file = findConfiguration(options.config);
  if (file === undefined) {
    const configuration = completeConfiguration({ store: { type: "sqlite", file: defaultStoreFile() } });
    return { configuration: withFlags(configuration, options), follow: async () => undefined };
  }
  const loaded = await loadConfiguration(file);
  for (const problem of loaded.warnings) tell(problemText(problem));
  return {
    configuration: withFlags(loaded.configuration, options),
    file: loaded.file,
    follow: async (gateway, signal) => {
      const watching = await watchConfiguration(loaded.file, {
        current: loaded,
        signal,
        onChange: async (next, changes) => {
          await gateway.reconfigure(withFlags(next.configuration, options));
          tell(`${file} is in force:\n${changes.map((change) => `  ${changeText(change)}`).join("\n")}`);
        },
        onError: (error) => {
          const reason = error instanceof Error ? error.message : String(error);
          tell(`${file} was not taken; what held before goes on:\n${reason}`);
        },
      });
      return watching.reload;
    },
  };
}

/** Flags count more than the file. */
function withFlags(configuration: GatewayConfiguration, { port, host }: ServeOptions): GatewayConfiguration {
  const { server } = configuration;
  return { ...configuration, server: { ...server, port: port ?? server.port, host: host ?? server.host } };
}

function tell(text: string): void {
  for (const line of text.split("\n")) console.error(notes().dim(printable(line)));
}
