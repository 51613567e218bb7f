/** The policy over fakes: Anthropic's reads what was marked before, OpenAI's keeps by itself, Gemini's keeps objects. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  anthropic,
  type CompletionCall,
  compose,
  createCachePlanner,
  gemini,
  type Message,
  openai,
  planCache,
  retry,
  Secret,
  systemMessage,
  userMessage,
} from "../../src/index.ts";
import type { FakeVendor } from "../../src/testing/fake-vendors/fake-vendor.ts";
import { startFakeVendor } from "../../src/testing/fake-vendors/start-fake-vendor.ts";
import { checkStream, foldEvents } from "../../src/testing/laws.ts";

const key = new Secret("key-of-the-test");
const HANDBOOK = systemMessage("handbook ".repeat(3_000));

let fake: FakeVendor;
beforeAll(async () => {
  fake = await startFakeVendor("anthropic");
});
afterAll(() => fake.close());

/** A talk that goes on: each call says what was said before, and one thing more. */
function talk(session: string, model = "claude-sonnet-4-5") {
  const messages: Message[] = [HANDBOOK];
  return (question: string): CompletionCall => {
    messages.push(userMessage(question));
    const call = { model, messages: [...messages], metadata: { session } };
    messages.push({ role: "assistant", parts: [{ type: "text", text: "Aha." }] });
    return call;
  };
}

const marksIn = (body: unknown) => JSON.stringify(body).match(/cache_control/g)?.length ?? 0;

describe("at Anthropic", () => {
  test("a talk is marked once it repeats itself, read from then on, and reported", async () => {
    const model = planCache(anthropic({ baseUrl: fake.baseUrl, key }));
    const say = talk("one");
    const first = await model.complete(say("First?"));
    expect(marksIn(fake.requests.at(-1)?.body)).toBe(0);
    expect(first.cache?.miss?.reason).toBe("first-call");
    const second = await model.complete(say("Second?"));
    expect(marksIn(fake.requests.at(-1)?.body)).toBe(3);
    expect(second.usage.cacheWriteTokens).toBeGreaterThan(3_000);
    expect(second.cache?.savedUsd).toBeLessThan(0);
    const third = await model.complete(say("Third?"));
    expect(third.cache).toMatchObject({ expectedTokens: expect.any(Number), savedUsd: expect.any(Number) });
    expect(third.cache?.hitTokens).toBeGreaterThan(3_000);
    expect(third.cache?.miss).toBeUndefined();
    expect(third.warnings).toEqual([]);
    const [row] = model.report();
    expect(row).toMatchObject({ session: "one", calls: 3, misses: { "first-call": 2 }, callsWithUnknownHits: 0 });
    expect(row?.savedUsd).toBeGreaterThan(0);
  });

  test("a prompt that changes at its beginning is found out", async () => {
    const model = planCache(anthropic({ baseUrl: fake.baseUrl, key }));
    const ask = (date: string) =>
      model.complete({
        model: "claude-sonnet-4-5",
        messages: [systemMessage(`${date} ${"word ".repeat(3_000)}`), userMessage("Hello.")],
      });
    await ask("Monday");
    await ask("Monday");
    const { cache } = await ask("Tuesday");
    expect(cache?.miss).toMatchObject({ reason: "prefix-changed", message: 0 });
  });

  test("the caller's own directives are sent where they pay; a warning says which were not", async () => {
    const model = planCache(anthropic({ baseUrl: fake.baseUrl, key }), { expectedReuse: 1 });
    const messages = [HANDBOOK, userMessage("Hello.")];
    const cache = [{ stable: "tools" }, { stable: "system" }, { stable: { messages: 2 }, timeToLive: "1h" }] as const;
    const { warnings } = await model.complete({ model: "claude-sonnet-4-5", messages, cache });
    expect(marksIn(fake.requests.at(-1)?.body)).toBe(1);
    expect(warnings.map(({ path, detail }) => `${path}: ${detail}`)).toEqual([
      expect.stringMatching(/^cache\[0\]: the directive was not sent: about 0 tokens/),
      expect.stringMatching(/^cache\[2\]: .*writing costs 2 times the plain price/),
    ]);
  });

  test("a stream tells the same as a whole answer", async () => {
    const planner = createCachePlanner({ stable: ["system"] });
    const model = planCache(anthropic({ baseUrl: fake.baseUrl, key }), { planner });
    const call: CompletionCall = {
      model: "claude-sonnet-4-5",
      messages: [systemMessage("streamed ".repeat(3_000)), userMessage("Hello.")],
      metadata: { session: "streamed" },
      cache: [{ stable: "tools" }, { stable: "system" }],
    };
    await model.complete(call);
    const events = [];
    for await (const event of model.stream(call)) events.push(event);
    expect(checkStream(events)).toEqual([]);
    const streamed = foldEvents(events);
    expect(streamed.cache?.hitTokens).toBeGreaterThan(2_000);
    expect(streamed.warnings.map(({ path }) => path)).toEqual(["cache[0]"]);
    expect(planner.report()).toMatchObject([{ session: "streamed", calls: 2, misses: { "first-call": 1 } }]);
  });

  test("a call that fails leaves nothing behind", async () => {
    const model = planCache(anthropic({ baseUrl: fake.baseUrl, key }));
    await expect(model.complete({ ...talk("failing")("Hello."), model: "claude-fault-500" })).rejects.toThrow();
    expect(model.report()).toMatchObject([{ session: "failing", calls: 0 }]);
  });

  test("is composed with other policies, and a planner of one's own keeps the report at hand", async () => {
    const planner = createCachePlanner();
    const model = compose(
      anthropic({ baseUrl: fake.baseUrl, key }),
      (one) => planCache(one, { planner }),
      (one) => retry(one),
    );
    await model.complete(talk("composed")("Hello."));
    expect(planner.report()).toMatchObject([{ session: "composed", calls: 1 }]);
  });
});

test("at OpenAI nothing is marked; the session becomes the key", async () => {
  const vendor = await startFakeVendor("openai");
  const model = planCache(openai({ baseUrl: vendor.baseUrl, key }));
  const say = talk("at-openai", "gpt-4.1-mini");
  await model.complete(say("First?"));
  const second = await model.complete(say("Second?"));
  expect(vendor.requests.at(-1)?.body).toMatchObject({ prompt_cache_key: "at-openai" });
  expect(second.cache?.hitTokens).toBeGreaterThan(2_000);
  expect(second.cache?.savedUsd).toBeGreaterThan(0);
  expect(second.warnings.filter(({ path }) => path?.startsWith("cache"))).toEqual([]);
  await vendor.close();
});

test("at Gemini an object is made where the caller asks for a time", async () => {
  const vendor = await startFakeVendor("gemini");
  const model = planCache(gemini({ baseUrl: vendor.baseUrl, key }), { expectedReuse: 5 });
  const say = talk("at-gemini", "gemini-2.5-flash");
  await model.complete(say("First?"));
  await model.complete(say("Second?"));
  expect(vendor.requests.some(({ path }) => path.includes("cachedContents"))).toBe(false);
  await model.complete({ ...say("Third?"), cache: [{ stable: "system", timeToLive: "1h" }] });
  expect(vendor.requests.at(-1)?.body).toMatchObject({ cachedContent: expect.any(String) });
  await vendor.close();
});
