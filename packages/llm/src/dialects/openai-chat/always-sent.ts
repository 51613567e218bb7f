/** Fields that a vendor has to be told unasked. */
import { isJsonObject } from "../../json.ts";
import { type AlwaysSentRule, ruleOf } from "./quirks.ts";
import type { Body, Rendering } from "./rendering.ts";

export function alwaysSentFields({ request, quirks }: Rendering, stream: boolean): Body {
  const fields: Body = {};
  const hasTools = stream && (request.tools?.length ?? 0) > 0;
  for (const rule of quirks.alwaysSent) {
    const isDue = rule.when === undefined || hasTools;
    if (isDue && ruleOf(request.model, [rule]) !== undefined) layUnder(fields, rule);
  }
  return fields;
}

function layUnder(fields: Body, { fields: sent }: AlwaysSentRule): void {
  for (const [name, value] of Object.entries(sent)) {
    if (value !== undefined) fields[name] = isJsonObject(value) ? { ...value } : value;
  }
}
