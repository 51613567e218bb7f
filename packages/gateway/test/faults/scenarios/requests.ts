/** What is in the request decides who may answer. */
import type { AskedFor, Ending, FaultScenario } from "../scenario.ts";
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

/** The vendor says so itself, as Anthropic's newer models do. */
const NO_PREFILL = answers(
  400,
  "This model does not support assistant message prefill. The conversation must end with a user message.",
);

function refusedPrefill(name: string, fallback: readonly string[], whole: Ending): FaultScenario {
  return {
    group,
    name,
    bench: ["S14"],
    meets: { 1: [answers(503, "Service unavailable")], 2: [NO_PREFILL] },
    route: { targets: ["openai:gpt-4.1-mini"], fallback },
    capabilities: { 1: { prefill: true }, 2: { prefill: true }, 3: { prefill: true } },
    asks: "prefill",
    whole,
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
  {
    group,
    name: "a content filter ends the answer, as Anthropic says it",
    meets: { 2: [{ type: "named", name: "fault-refusal" }] },
    route: { targets: ["anthropic:claude-sonnet-4-5"], fallback: ["openai:gpt-4.1-mini"] },
    whole: { attempts: ["2 answered"], finish: "content-filter" },
  },
  refusedPrefill("503, and the other target refuses a prefill of which that was not known", ["anthropic:claude-sonnet-4-5"], {
    attempts: ["1 overloaded", "1 overloaded", "2 unsupported"],
    waits: [BACKOFF_MS],
    error: { code: "overloaded", status: 503 },
  }),
  refusedPrefill(
    "503, another target refuses a prefill of which that was not known, and a third takes it",
    ["anthropic:claude-sonnet-4-5", "openai:gpt-5-mini"],
    { attempts: ["1 overloaded", "1 overloaded", "2 unsupported", "3 answered"], waits: [BACKOFF_MS] },
  ),
  lacking("tools", "tools"),
  lacking("image", "images"),
  lacking("json", "jsonSchema", { mounts: ["complete", "stream", "chat", "chat stream"] }),
  lacking("prefill", "prefill", { capabilities: { 1: { prefill: true }, 2: { prefill: false } } }),
];
