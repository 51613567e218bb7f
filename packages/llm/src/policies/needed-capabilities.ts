import type { Capabilities, CapabilityName } from "../capabilities.ts";
import type { Message, Part } from "../message.ts";
import type { CompletionRequest } from "../request.ts";

/**
 * What a model must be able to do for this request. Settings that a vendor can leave out with a warning (temperature, seed,
 * stop sequences, reasoning) are not among it.
 */
export function neededCapabilities(request: CompletionRequest): readonly CapabilityName[] {
  const { messages, tools, toolChoice, output } = request;
  const needed: CapabilityName[] = [];
  if (tools !== undefined && tools.length > 0 && toolChoice !== "none") {
    needed.push("tools");
    if (toolChoice === "required" || typeof toolChoice === "object") needed.push("toolChoiceRequired");
  }
  needed.push(...neededForMedia(messages));
  if (output?.type === "json") needed.push(output.schema === undefined ? "jsonMode" : "jsonSchema");
  if (messages.at(-1)?.role === "assistant") needed.push("prefill");
  return needed;
}

/** Those that the model is known not to have. Unknown is no lack: the vendor decides. */
export function lackedCapabilities(needed: readonly CapabilityName[], has: Capabilities): readonly CapabilityName[] {
  return needed.filter((name) => has[name].answer === "no");
}

/** What is shown to the model, results of tools included. What an assistant made is its own and goes by handoff. */
function neededForMedia(messages: readonly Message[]): readonly CapabilityName[] {
  let shown: Set<CapabilityName> | undefined;
  const note = (part: Part): void => {
    if (part.type === "tool-result") part.content.forEach(note);
    const name = mediaCapability(part);
    if (name !== undefined) shown = (shown ?? new Set()).add(name);
  };
  for (const message of messages) if (message.role !== "assistant") message.parts.forEach(note);
  return shown === undefined ? NONE : MEDIA.filter((name) => shown?.has(name));
}

const NONE: readonly CapabilityName[] = [];
const MEDIA: readonly CapabilityName[] = ["images", "audio", "pdf"];

function mediaCapability(part: Part): CapabilityName | undefined {
  if (part.type === "image") return "images";
  if (part.type === "audio") return "audio";
  return part.type === "file" && part.mediaType === "application/pdf" ? "pdf" : undefined;
}
