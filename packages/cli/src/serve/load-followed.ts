/** A configuration's file that is served: read now, and followed as long as it is. */
import type { GatewayConfiguration } from "@dragoman/gateway";
import { followConfiguration, loadConfiguration, problemText } from "@dragoman/gateway/config";
import { createPalette } from "../palette.ts";
import { printable } from "../printable.ts";
import type { Served } from "./load-served.ts";

/** `flagged` puts what the command line says over what the file says. */
export async function loadFollowed(
  file: string,
  flagged: (configuration: GatewayConfiguration) => GatewayConfiguration,
): Promise<Served> {
  const loaded = await loadConfiguration(file);
  const { dim } = createPalette(process.stderr);
  for (const problem of loaded.warnings) console.error(dim(printable(problemText(problem))));
  return {
    configuration: flagged(loaded.configuration),
    file: loaded.file,
    // What comes of a change is told by the log.
    follow: (gateway, signal) => followConfiguration(loaded.file, gateway, { current: loaded, signal, adjust: flagged }),
  };
}
