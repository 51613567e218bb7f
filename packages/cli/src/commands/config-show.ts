/** `dragoman config show`: what holds in the end, defaults included. Keys are shown by where they are. */
import { requireConfiguration } from "../config/find-configuration.ts";
import { configurationValues, loadConfiguration, renderConfiguration } from "../config/gateway-configuration.ts";
import { createPalette } from "../palette.ts";
import { printable } from "../printable.ts";
import type { ConfigFileOptions } from "./config-validate.ts";

export async function showConfiguration(named: string | undefined, options: ConfigFileOptions): Promise<void> {
  const loaded = await loadConfiguration(requireConfiguration(named ?? options.config));
  if (options.json === true) {
    console.log(JSON.stringify(configurationValues(loaded.configuration), null, 2));
    return;
  }
  const { dim } = createPalette(process.stdout);
  const lines = renderConfiguration(loaded.configuration, { isWritten: loaded.isWritten }).trimEnd().split("\n");
  console.log(dim(`# ${loaded.file}`));
  for (const line of lines) console.log(line.endsWith(" # default") ? dim(printable(line)) : printable(line));
}
