/**
 * Holds our wire types against the vendor's own: this file does not compile when a field changes its name or its type.
 * Enums of the SDK are strings on the wire, which TypeScript keeps apart; such fields are left out of the comparison and
 * their words are compared as text.
 */
import {
  type Content,
  type FunctionCall,
  type FunctionDeclaration,
  type FunctionResponse,
  type GenerateContentResponseUsageMetadata,
  type GenerationConfig,
  FinishReason as GoogleFinishReason,
  ThinkingLevel as GoogleThinkingLevel,
  type Part,
  type ThinkingConfig,
} from "@google/genai";
import { expect, expectTypeOf, test } from "vitest";
import { finishOf } from "../../src/dialects/gemini/finish.ts";
import { MODEL_ROWS } from "../../src/dialects/gemini/quirks.ts";
import type {
  WireContent,
  WireFunctionCall,
  WireFunctionDeclaration,
  WireFunctionResponse,
  WireGenerationConfig,
  WirePart,
  WireThinkingConfig,
  WireUsage,
} from "../../src/dialects/gemini/wire.ts";

test("our wire types are the vendor's", () => {
  expectTypeOf<WirePart>().toExtend<Part>();
  expectTypeOf<WireContent>().toExtend<Content>();
  expectTypeOf<WireFunctionCall>().toExtend<FunctionCall>();
  expectTypeOf<WireFunctionResponse>().toExtend<FunctionResponse>();
  expectTypeOf<WireFunctionDeclaration>().toExtend<FunctionDeclaration>();
  expectTypeOf<Omit<WireThinkingConfig, "thinkingLevel">>().toExtend<ThinkingConfig>();
  expectTypeOf<Omit<WireGenerationConfig, "thinkingConfig">>().toExtend<GenerationConfig>();
  expectTypeOf<WireUsage>().toExtend<GenerateContentResponseUsageMetadata>();
  // Assignability alone would let a misspelt optional field through.
  expectTypeOf<Exclude<keyof WirePart, keyof Part>>().toBeNever();
  expectTypeOf<Exclude<keyof WireThinkingConfig, keyof ThinkingConfig>>().toBeNever();
  expectTypeOf<Exclude<keyof WireGenerationConfig, keyof GenerationConfig>>().toBeNever();
  expectTypeOf<Exclude<keyof WireUsage, keyof GenerateContentResponseUsageMetadata>>().toBeNever();
  expectTypeOf<Exclude<keyof WireFunctionDeclaration, keyof FunctionDeclaration>>().toBeNever();
});

test("every finish reason that the vendor names is one that we meant to map", () => {
  const others = Object.values(GoogleFinishReason).filter((word) => finishOf(word, undefined, false).reason === "other");
  expect(others.sort()).toEqual(["FINISH_REASON_UNSPECIFIED", "IMAGE_OTHER", "LANGUAGE", "NO_IMAGE", "OTHER"]);
});

test("every thinking level in the model rows is the vendor's", () => {
  const levels = MODEL_ROWS.flatMap((row) => (row.thinking.type === "level" ? row.thinking.levels : []));
  expect(levels.filter((level) => !(level in GoogleThinkingLevel))).toEqual([]);
});
