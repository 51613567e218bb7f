/**
 * The policies in any order around a provider that does whatever the contract allows: pauses, falls silent in the middle,
 * fails before and after its first part, leaves figures out. No wire: the fakes' own test is `composition.test.ts`.
 */
import { checkStream, checkUsage, compareCompletions } from "@dragoman/llm/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Completion,
  type CompletionCall,
  cache,
  compose,
  continueAnswer,
  createFold,
  createSessionUsage,
  DragomanError,
  fallback,
  isTerminal,
  limit,
  type Policy,
  type Provider,
  planCache,
  retry,
  route,
  type StreamEvent,
  streamFromCompletion,
  structuredOutput,
  trackUsage,
  UNKNOWN_CAPABILITIES,
  userMessage,
} from "../../src/index.ts";
import { completion as anyCompletion } from "../arbitraries.ts";

/** What becomes of one call: an answer, or an error after so many of its events. */
interface Step {
  readonly answer: Completion;
  readonly error?: "overloaded" | "invalid_request" | "stream_truncated";
  /** Undefined: before the first event. */
  readonly afterEvents?: number;
}

interface Watched extends Provider {
  /** Streams and calls that were begun and not cleaned up. */
  readonly open: () => number;
  readonly closes: () => number;
}

function planned(id: string, steps: readonly Step[]): Watched {
  let calls = 0;
  let open = 0;
  let closes = 0;
  const next = (): Step => {
    const step = steps[Math.min(calls++, steps.length - 1)];
    if (step === undefined) throw new Error("a plan has at least one step");
    const origin = { ...step.answer.origin, provider: id };
    return { ...step, answer: { ...step.answer, origin, message: { ...step.answer.message, origin } } };
  };
  const failure = (code: NonNullable<Step["error"]>) => new DragomanError({ code, provider: id, detail: "as planned" });
  return {
    id,
    supports: () => true,
    models: async () => [],
    capabilities: () => UNKNOWN_CAPABILITIES,
    pricing: () => undefined,
    countTokens: async () => ({ tokens: 1, exact: false, method: "estimate" }),
    availability: async () => ({ available: true }),
    async complete({ signal }) {
      if (signal?.aborted === true) throw new DragomanError({ code: "aborted", detail: "aborted" });
      const { answer, error } = next();
      await undefined;
      if (error !== undefined) throw failure(error);
      return answer;
    },
    async *stream({ signal }) {
      const { answer, error, afterEvents } = next();
      const folded = createFold();
      open += 1;
      try {
        for (const [position, event] of streamFromCompletion(answer).entries()) {
          await undefined;
          const aborted = signal?.aborted === true ? new DragomanError({ code: "aborted", detail: "aborted" }) : undefined;
          const due = error !== undefined && (position === (afterEvents ?? 0) || event.type === "finish");
          const thrown = aborted ?? (due ? failure(error) : undefined);
          if (thrown !== undefined) {
            for (const end of folded.endsOfOpenParts()) yield end;
            yield { type: "error", error: thrown, partial: folded.completion() };
            return;
          }
          folded.push(event);
          yield event;
        }
      } finally {
        open -= 1;
      }
    },
    close: async () => {
      closes += 1;
    },
    open: () => open,
    closes: () => closes,
  };
}

const NAMES = [
  "retry",
  "fallback",
  "judge",
  "route",
  "limit",
  "cache",
  "continueAnswer",
  "structuredOutput",
  "trackUsage",
  "planCache",
] as const;

function policies(spare: Provider): Readonly<Record<(typeof NAMES)[number], Policy>> {
  return {
    retry: (one) => retry(one, { sleep: async () => undefined }),
    fallback: (one) => fallback([one, spare]),
    judge: (one) => fallback([one, spare], { commit: "full", accept: ({ message }) => message.parts.length !== 1 }),
    route: (one) => route([{ provider: one, weight: 1 }]),
    limit: (one) => limit(one, { concurrency: 1, queue: { lengthMax: 0 } }),
    cache: (one) => cache(one, { toolCalls: true }),
    continueAnswer: (one) => continueAnswer(one, { turnsMax: 3 }),
    structuredOutput: (one) => structuredOutput(one),
    trackUsage: (one) => trackUsage(one, createSessionUsage()),
    planCache: (one) => planCache(one),
  };
}

interface World {
  readonly names: readonly (typeof NAMES)[number][];
  readonly steps: readonly Step[];
  readonly spare: Completion;
}

function build({ names, steps, spare }: World): { readonly model: Provider; readonly watched: readonly Watched[] } {
  const first = planned("first", steps);
  const second = planned("spare", [{ answer: { ...spare, finish: { reason: "stop" } } }]);
  const all = policies(second);
  return { model: compose(first, ...names.map((name) => all[name])), watched: [first, second] };
}

const answer = anyCompletion.map((one): Completion => ({ ...one, warnings: [] }));
const step = fc.record(
  {
    answer,
    error: fc.constantFrom("overloaded" as const, "invalid_request" as const, "stream_truncated" as const),
    afterEvents: fc.nat(6),
  },
  { requiredKeys: ["answer"] },
);
const world: fc.Arbitrary<World> = fc.record({
  names: fc.shuffledSubarray([...NAMES], { minLength: 1 }),
  steps: fc.array(step, { minLength: 1, maxLength: 4 }),
  spare: answer,
});

const CALL: CompletionCall = { model: "m", messages: [userMessage("Hello.")], metadata: { session: "s" } };

async function read(provider: Provider, call: CompletionCall, leave?: (position: number) => boolean) {
  const events: StreamEvent[] = [];
  for await (const event of provider.stream(call)) {
    events.push(event);
    if (leave?.(events.length) === true) break;
  }
  return events;
}

function folded(events: readonly StreamEvent[]): Completion {
  const fold = createFold();
  for (const event of events) fold.push(event);
  return fold.completion();
}

function withoutMiddle(steps: readonly Step[]): readonly Step[] {
  const fails = steps.some(({ error }) => error !== undefined);
  return steps.map(({ afterEvents: _never, answer: one, ...kept }) => {
    const suspended = fails && one.finish.reason === "pause";
    return { ...kept, answer: suspended ? { ...one, finish: { reason: "stop" } } : one };
  });
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("a stream keeps the laws whatever the provider does, and cleans up behind itself", async () => {
  await fc.assert(
    fc.asyncProperty(world, async (one) => {
      const { model, watched } = build(one);
      for (let round = 0; round < 2; round++) {
        const events = await read(model, CALL);
        expect(checkStream(events)).toEqual([]);
        const last = events.at(-1);
        if (last?.type === "error") expect(last.partial).toBeDefined();
        expect(checkUsage(folded(events).usage)).toEqual([]);
        await turn();
        expect(watched.map(({ open }) => open())).toEqual([0, 0]);
      }
      await model.close?.();
      expect(watched[0]?.closes()).toBe(1);
    }),
    { numRuns: 100 },
  );
});

test("streamed and whole are the same answer, with the same usage and cost", async () => {
  // What fails in the middle of a stream cannot be retried; asked whole, it can. So that both have the same chances, no call
  // fails after its first event, and none after a suspended turn, which is the middle too.
  const whole = world.map(({ steps, ...rest }) => ({ ...rest, steps: withoutMiddle(steps) }));
  await fc.assert(
    fc.asyncProperty(whole, async (one) => {
      const events = await read(build(one).model, CALL);
      const completed = await build(one)
        .model.complete(CALL)
        .catch((error: unknown) => error);
      const last = events.at(-1);
      if (last?.type === "error") {
        expect(completed).toMatchObject({ code: last.error.code });
        return;
      }
      expect(DragomanError.is(completed) ? completed.message : "").toBe("");
      expect(compareCompletions(completed as Completion, folded(events))).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

test("turns that were given out before a restart come again with the target that takes over", async () => {
  const origin = { dialect: "scripted", provider: "any", model: "m" };
  const said = (text: string, reason: "pause" | "stop"): Completion => ({
    id: "1",
    origin,
    message: { role: "assistant", parts: [{ type: "text", text }], origin },
    finish: { reason },
    usage: { inputTokens: 10, outputTokens: 1 },
    warnings: [],
  });
  const first = planned("first", [
    { answer: said("Searching … ", "pause") },
    { answer: said("never whole", "stop"), error: "stream_truncated", afterEvents: 3 },
  ]);
  const second = planned("second", [{ answer: said("Found.", "stop") }]);
  const events = await read(continueAnswer(fallback([first, second])), CALL);
  expect(checkStream(events)).toEqual([]);
  expect(events.filter(({ type }) => type === "restart")).toHaveLength(1);
  expect(folded(events).message.parts.map((part) => (part.type === "text" ? part.text : part.type))).toEqual([
    "Searching … ",
    "Found.",
  ]);
  expect(folded(events).usage).toMatchObject({ inputTokens: 20, outputTokens: 2 });
});

test("a reader that leaves at any event, or aborts at it, leaves nothing behind and blocks nobody", async () => {
  await fc.assert(
    fc.asyncProperty(world, fc.nat(12), fc.boolean(), async (one, at, aborts) => {
      const { model, watched } = build(one);
      const controller = new AbortController();
      const events = await read(model, { ...CALL, signal: controller.signal }, (position) => {
        if (position <= at) return false;
        if (aborts) controller.abort();
        return !aborts;
      });
      if (aborts) expect(isTerminal(events.at(-1) ?? { type: "usage", usage: {} })).toBe(true);
      await turn();
      await turn();
      expect(watched.map(({ open }) => open())).toEqual([0, 0]);
      // The one place of `limit` must be free again.
      const after = await read(model, CALL);
      expect(after.some((event) => event.type === "error" && event.error.code === "rate_limited")).toBe(false);
    }),
    { numRuns: 80 },
  );
});
