/** No key stands in a configuration: only where it is. What was written is never repeated. */
import { isJsonObject } from "@dragoman/llm";
import type { CheckContext } from "./check-configuration.ts";
import type { ConfigurationPath } from "./problem.ts";

const REFERENCE = /^(?:env|file|exec):\S/;
const WRITTEN = "a secret is written down here";
const ADVICE = "put it into an environment variable and write env:NAME";

export function checkSecrets(context: CheckContext): void {
  const { draft, report } = context;
  for (const [name, { headers = {}, baseUrl, options }] of Object.entries(draft.providers)) {
    for (const header of Object.keys(headers)) {
      if (SECRET_HEADER.test(header)) {
        report(["providers", name, "headers", header], "a key does not go into a header here", {
          advice: "name where it is under key, as key: env:NAME",
        });
      }
    }
    if (hasPassword(baseUrl))
      report(["providers", name, "baseUrl"], WRITTEN, { advice: "name where the key is under key, as key: env:NAME" });
    checkTable(options, ["providers", name, "options"], context);
  }
  if (draft.store.type === "postgres" && hasPassword(draft.store.url))
    report(["store"], WRITTEN, { advice: "put the whole address into an environment variable and write env:NAME" });
  if (typeof draft.cache.store === "object" && hasPassword(draft.cache.store.keyv))
    report(["cache", "store"], WRITTEN, { advice: ADVICE });
}

const SECRET_HEADER = /^(?:proxy-)?authorization$|^cookie$|api-?key|secret|token|password/i;
const SECRET_OPTION = /^(?:key|api_?key|private_?key|secret|token|password)$|(?:secret|token|password)$|secret_?access_?key/i;

/** Wherever in a vendor's options a secret goes, its reference has to stand. */
function checkTable(value: unknown, path: ConfigurationPath, context: CheckContext): void {
  if (!isJsonObject(value) || path.length > DEPTH_MAX) return;
  for (const [key, one] of Object.entries(value)) {
    const at = [...path, key];
    if (SECRET_OPTION.test(key) && typeof one === "string" && !REFERENCE.test(one))
      context.report(at, WRITTEN, { advice: ADVICE });
    else if (SECRET_OPTION.test(key) && isJsonObject(one))
      context.report(at, WRITTEN, { advice: "put it into a file and write file:PATH" });
    else checkTable(one, at, context);
  }
}

const DEPTH_MAX = 12;

function hasPassword(url: string | undefined): boolean {
  return url !== undefined && !REFERENCE.test(url) && URL.canParse(url) && new URL(url).password !== "";
}
