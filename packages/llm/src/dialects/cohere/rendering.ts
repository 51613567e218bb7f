/** What the steps of rendering one request share. */
import type { Capabilities, CapabilityName } from "../../capabilities.ts";
import type { JsonValue } from "../../json.ts";
import type { CompletionRequest } from "../../request.ts";
import type { Warning } from "../../warning.ts";

export type Body = Record<string, JsonValue>;

export interface Rendering {
  readonly request: CompletionRequest;
  readonly capabilities: Capabilities;
  readonly warnings: Warning[];
}

export function unsupported(rendering: Rendering, path: string, detail: string): void {
  rendering.warnings.push({ type: "unsupported", path, detail });
}

export function lossy(rendering: Rendering, path: string, detail: string): void {
  rendering.warnings.push({ type: "lossy", path, detail });
}

/** True, with a warning, where the model is known not to take a setting. */
export function isRefused(rendering: Rendering, capability: CapabilityName, path: string): boolean {
  if (rendering.capabilities[capability].answer !== "no") return false;
  unsupported(rendering, path, `model ${rendering.request.model} does not take it; it was left out`);
  return true;
}

/** The text, with halves of surrogate pairs replaced by U+FFFD: JSON that holds one is no JSON to strict readers. */
export function wellFormed(rendering: Rendering, text: string, path: string): string {
  if (text.isWellFormed()) return text;
  lossy(rendering, path, "half of a surrogate pair was replaced by U+FFFD");
  return text.toWellFormed();
}
