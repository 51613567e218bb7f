/** Our wire types against those of the npm package `ollama`: a drift fails the type check. */
import type { ChatRequest, ChatResponse, GenerateRequest, GenerateResponse, Message, Tool } from "ollama";
import { describe, expectTypeOf, test } from "vitest";
import type {
  WireChatRequest,
  WireGenerateRequest,
  WireMessage,
  WireMetrics,
  WireOptions,
  WireThink,
  WireTool,
} from "../../src/dialects/ollama/wire.ts";

/** The package's types are mutable, and older than the level `max`. */
type Mutable<T> = T extends readonly (infer Item)[]
  ? Mutable<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Mutable<T[Key]> }
    : T;
type PackageThink = NonNullable<ChatRequest["think"]>;
type Strings<T> = Extract<keyof T, string>;

describe("what we write is what the package's types take", () => {
  test("messages and tools", () => {
    expectTypeOf<Mutable<Omit<WireMessage, "tool_calls">>>().toExtend<Message>();
    expectTypeOf<NonNullable<WireMessage["tool_calls"]>[number]["function"]["name"]>().toExtend<string>();
    expectTypeOf<Mutable<Omit<WireTool["function"], "parameters">>>().toExtend<Omit<Tool["function"], "parameters">>();
  });

  test("every field of our requests is a field of theirs", () => {
    expectTypeOf<Strings<WireChatRequest>>().toExtend<Strings<ChatRequest>>();
    expectTypeOf<Strings<WireGenerateRequest>>().toExtend<Strings<GenerateRequest>>();
    expectTypeOf<Mutable<WireOptions>>().toExtend<NonNullable<ChatRequest["options"]>>();
    expectTypeOf<Exclude<WireThink, "max">>().toExtend<PackageThink>();
    expectTypeOf<WireChatRequest["stream"]>().toExtend<ChatRequest["stream"]>();
    expectTypeOf<NonNullable<WireChatRequest["format"]>>().toExtend<NonNullable<ChatRequest["format"]>>();
  });

  test("every figure of theirs is one of ours", () => {
    type Figures<T> = Extract<Strings<T>, `${string}_duration` | `${string}_count`>;
    expectTypeOf<Figures<ChatResponse>>().toEqualTypeOf<Strings<WireMetrics>>();
    expectTypeOf<Figures<GenerateResponse>>().toEqualTypeOf<Strings<WireMetrics>>();
  });
});
