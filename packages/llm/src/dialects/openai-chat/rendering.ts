/** What the steps of rendering one request share. */
import type { Capabilities, CapabilityName } from "../../capabilities.ts";
import type { JsonValue } from "../../json.ts";
import type { CompletionRequest } from "../../request.ts";
import type { Warning } from "../../warning.ts";
import type { ResolvedQuirks } from "./quirks.ts";

export type Body = Record<string, JsonValue>;

export interface Rendering {
  readonly request: CompletionRequest;
  readonly quirks: ResolvedQuirks;
  readonly capabilities: Capabilities;
  readonly warnings: Warning[];
}

export type WireMessage = Record<string, JsonValue>;

/** True, with a warning, where the model is known not to take a setting. */
export function isRefused(rendering: Rendering, capability: CapabilityName, path: string): boolean {
  if (rendering.capabilities[capability].answer !== "no") return false;
  unsupported(rendering, path, `model ${rendering.request.model} does not take it; it was left out`);
  return true;
}

export function unsupported(rendering: Rendering, path: string, detail: string): void {
  rendering.warnings.push({ type: "unsupported", path, detail });
}
