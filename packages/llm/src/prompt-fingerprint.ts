/** A prompt as hashes, so that two calls of a session can be compared without keeping what was said. */
import type { CompletionRequest } from "./request.ts";

export interface PromptFingerprint {
  readonly tools: string;
  /** One hash a message, in order; at most as many as were asked for. */
  readonly messages: readonly string[];
}

/** Cut to the first `messagesMax` messages: what comes later counts as changed. */
export function fingerprintOf({ tools = [], messages }: CompletionRequest, messagesMax: number): PromptFingerprint {
  return { tools: hash(tools), messages: messages.slice(0, messagesMax).map(hash) };
}

/** As far as two prompts are the same. Tools come first: where they differ nothing is shared. */
export function sharedMessages(earlier: PromptFingerprint, later: PromptFingerprint): number | "tools-changed" {
  if (earlier.tools !== later.tools) return "tools-changed";
  let shared = 0;
  while (shared < earlier.messages.length && earlier.messages[shared] === later.messages[shared]) shared++;
  return shared;
}

function hash(value: unknown): string {
  // Fetched when used: loading it takes 10 ms, and few programs plan caches.
  const { createHash } = process.getBuiltinModule("node:crypto");
  return createHash("sha256").update(JSON.stringify(value)).digest("base64").slice(0, 22);
}
