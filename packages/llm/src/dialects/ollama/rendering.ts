/** What every step of rendering a request shares. */
import type { Capabilities } from "../../capabilities.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import type { CompletionRequest } from "../../request.ts";
import type { Warning } from "../../warning.ts";
import type { ResolvedQuirks } from "./quirks.ts";

export interface Rendering {
  readonly request: CompletionRequest;
  readonly quirks: ResolvedQuirks;
  readonly capabilities: Capabilities;
  readonly warnings: Warning[];
}

/** Vendor options over the body. They replace top-level fields, but `options` are joined, as they hold settings of both. */
export function withVendorOptions(rendering: Rendering, body: JsonObject, dialects: readonly string[]): JsonObject {
  let merged = body;
  const entries = Object.entries(rendering.request.vendorOptions ?? {});
  for (const [dialect] of entries) {
    if (!dialects.includes(dialect)) {
      unsupported(rendering, `vendorOptions.${dialect}`, `options for ${dialect} are not sent to ${dialects.join(" or ")}`);
    }
  }
  for (const dialect of dialects) merged = layOver(merged, rendering.request.vendorOptions?.[dialect] ?? {});
  return merged;
}

function layOver(body: JsonObject, options: JsonObject): JsonObject {
  const inner = isJsonObject(body.options) && isJsonObject(options.options) ? { ...body.options, ...options.options } : undefined;
  return { ...body, ...options, ...(inner === undefined ? {} : { options: inner }) };
}

export function unsupported(rendering: Rendering, path: string, detail: string): void {
  rendering.warnings.push({ type: "unsupported", path, detail });
}

export function lossy(rendering: Rendering, path: string, detail: string): void {
  rendering.warnings.push({ type: "lossy", path, detail });
}
