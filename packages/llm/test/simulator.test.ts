import { checkStream, checkUsage, createSimulator, FAULTS, foldEvents, PERSONAS } from "@dragoman/llm/testing";
import { describe, expect, test } from "vitest";
import {
  type CompletionCall,
  DragomanError,
  defineTool,
  fold,
  reasoningOf,
  type StreamEvent,
  systemMessage,
  textOf,
  toolCallsOf,
  toolResult,
  userMessage,
} from "../src/index.ts";

const ids = PERSONAS.map((persona) => persona.id);
const instantly = { sleep: async () => undefined, now: () => 1_700_000_000_999 };
const ask = (model: string, more: Partial<CompletionCall> = {}): CompletionCall => ({
  model,
  messages: [systemMessage("Be brief."), userMessage("Hello there.")],
  ...more,
});

async function eventsOf(events: AsyncIterable<StreamEvent>): Promise<readonly StreamEvent[]> {
  const all: StreamEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

describe.each(ids)("the persona %s", (id) => {
  test("answers whole and as a stream alike, and says that it is simulated", async () => {
    const simulator = createSimulator(instantly);
    const whole = await simulator.complete(ask(id));
    const events = await eventsOf(simulator.stream(ask(id)));
    expect(checkStream(events)).toEqual([]);
    const streamed = foldEvents(events);
    expect(streamed.message).toEqual(whole.message);
    expect(streamed.usage).toEqual(whole.usage);
    expect(checkUsage(whole.usage)).toEqual([]);
    expect(textOf(whole.message)).toContain("You said: “Hello there.”.");
    expect(whole.warnings).toEqual([{ type: "simulated", detail: expect.stringContaining("no model is behind it") }]);
    expect(whole).toMatchObject({ cost: { totalUsd: 0, catalogue: "simulated" }, createdAt: 1_700_000_000 });
    expect(streamed.createdAt).toBe(1_700_000_000);
    expect(streamed.timing?.firstTokenMs).toBeLessThanOrEqual(streamed.timing?.totalMs ?? 0);
  });

  test("says the same to the same question", async () => {
    expect((await createSimulator(instantly).complete(ask(id))).message).toEqual(
      (await createSimulator(instantly).complete(ask(id))).message,
    );
  });
});

test("who speaks to people introduces itself in a sentence and leaves the tests' odd characters out", async () => {
  const simulator = createSimulator(instantly);
  const { message } = await simulator.complete(ask("echo"));
  expect(textOf(message)).toBe("I am Dragoman’s simulator; no model is behind me. You said: “Hello there.”.");
  const thought = await simulator.complete(ask("reasoner"));
  expect(reasoningOf(thought.message)).toMatch(/^Let me think\./);
  for (const said of [textOf(thought.message), reasoningOf(thought.message)]) expect(said).not.toMatch(/世界|très|🤔/);
  expect(thought.usage.reasoningTokens).toBeGreaterThan(0);
  expect(textOf((await simulator.complete(ask("bare"))).message)).toContain("世界");
});

test("the typist waits between the pieces of a stream, and an abort ends the waiting", async () => {
  const waits: number[] = [];
  const sleep = async (delayMs: number) => void waits.push(delayMs);
  const pieces = (await eventsOf(createSimulator({ sleep }).stream(ask("typist")))).filter(
    (event) => event.type === "text-delta",
  );
  expect(pieces.length).toBeGreaterThan(3);
  expect(waits).toEqual(pieces.map(() => 30));

  const controller = new AbortController();
  const events: StreamEvent[] = [];
  for await (const event of createSimulator().stream(ask("typist", { signal: controller.signal }))) {
    events.push(event);
    if (event.type === "text-delta") controller.abort();
  }
  expect(checkStream(events)).toEqual([]);
  const last = events.at(-1);
  expect(last).toMatchObject({ type: "error", error: { code: "aborted", provider: "sim", model: "typist" } });
  expect(last?.type === "error" && textOf(last.partial?.message ?? userMessage(""))).toBeTruthy();
});

describe("tools", () => {
  const tool = (name: string) =>
    defineTool({ name, input: { type: "object", properties: { city: { type: "string" } }, required: ["city"] } });
  const tools = [tool("weather"), tool("time")];

  test("are called with arguments of their schema, and their results repeated", async () => {
    const simulator = createSimulator(instantly);
    const messages = [userMessage("Both, in parallel please.")];
    const asked = await simulator.complete({ model: "echo", messages, tools });
    const calls = toolCallsOf(asked.message);
    expect(asked.finish.reason).toBe("tool-calls");
    expect(calls.map((call) => call.name)).toEqual(["weather", "time"]);
    expect(new Set(calls.map((call) => call.id)).size).toBe(2);
    for (const call of calls) expect(call.arguments).toEqual({ city: expect.any(String) });
    const results = calls.map((call) => toolResult(call, { said: `${call.name}!` }));
    const answered = await simulator.complete({ model: "echo", messages: [...messages, asked.message, ...results], tools });
    expect(textOf(answered.message)).toContain('weather → {"said":"weather!"}; time → {"said":"time!"}.');
  });

  test("are one, none or the named one as the choice says", async () => {
    const names = async (more: Partial<CompletionCall>) =>
      toolCallsOf((await createSimulator(instantly).complete(ask("echo", { tools, ...more }))).message).map((call) => call.name);
    expect(await names({})).toEqual(["weather"]);
    expect(await names({ toolChoice: "none" })).toEqual([]);
    expect(await names({ toolChoice: { tool: "time" } })).toEqual(["time"]);
  });
});

test("options of a vendor are named as left out", async () => {
  const { warnings } = await createSimulator(instantly).complete(ask("echo", { vendorOptions: { ollama: { keep_alive: 1 } } }));
  expect(warnings).toContainEqual(expect.objectContaining({ type: "unsupported", path: "vendorOptions.ollama" }));
});

describe("faults", () => {
  test("every one of the table is a model, though none is listed", async () => {
    const simulator = createSimulator(instantly);
    expect((await simulator.models()).map((model) => model.id)).toEqual(ids);
    for (const { name } of FAULTS) expect(simulator.supports(name)).toBe(true);
    expect(simulator.supports("nothing")).toBe(false);
  });

  test("that happen once are over at the second call, on each simulator anew", async () => {
    for (let time = 0; time < 2; time++) {
      const simulator = createSimulator(instantly);
      await expect(simulator.complete(ask("fault-500-once"))).rejects.toMatchObject({ code: "vendor_error" });
      expect((await simulator.complete(ask("fault-500-once"))).finish.reason).toBe("stop");
    }
  });

  test("tell how long to wait", async () => {
    await expect(createSimulator(instantly).complete(ask("fault-429-retry-after"))).rejects.toMatchObject({
      code: "rate_limited",
      retryAfterMs: 1_000,
    });
  });

  test("in the middle of a stream keep what had arrived", async () => {
    const events = await eventsOf(createSimulator(instantly).stream(ask("fault-cut")));
    expect(checkStream(events)).toEqual([]);
    expect(events.at(-1)).toMatchObject({
      type: "error",
      error: { code: "stream_truncated" },
      partial: { message: { parts: [{ type: "text", text: expect.stringContaining("You") }] } },
    });
  });
});

test("a model that it does not have is named, with those that it has", async () => {
  const error = await createSimulator({ id: "mine" })
    .complete(ask("gpt"))
    .catch((thrown: unknown) => thrown);
  expect(DragomanError.is(error) && error).toMatchObject({ code: "model_not_found", provider: "mine", model: "gpt" });
  expect(DragomanError.is(error) && error.advice).toContain("echo");
  await expect(fold(createSimulator().stream(ask("gpt")))).rejects.toMatchObject({ code: "model_not_found" });
});
