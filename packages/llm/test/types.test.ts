/** What the types promise to who calls. The compiler checks it (`npm run check`); what runs here keeps the file honest. */
import { describe, expect, expectTypeOf, test } from "vitest";
import type { AnthropicModel, ModelReference, OpenAIModel } from "../src/index.ts";
import {
  anthropic,
  type CompletionCall,
  type CompletionRequest,
  cache,
  compose,
  createRegistry,
  type ErrorCode,
  fallback,
  type JsonObject,
  limit,
  openai,
  type Provider,
  type ResolvedModel,
  retry,
  type StreamEvent,
  structuredOutput,
  type Usage,
  userMessage,
  type VendorOptions,
  wrapProvider,
} from "../src/index.ts";

interface MyWireOptions extends JsonObject {
  readonly mood?: "mild" | "wild";
}

// As a stranger's package does with "@dragoman/llm".
declare module "../src/index.ts" {
  interface VendorOptions {
    readonly "my-wire"?: MyWireOptions;
  }
  interface ModelNames {
    readonly acme: "acme-large";
  }
}

const messages = [userMessage("Hello")];

describe("names of models", () => {
  test("a built-in provider knows its own, and takes any other", () => {
    const claude = anthropic();
    expectTypeOf(claude).toEqualTypeOf<Provider<AnthropicModel>>();
    expectTypeOf<"claude-sonnet">().toExtend<AnthropicModel>();
    expectTypeOf<string>().toExtend<AnthropicModel>();
    expectTypeOf(claude.complete).toBeCallableWith({ model: "a-model-of-tomorrow", messages });
    expectTypeOf(claude.complete).toBeCallableWith({ model: String(messages.length), messages });
    // @ts-expect-error a model is a string
    expectTypeOf(claude.complete).toBeCallableWith({ model: 4, messages });
  });

  test("any provider is a Provider, and the other way round", () => {
    expectTypeOf<Provider<AnthropicModel>>().toExtend<Provider>();
    expectTypeOf<Provider>().toExtend<Provider<AnthropicModel>>();
    expectTypeOf<Provider<OpenAIModel>>().toExtend<Provider<AnthropicModel>>();
    expectTypeOf<CompletionCall<AnthropicModel>>().toExtend<CompletionCall>();
    expectTypeOf<CompletionCall>().toExtend<CompletionCall<AnthropicModel>>();
    expectTypeOf<CompletionRequest["model"]>().toEqualTypeOf<string>();
    const all: readonly Provider[] = [anthropic(), openai(), wrapProvider(anthropic(), { stream: openai().stream })];
    expect(createRegistry([anthropic(), openai()]).providers()).toHaveLength(all.length - 1);
    expectTypeOf(fallback([anthropic(), openai()])).toExtend<Provider>();
  });

  test("policies keep them", () => {
    expectTypeOf(retry(anthropic())).toEqualTypeOf<Provider<AnthropicModel>>();
    expectTypeOf(limit(cache(anthropic()), { concurrency: 1 })).toEqualTypeOf<Provider<AnthropicModel>>();
    expectTypeOf(compose(openai(), structuredOutput, (one) => retry(one))).toEqualTypeOf<Provider<OpenAIModel>>();
  });

  test("a reference offers those of every provider, a stranger's among them, and takes any string", () => {
    expectTypeOf<"anthropic:claude-sonnet" | "openai:gpt" | "acme:acme-large">().toExtend<ModelReference>();
    expectTypeOf<string>().toExtend<ModelReference>();
    expectTypeOf(createRegistry().resolve).returns.toEqualTypeOf<ResolvedModel>();
  });
});

describe("vendor options", () => {
  const ofService = (options: VendorOptions) => Object.keys(options);

  test("know the fields of a dialect, and take others", () => {
    const known = ofService({ "anthropic-messages": { service_tier: "auto", a_field_of_tomorrow: { any: [1] } } });
    expect(known).toEqual(["anthropic-messages"]);
    expectTypeOf<NonNullable<VendorOptions["openai-chat"]>["n"]>().toEqualTypeOf<number | undefined>();
    // @ts-expect-error n is a number
    ofService({ "openai-chat": { n: "two" } });
    // @ts-expect-error betas are a list
    ofService({ "anthropic-messages": { betas: "files-api-2025-04-14" } });
  });

  test("take what is only known to be JSON, for known dialects and unknown ones", () => {
    const parsed: JsonObject = JSON.parse('{"n": 2}');
    expect(ofService({ "openai-chat": parsed, gemini: parsed, "a-wire-of-tomorrow": parsed })).toHaveLength(3);
    expectTypeOf<{ readonly [dialect: string]: JsonObject }>().toExtend<VendorOptions>();
    expectTypeOf<Record<string, JsonObject>>().toExtend<VendorOptions>();
    // @ts-expect-error options are objects
    ofService({ "a-wire-of-tomorrow": 4 });
  });

  test("are added to from outside", () => {
    expect(ofService({ "my-wire": { mood: "wild" } })).toEqual(["my-wire"]);
    // @ts-expect-error no such mood
    ofService({ "my-wire": { mood: "angry" } });
  });
});

test("events, finish and errors narrow by one field", () => {
  type Of<Type extends StreamEvent["type"]> = Extract<StreamEvent, { type: Type }>;
  expectTypeOf<Of<"text-delta">["text"]>().toEqualTypeOf<string>();
  expectTypeOf<Of<"error">["error"]["code"]>().toEqualTypeOf<ErrorCode>();
  expectTypeOf<Of<"finish">["usage"]>().toEqualTypeOf<Usage>();
  expectTypeOf<"rate_limited">().toExtend<ErrorCode>();
  expectTypeOf<string>().not.toExtend<ErrorCode>();
});
