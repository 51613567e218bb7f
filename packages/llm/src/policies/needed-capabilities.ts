import type { Capabilities, CapabilityName } from "../capabilities.ts";
import type { Message, Part } from "../message.ts";
import type { CompletionRequest } from "../request.ts";

/**
 * What a model must be able to do for this request. Settings that a vendor can leave out with a warning (temperature, seed,
 * stop sequences, reasoning) are not among it.
 */
export function neededCapabilities(request: CompletionRequest): readonly CapabilityName[] {
  const parts = request.messages.flatMap(partsOf);
  const hasTools = request.tools !== undefined && request.tools.length > 0 && request.toolChoice !== "none";
  const needs: { readonly [Name in CapabilityName]?: boolean } = {
    tools: hasTools,
    toolChoiceRequired: hasTools && (request.toolChoice === "required" || typeof request.toolChoice === "object"),
    images: parts.some((part) => part.type === "image"),
    audio: parts.some((part) => part.type === "audio"),
    pdf: parts.some((part) => part.type === "file" && part.mediaType === "application/pdf"),
    jsonSchema: request.output?.type === "json" && request.output.schema !== undefined,
    jsonMode: request.output?.type === "json" && request.output.schema === undefined,
    prefill: request.messages.at(-1)?.role === "assistant",
  };
  return NAMES.filter((name) => needs[name] === true);
}

const NAMES = [
  "tools",
  "toolChoiceRequired",
  "images",
  "audio",
  "pdf",
  "jsonSchema",
  "jsonMode",
  "prefill",
] as const satisfies readonly CapabilityName[];

/** Those that the model is known not to have. Unknown is no lack: the vendor decides. */
export function lackedCapabilities(needed: readonly CapabilityName[], has: Capabilities): readonly CapabilityName[] {
  return needed.filter((name) => has[name].answer === "no");
}

/** What is shown to the model, results of tools included. What an assistant made is its own and goes by handoff. */
function partsOf(message: Message): readonly Part[] {
  if (message.role === "assistant") return [];
  const parts: readonly Part[] = message.parts;
  return parts.flatMap((part): readonly Part[] => (part.type === "tool-result" ? part.content : [part]));
}
