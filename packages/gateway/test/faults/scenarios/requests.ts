/** What is in the request decides who may answer. */
import type { AskedFor, FaultScenario } from "../scenario.ts";
import { answers, BACKOFF_MS } from "./statuses.ts";

const group = "The request decides who may answer";
const OVERFLOW = { type: "named", name: "fault-context-overflow" } as const;

/** The fallback cannot take the request: the first target's failure is told, and why the other was not asked. */
function lacking(asks: AskedFor, capability: string, more: Partial<FaultScenario> = {}): FaultScenario {
  return {
    group,
    name: `503, and the other target lacks ${capability}, which the request needs`,
    meets: { 1: [answers(503, "Service unavailable")] },
    asks,
    capabilities: { 2: { [capability]: false } },
    whole: {
      attempts: ["1 overloaded", "1 overloaded"],
      waits: [BACKOFF_MS],
      error: { code: "overloaded", status: 503 },
    },
    ...more,
  };
}

export const REQUESTS: readonly FaultScenario[] = [
  {
    group,
    name: "the context window overflows, and a target with a larger one is named",
    bench: ["S12"],
    meets: { 2: [OVERFLOW] },
    route: {
      targets: ["anthropic:claude-sonnet-4-5"],
      overflow: ["openai:gpt-4.1-mini"],
      fallback: ["openai:gpt-5-mini"],
    },
    whole: { attempts: ["2 context_overflow", "1 answered"] },
  },
  {
    group,
    name: "the context window overflows, and a fallback has a larger one",
    meets: { 2: [OVERFLOW] },
    route: { targets: ["anthropic:claude-sonnet-4-5"], fallback: ["openai:gpt-4.1-mini"] },
    whole: { attempts: ["2 context_overflow", "1 answered"] },
  },
  {
    group,
    name: "the context window overflows, and the fallback's is no larger",
    meets: { 1: [OVERFLOW] },
    whole: { attempts: ["1 context_overflow", "2 skipped"], error: { code: "context_overflow", status: 400 } },
  },
  {
    group,
    name: "the context window overflows, and there is no other target",
    meets: { 1: [OVERFLOW] },
    route: { targets: ["openai:gpt-4.1-mini"] },
    whole: { attempts: ["1 context_overflow"], error: { code: "context_overflow", status: 400 } },
  },
  {
    group,
    name: "a content policy refuses the request",
    bench: ["S13"],
    meets: { 1: [answers(400, "The prompt was rejected by our content policy.")] },
    whole: { attempts: ["1 content_refused"], error: { code: "content_refused", status: 400 } },
    note: "A refusal is never carried round.",
  },
  {
    group,
    name: "a content filter ends the answer",
    meets: { 1: [{ type: "named", name: "fault-refusal" }] },
    whole: { attempts: ["1 answered"], finish: "content-filter" },
  },
  lacking("tools", "tools"),
  lacking("image", "images"),
  lacking("json", "jsonSchema", { mounts: ["complete", "stream", "chat", "chat stream"] }),
  lacking("prefill", "prefill", { capabilities: { 1: { prefill: true }, 2: { prefill: false } } }),
];
