/** `dragoman config diff`: what another configuration would change. */
import { changeText, diffConfigurations, loadConfiguration } from "../config/gateway-configuration.ts";
import { createPalette, type Palette } from "../palette.ts";
import { printable } from "../printable.ts";

export async function diffConfigurationFiles(before: string, after: string, options: { readonly json?: boolean }): Promise<void> {
  const [one, other] = await Promise.all([loadConfiguration(before), loadConfiguration(after)]);
  const changes = diffConfigurations(one.configuration, other.configuration);
  if (options.json === true) {
    console.log(JSON.stringify(changes, null, 2));
    return;
  }
  const palette = createPalette(process.stdout);
  for (const change of changes)
    console.log(styleOf(change.kind, palette)(printable(`${SIGNS[change.kind]} ${changeText(change)}`)));
  if (changes.length === 0) console.log("no difference");
}

const SIGNS = { added: "+", removed: "-", changed: "~" } as const;

function styleOf(kind: keyof typeof SIGNS, { green, red, yellow }: Palette): (text: string) => string {
  return { added: green, removed: red, changed: yellow }[kind];
}
