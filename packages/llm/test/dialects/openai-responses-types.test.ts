import type {
  EasyInputMessage,
  FunctionTool,
  Response,
  ResponseCreateParams,
  ResponseFormatTextConfig,
  ResponseFunctionToolCall,
  ResponseInputContent,
  ResponseInputItem,
  ResponseStatus,
  ResponseStreamEvent,
  ToolChoiceFunction,
  ToolChoiceOptions,
} from "openai/resources/responses/responses";
import { describe, expectTypeOf, it } from "vitest";
import type {
  WireFormat,
  WireFunctionCall,
  WireFunctionCallOutput,
  WireFunctionTool,
  WireIncompleteReason,
  WireInputContent,
  WireInputMessage,
  WireSettings,
  WireStatus,
  WireStreamEvents,
  WireToolChoice,
} from "../../src/dialects/openai-responses/wire.ts";

/** The package's lists are mutable, ours are not; the wire does not know the difference. */
type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T;

/** A field that the package demands and the wire does not. */
type Without<T, Field extends string> = T extends unknown ? Omit<T, Field> : never;

type EventOf<Type> = Extract<ResponseStreamEvent, { type: Type }>;

/** The names of our events whose fields are not those of the package's event. */
type Unlike = {
  [Type in keyof WireStreamEvents]: {
    readonly [Field in Exclude<keyof EventOf<Type>, "type" | "sequence_number">]: unknown;
  } extends { readonly [Field in keyof Omit<WireStreamEvents[Type], "error">]: unknown }
    ? never
    : Type;
}[keyof WireStreamEvents];

/** Fields of one name must also be of the same kind, where ours are typed to the end. */
type Mistyped = {
  [Type in keyof WireStreamEvents]: Pick<WireStreamEvents[Type], TypedField<WireStreamEvents[Type]>> extends Partial<
    Frozen<EventOf<Type>>
  >
    ? never
    : Type;
}[keyof WireStreamEvents];
type TypedField<Fields> = Exclude<keyof Fields, "response" | "item" | "part" | "annotation" | "error" | "logprobs">;

describe("what is written on the wire has the types of the openai package", () => {
  it("in its input", () => {
    expectTypeOf<Without<WireInputContent, "detail">>().toExtend<Without<Frozen<ResponseInputContent>, "detail">>();
    expectTypeOf<WireInputMessage["role"]>().toExtend<EasyInputMessage["role"]>();
    expectTypeOf<WireFunctionCall>().toExtend<Frozen<ResponseFunctionToolCall>>();
    expectTypeOf<Omit<WireFunctionCallOutput, "output">>().toExtend<
      Omit<Frozen<ResponseInputItem.FunctionCallOutput>, "output">
    >();
  });

  it("in its settings", () => {
    type Settings = Omit<WireSettings, "tool_choice" | "text">;
    expectTypeOf<Settings>().toExtend<Frozen<ResponseCreateParams>>();
    expectTypeOf<keyof WireSettings>().toExtend<keyof ResponseCreateParams>();
    expectTypeOf<WireFormat>().toExtend<Frozen<ResponseFormatTextConfig>>();
    expectTypeOf<WireToolChoice>().toExtend<ToolChoiceOptions | Frozen<ToolChoiceFunction>>();
    expectTypeOf<Omit<WireFunctionTool, "strict">>().toExtend<Omit<Frozen<FunctionTool>, "strict">>();
  });

  it("in its answers", () => {
    expectTypeOf<WireStatus>().toEqualTypeOf<ResponseStatus>();
    expectTypeOf<WireIncompleteReason>().toExtend<NonNullable<NonNullable<Response["incomplete_details"]>["reason"]>>();
  });

  it("in its events", () => {
    expectTypeOf<keyof WireStreamEvents>().toExtend<ResponseStreamEvent["type"]>();
    expectTypeOf<Unlike>().toEqualTypeOf<never>();
    expectTypeOf<Mistyped>().toEqualTypeOf<never>();
  });
});
