/**
 * With whom a conversation should stay. Three signs, the surest first: the session that the caller named; what a vendor left in the
 * history that only itself can read; and, where neither is there, the beginning of the prompt.
 */
import type { AssistantMessage, CompletionRequest } from "@dragoman/llm";
import { type Caller, tenantOf } from "../caller.ts";
import { isUnderWay, prefixHash } from "./prompt-prefix.ts";
import type { PlannedTarget } from "./router.ts";
import type { StickyTargets } from "./sticky-targets.ts";

/** Under which name a conversation is remembered. Those of two tenants never meet. */
export function affinityOf(request: CompletionRequest, { principal }: Caller): string {
  const session = request.metadata?.session;
  const tenant = tenantOf(principal);
  return session === undefined ? `${tenant}\np:${prefixHash(request)}` : `${tenant}\ns:${session}`;
}

/** Who may hold a part of the conversation, and what part. */
export interface Holding {
  readonly holds: (target: PlannedTarget) => boolean;
  readonly reason: string;
}

/** The surest first. */
export function holdingsOf(request: CompletionRequest, affinity: string, sticky: StickyTargets, now: number): readonly Holding[] {
  const hasSession = request.metadata?.session !== undefined;
  const holder = hasSession || isUnderWay(request) ? sticky.holder(affinity, now) : undefined;
  const remembered: readonly Holding[] =
    holder === undefined
      ? []
      : [{ holds: ({ name }) => name === holder, reason: hasSession ? "has the session" : "answered this conversation before" }];
  const written = holdingsOfHistory(request);
  return hasSession ? [...remembered, ...written] : [...written, ...remembered];
}

/** The model that wrote it can read it; so can, as a rule, another model of the same provider. */
function holdingsOfHistory({ messages }: CompletionRequest): readonly Holding[] {
  const last = messages.findLast((message) => message.role === "assistant" && hasVendorData(message));
  const origin = last?.role === "assistant" ? last.origin : undefined;
  if (origin === undefined) return [];
  const reason = "wrote reasoning into this conversation that only its vendor can read";
  return [
    { holds: ({ provider, model }) => provider.id === origin.provider && model === origin.model, reason },
    { holds: ({ provider }) => provider.id === origin.provider, reason },
  ];
}

/** Encrypted reasoning, signatures of thinking, blocks that only one dialect knows. */
function hasVendorData({ parts, origin }: AssistantMessage): boolean {
  if (origin === undefined) return false;
  for (const part of parts) {
    if (part.type === "opaque") {
      if (part.dialect === origin.dialect) return true;
    } else if (part.vendor?.[origin.dialect] !== undefined) return true;
  }
  return false;
}
