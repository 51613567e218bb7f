/** The Vercel AI SDK with each of its providers that speak a wire of ours, as they come, against this server. */
import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, generateText, type LanguageModel, Output, stepCountIs, streamText, tool } from "ai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type Backend, type GatewayUnderTest, startGateway, VIRTUAL_KEY } from "../gateway-under-test.ts";
import { PARALLEL_QUESTION, Person, PIXEL, PIXEL_BYTES, POLL, RESULTS } from "./conversation.ts";

let gateway: GatewayUnderTest;

beforeAll(async () => {
  // It warns of every model that it does not know by name.
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false });
  gateway = await startGateway({ governed: true });
});
afterAll(() => gateway.close());

const apiKey = VIRTUAL_KEY;

/** How each provider package makes a model, with nothing changed but the base URL. */
const CLIENTS: Readonly<Record<string, (url: string, model: string) => LanguageModel>> = {
  "openai chat": (url, model) => createOpenAI({ baseURL: `${url}/v1`, apiKey }).chat(model),
  "openai responses": (url, model) => createOpenAI({ baseURL: `${url}/v1`, apiKey }).responses(model),
  anthropic: (url, model) => createAnthropic({ baseURL: `${url}/v1`, apiKey })(model),
  google: (url, model) => createGoogleGenerativeAI({ baseURL: `${url}/v1beta`, apiKey })(model),
  "openai-compatible": (url, model) =>
    createOpenAICompatible({ name: "dragoman", baseURL: `${url}/v1`, apiKey, supportsStructuredOutputs: true })(model),
};
const BEHIND: readonly Backend[] = ["sim", "anthropic", "openai", "gemini", "ollama"];

const TABLE = Object.entries(CLIENTS).flatMap(([client, create]) => BEHIND.map((backend) => ({ client, create, backend })));

const tools = {
  get_weather: tool({
    description: "The weather of a city.",
    inputSchema: z.object({ city: z.string() }),
    execute: async () => RESULTS.get_weather,
  }),
  get_time: tool({
    description: "The time of a zone.",
    inputSchema: z.object({ zone: z.string() }),
    execute: async () => RESULTS.get_time,
  }),
};

/** The errors of a stream are told here rather than printed. */
function quietly(errors: unknown[] = []) {
  return {
    maxRetries: 0,
    onError: ({ error }: { readonly error: unknown }) => {
      errors.push(error);
    },
  };
}

describe.each(TABLE)("ai with $client in front of $backend", ({ create, backend }) => {
  const model = (name = gateway.text(backend)): LanguageModel => create(gateway.url, name);

  it("generates text", async () => {
    const { text, finishReason, usage } = await generateText({ model: model(), prompt: "hello", maxRetries: 0 });
    expect(text).toContain("You said: “hello”. Naïve café – 世界 👩‍🚀 done.");
    expect(finishReason).toBe("stop");
    expect(usage.outputTokens).toBeGreaterThan(0);
  });

  it("streams text", async () => {
    const result = streamText({ model: model(), prompt: "hello", ...quietly() });
    expect(await result.text).toContain("You said: “hello”. Naïve café – 世界 👩‍🚀 done.");
    expect(await result.finishReason).toBe("stop");
  });

  it.each([false, true])("runs a loop of parallel tool calls, streamed: %s", async (streamed) => {
    const asked = { model: model(), prompt: PARALLEL_QUESTION, tools, stopWhen: stepCountIs(3), maxRetries: 0 };
    const result = streamed ? streamText({ ...asked, ...quietly() }) : await generateText(asked);
    const steps = await result.steps;
    expect(steps[0]?.toolCalls.map((call) => call.toolName)).toEqual(["get_weather", "get_time"]);
    for (const expected of Object.values(RESULTS)) expect(await result.text).toContain(expected);
  });

  it("shows an image", async () => {
    const { text } = await generateText({
      model: model(),
      maxRetries: 0,
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "what is it?" },
            { type: "file", data: Buffer.from(PIXEL, "base64"), mediaType: "image/png" },
          ],
        },
      ],
    });
    expect(text).toContain(PIXEL_BYTES);
  });

  it("gives structured output", async () => {
    const { output } = await generateText({
      model: model(),
      prompt: "who?",
      output: Output.object({ schema: Person }),
      maxRetries: 0,
    });
    expect(Person.parse(output)).toEqual(output);
  });

  it("stops the vendor when the client aborts", async () => {
    const controller = new AbortController();
    const result = streamText({
      model: model(gateway.fault(backend, "fault-stall")),
      prompt: "hello there, how are you",
      abortSignal: controller.signal,
      ...quietly(),
    });
    for await (const part of result.fullStream) if (part.type === "text-delta") controller.abort();
    await expect.poll(() => gateway.wasAborted(backend), POLL).toBe(true);
  });

  it("tells of a rate limit with its wait", async () => {
    const asked = generateText({
      model: model(gateway.fault(backend, "fault-429-retry-after")),
      prompt: "hi",
      maxRetries: 0,
    });
    const error = await asked.catch((thrown: unknown) => thrown);
    expect(APICallError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ statusCode: 429, isRetryable: true, responseHeaders: { "retry-after": "1" } });
  });

  it("tells of a stream that fails", async () => {
    const errors: unknown[] = [];
    const result = streamText({
      model: model(gateway.fault(backend, "fault-error-in-200")),
      prompt: "one two three four five",
      ...quietly(errors),
    });
    let text = "";
    for await (const part of result.fullStream) if (part.type === "text-delta") text += part.text;
    expect(text).not.toBe("");
    expect(errors.length).toBeGreaterThan(0);
  });
});

describe.each(Object.entries(CLIENTS))("ai with %s", (_client, create) => {
  it("refuses an unknown model as not found", async () => {
    const asked = generateText({ model: create(gateway.url, "nobody:nothing"), prompt: "hi", maxRetries: 0 });
    await expect(asked).rejects.toMatchObject({ statusCode: 404, isRetryable: false });
  });
});

describe("ai", () => {
  const REASONERS: readonly (readonly [client: string, options: object])[] = [
    ["openai responses", { openai: { forceReasoning: true, reasoningEffort: "low", reasoningSummary: "auto" } }],
    ["anthropic", { anthropic: { thinking: { type: "enabled", budgetTokens: 2000 } } }],
    ["google", { google: { thinkingConfig: { includeThoughts: true, thinkingBudget: 2000 } } }],
    ["openai-compatible", { dragoman: { reasoningEffort: "low" } }],
  ];

  it.each(REASONERS)("shows the reasoning of another vendor's model by %s", async (client, options) => {
    const create = CLIENTS[client];
    if (create === undefined) throw new Error(`no client ${client}`);
    const asked = {
      model: create(gateway.url, gateway.reasoning("ollama")),
      prompt: "think",
      providerOptions: Object.fromEntries(Object.entries(options)),
      maxRetries: 0,
    };
    expect((await generateText(asked)).reasoningText).toContain("Let me think");
    expect(await streamText({ ...asked, ...quietly() }).reasoningText).toContain("Let me think");
  });
});
