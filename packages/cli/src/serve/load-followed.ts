/** A configuration's file that is served: read now, and followed as long as it is. */
import type { GatewayConfiguration } from "@dragoman/gateway";
import { changeText, loadConfiguration, problemText, watchConfiguration } from "@dragoman/gateway/config";
import { createPalette } from "../palette.ts";
import { printable } from "../printable.ts";
import type { Served } from "./load-served.ts";

const notes = () => createPalette(process.stderr);

/** `flagged` puts what the command line says over what the file says. */
export async function loadFollowed(
  file: string,
  flagged: (configuration: GatewayConfiguration) => GatewayConfiguration,
): Promise<Served> {
  const loaded = await loadConfiguration(file);
  for (const problem of loaded.warnings) tell(problemText(problem));
  return {
    configuration: flagged(loaded.configuration),
    file: loaded.file,
    follow: async (gateway, signal) => {
      const watching = await watchConfiguration(loaded.file, {
        current: loaded,
        signal,
        onChange: async (next, changes) => {
          await gateway.reconfigure(flagged(next.configuration));
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

function tell(text: string): void {
  for (const line of text.split("\n")) console.error(notes().dim(printable(line)));
}
