/** `dragoman config schema`: for `# yaml-language-server: $schema=…` at the head of a configuration. */
import { configurationSchema } from "../config/gateway-configuration.ts";

export function printConfigurationSchema(): void {
  console.log(JSON.stringify(configurationSchema(), null, 2));
}
