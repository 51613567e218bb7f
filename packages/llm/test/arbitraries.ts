/** Arbitrary values for the property tests: whatever the canonical types allow, awkward text included. */
import fc from "fast-check";
import {
  type AssistantPart,
  type Completion,
  type FinishReason,
  type JsonValue,
  type Message,
  type Origin,
  type ToolCallPart,
  type ToolResultPart,
  toolCallPart,
  type Usage,
} from "../src/index.ts";

export const text: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 24 }),
  fc.constantFrom("", " ", "世界 👩‍🚀", '"quoted"\n\\', "\u0000", "\ud800", "data: [DONE]\n\n"),
);

/** Any character of Unicode. As fast-check's own unit `binary`, which first makes a list of all of them: a second's work. */
export const codePoint: fc.Arbitrary<string> = fc
  .oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10ffff }))
  .map((point) => String.fromCodePoint(point));

/** What JSON gives back as it was: no -0, no undefined. */
export const json: fc.Arbitrary<JsonValue> = fc
  .jsonValue({ maxDepth: 3 })
  .map((value): JsonValue => JSON.parse(JSON.stringify(value)));

const vendor = fc.dictionary(
  fc.constantFrom("openai-chat", "anthropic-messages", "gemini"),
  fc.dictionary(fc.string(), json, { noNullPrototype: true }),
  { minKeys: 1, maxKeys: 2, noNullPrototype: true },
);

/** Makes each listed key absent rather than undefined. */
function optional<T extends object>(required: T, rest: { [key: string]: unknown }): T {
  return { ...required, ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) };
}

const perhaps = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });

const name = fc.constantFrom("get_weather", "read_file", "Σ");
const callId = fc.constantFrom("call_1", "call_2", "functions.read:0", "toolu_01AbC", "x".repeat(70), "ü id", "", "a|b");

/** A call as it comes from a wire: its arguments written well, oddly, or not as JSON at all. */
export const toolCall: fc.Arbitrary<ToolCallPart> = fc
  .record({
    id: callId,
    name,
    written: fc.oneof(
      json.map((value) => JSON.stringify(value)),
      json.map((value) => JSON.stringify(value, null, 2)),
      text,
    ),
    vendor: perhaps(vendor),
  })
  .map(({ id, name, written, vendor }) => optional(toolCallPart(id, name, written), { vendor }));

export const assistantPart: fc.Arbitrary<AssistantPart> = fc.oneof(
  fc
    .record({ type: fc.constantFrom("text", "reasoning", "refusal"), text, vendor: perhaps(vendor) })
    .map(({ type, text, vendor }) => optional({ type, text }, { vendor })),
  toolCall,
  fc.constant({ type: "source", url: "https://example.com", title: "An example" } as const),
  fc.constant({ type: "opaque", dialect: "openai-responses", kind: "web_search_call", value: { id: "ws_1" } } as const),
  fc.constant({ type: "image", mediaType: "image/png", source: { type: "data", data: "aGk=" } } as const),
);

export const origin: fc.Arbitrary<Origin> = fc
  .record({
    dialect: fc.constantFrom("openai-chat", "anthropic-messages", "gemini", "ollama"),
    provider: fc.constantFrom("one", "two"),
    backend: perhaps(fc.constantFrom("vertex", "ai-studio")),
    model: fc.constantFrom("m", "n"),
  })
  .map(({ backend, ...rest }) => optional(rest, { backend }));

const tokens = fc.nat(300_000);

/** Honest usage: no part larger than its whole. */
export const usage: fc.Arbitrary<Usage> = fc
  .record({
    fresh: tokens,
    read: perhaps(tokens),
    writeFiveMinutes: perhaps(tokens),
    writeOneHour: perhaps(tokens),
    outputTokens: perhaps(tokens),
    reasoning: perhaps(fc.double({ min: 0, max: 1, noNaN: true })),
    knowsInput: fc.boolean(),
    raw: perhaps(json),
  })
  .map(({ fresh, read, writeFiveMinutes, writeOneHour, outputTokens, reasoning, knowsInput, raw }) => {
    const writes = writeFiveMinutes === undefined ? undefined : writeFiveMinutes + (writeOneHour ?? 0);
    return optional<Usage>(
      {},
      {
        inputTokens: knowsInput ? fresh + (read ?? 0) + (writes ?? 0) : undefined,
        cacheReadTokens: read,
        cacheWriteTokens: writes,
        cacheWriteOneHourTokens: writes === undefined ? undefined : writeOneHour,
        outputTokens,
        reasoningTokens: outputTokens === undefined || reasoning === undefined ? undefined : Math.floor(outputTokens * reasoning),
        raw,
      },
    );
  });

const reason = fc.constantFrom<FinishReason>("stop", "length", "tool-calls", "content-filter", "pause", "error", "other");

export const completion: fc.Arbitrary<Completion> = fc
  .record({
    id: text,
    origin,
    parts: fc.array(assistantPart, { maxLength: 6 }),
    messageVendor: perhaps(vendor),
    reason,
    raw: perhaps(text),
    usage,
    cost: perhaps(fc.constant({ totalUsd: 0.5, inputUsd: 0.25, outputUsd: 0.25, catalogue: "own" })),
    timing: perhaps(fc.constant({ totalMs: 12.5, firstTokenMs: 3, engine: { loadMs: 1 } })),
    cache: perhaps(fc.constant({ expectedTokens: 10, hitTokens: 8 })),
    warnings: fc.array(fc.constant({ type: "lossy", path: "messages[0]", detail: "something was lost" } as const), {
      maxLength: 2,
    }),
    createdAt: perhaps(fc.nat()),
    vendor: perhaps(vendor),
  })
  .map(({ id, origin, parts, messageVendor, reason, raw, usage, warnings, cost, timing, cache, createdAt, vendor }) =>
    optional<Completion>(
      {
        id,
        origin,
        message: optional({ role: "assistant", parts, origin } as const, { vendor: messageVendor }),
        finish: optional({ reason }, { raw }),
        usage,
        warnings,
      },
      { cost, timing, cache, createdAt, vendor },
    ),
  );

const result: fc.Arbitrary<ToolResultPart> = fc
  .record({ toolCallId: callId, value: json, toolName: perhaps(name), isError: perhaps(fc.constant(true)) })
  .map(({ toolCallId, value, toolName, isError }) =>
    optional({ type: "tool-result", toolCallId, content: [{ type: "json", value }] } as const, { toolName, isError }),
  );

/** Histories in any disorder: calls without results, results without calls, ids used again, other makers. */
export const history: fc.Arbitrary<readonly Message[]> = fc.array(
  fc.oneof(
    text.map((said): Message => ({ role: "user", parts: [{ type: "text", text: said }] })),
    fc.constant<Message>({
      role: "user",
      parts: [{ type: "image", mediaType: "image/png", source: { type: "data", data: "aGk=" } }],
    }),
    text.map((said): Message => ({ role: "system", parts: [{ type: "text", text: said }] })),
    fc
      .record({ parts: fc.array(assistantPart, { maxLength: 4 }), origin: perhaps(origin), vendor: perhaps(vendor) })
      .map(({ parts, origin, vendor }): Message => optional({ role: "assistant", parts } as const, { origin, vendor })),
    fc.array(result, { minLength: 1, maxLength: 3 }).map((parts): Message => ({ role: "tool", parts })),
  ),
  { maxLength: 10 },
);
