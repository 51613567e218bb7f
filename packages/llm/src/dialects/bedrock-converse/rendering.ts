/** What the steps of rendering one request share. */
import type { Capabilities, CapabilityName } from "../../capabilities.ts";
import type { JsonValue } from "../../json.ts";
import type { CompletionRequest } from "../../request.ts";
import type { Warning } from "../../warning.ts";
import { createCallIds } from "./call-ids.ts";
import { createDocumentNames, type DocumentNames } from "./document-names.ts";
import { type BedrockFamily, familyOf } from "./families.ts";

export type Body = Record<string, JsonValue>;

export interface Rendering {
  readonly request: CompletionRequest;
  readonly family: BedrockFamily;
  readonly capabilities: Capabilities;
  /** Grows as things are found that cannot go over as asked. */
  readonly warnings: Warning[];
  readonly documentNames: DocumentNames;
  /** The id under which a call goes over, for the call and its result alike. */
  readonly callId: (id: string) => string;
}

export function createRendering(request: CompletionRequest, capabilities: Capabilities): Rendering {
  const family = familyOf(request.model);
  return {
    request,
    family,
    capabilities,
    warnings: [],
    documentNames: createDocumentNames(),
    callId: family.shortCallIds === true ? createCallIds() : (id) => id,
  };
}

export function unsupported(rendering: Pick<Rendering, "warnings">, path: string, detail: string): undefined {
  rendering.warnings.push({ type: "unsupported", path, detail });
}

export function lossy(rendering: Pick<Rendering, "warnings">, path: string, detail: string): void {
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
