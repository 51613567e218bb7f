/** Any order of any of the policies keeps the laws: what each adds may differ, that a call is a call may not. */
import { checkStream, checkUsage, type FakeVendor, startFakeVendor } from "@dragoman/llm/testing";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  anthropic,
  type Completion,
  cache,
  compose,
  continueAnswer,
  createFold,
  createSessionUsage,
  DragomanError,
  fallback,
  limit,
  type Policy,
  type Provider,
  planCache,
  retry,
  route,
  Secret,
  type StreamEvent,
  structuredOutput,
  textOf,
  trackUsage,
  userMessage,
} from "../../src/index.ts";

const POLICIES: Readonly<Record<string, Policy>> = {
  retry: (one) => retry(one, { sleep: async () => undefined }),
  fallback: (one) => fallback([one]),
  route: (one) => route([{ provider: one }]),
  limit: (one) => limit(one, { concurrency: 4, requestsPerMinute: 10_000 }),
  cache: (one) => cache(one),
  continueAnswer: (one) => continueAnswer(one),
  structuredOutput: (one) => structuredOutput(one),
  trackUsage: (one) => trackUsage(one, createSessionUsage()),
  planCache: (one) => planCache(one),
};

const FAULTS = ["claude-sonnet-4-5", "fault-500", "fault-500-once", "fault-cut", "fault-malformed", "fault-context-overflow"];

let vendor: FakeVendor;
beforeAll(async () => {
  vendor = await startFakeVendor("anthropic", { promptCache: false });
});
afterAll(() => vendor.close());

const stacks = fc.shuffledSubarray(Object.keys(POLICIES), { minLength: 1 });

function stacked(names: readonly string[]): Provider {
  const provider = anthropic({ baseUrl: vendor.baseUrl, key: new Secret("k") });
  return compose(provider, ...names.flatMap((name) => POLICIES[name] ?? []));
}

async function outcomeOf(work: Promise<Completion>): Promise<Completion | DragomanError> {
  return work.catch((error: unknown) => {
    if (DragomanError.is(error)) return error;
    throw error;
  });
}

test("whole and streamed come to the same, with one end, under every fault", async () => {
  await fc.assert(
    fc.asyncProperty(stacks, fc.constantFrom(...FAULTS), async (names, model) => {
      const call = { model, messages: [userMessage(`one two three ${names.join(" ")}`)] };
      const whole = await outcomeOf(stacked(names).complete(call));
      const events: StreamEvent[] = [];
      const fold = createFold();
      for await (const event of stacked(names).stream(call)) {
        events.push(event);
        fold.push(event);
      }
      expect(checkStream(events)).toEqual([]);
      const last = events.at(-1);
      if (last?.type === "finish" && !DragomanError.is(whole)) {
        expect(textOf(fold.completion().message)).toBe(textOf(whole.message));
        expect(fold.completion().finish.reason).toBe(whole.finish.reason);
        expect(checkUsage(fold.completion().usage)).toEqual([]);
      }
      if (model === "claude-sonnet-4-5") expect(last?.type).toBe("finish");
      if (model === "fault-500" || model === "fault-context-overflow") {
        expect(last?.type).toBe("error");
        expect(DragomanError.is(whole)).toBe(true);
      }
    }),
    { numRuns: 40 },
  );
});

test("an abort reaches the vendor through all of them", async () => {
  await fc.assert(
    fc.asyncProperty(stacks, async (names) => {
      const controller = new AbortController();
      const call = { model: "fault-stall", messages: [userMessage(`one two ${names.join(" ")}`)], signal: controller.signal };
      let last: StreamEvent | undefined;
      for await (const event of stacked(names).stream(call)) {
        last = event;
        if (event.type === "text-delta") controller.abort();
      }
      expect(last).toMatchObject({ type: "error", error: { code: "aborted" } });
    }),
    { numRuns: 15 },
  );
  await vendor.waitForAbort();
});

test("what is asked beside the call goes through, and closing closes the innermost, however often it is said", async () => {
  await fc.assert(
    fc.asyncProperty(stacks, async (names) => {
      let closed = 0;
      const inner: Provider = {
        ...anthropic({ baseUrl: vendor.baseUrl, key: new Secret("k") }),
        close: async () => {
          closed += 1;
        },
      };
      const outer = compose(inner, ...names.flatMap((name) => POLICIES[name] ?? []));
      expect(outer.id).toBe("anthropic");
      expect(outer.supports("claude-sonnet-4-5")).toBe(true);
      expect(outer.capabilities("claude-sonnet-4-5").tools.answer).toBe("yes");
      expect(outer.pricing("claude-sonnet-4-5")).toEqual(inner.pricing("claude-sonnet-4-5"));
      await outer.close?.();
      expect(closed).toBe(1);
    }),
    { numRuns: 20 },
  );
});
