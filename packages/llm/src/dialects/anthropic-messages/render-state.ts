/** What the pieces of one request's rendering share. */
import type { Capabilities } from "../../capabilities.ts";
import type { Warning } from "../../warning.ts";
import type { AnthropicMessagesQuirks, AnthropicModelRule } from "./quirks.ts";

export interface RenderState {
  readonly quirks: AnthropicMessagesQuirks;
  readonly rule: AnthropicModelRule;
  readonly capabilities: Capabilities;
  /** Grows as things are found that cannot go over as asked. */
  readonly warnings: Warning[];
  /** Beta features that the body turned out to need, in the order in which they were met. */
  readonly betas: string[];
}

/** Adds a beta, unless one of the same feature is there already in another version: the caller's choice stands. */
export function needBeta(betas: string[], beta: string): void {
  const feature = featureOf(beta);
  if (!betas.some((known) => featureOf(known) === feature)) betas.push(beta);
}

function featureOf(beta: string): string {
  return beta.replace(/-\d{4}-\d{2}-\d{2}$/, "");
}
