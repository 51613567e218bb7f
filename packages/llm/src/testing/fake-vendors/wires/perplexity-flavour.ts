/** Perplexity: what it read beside the answer, thoughts inside the text, a fee in the usage, strict turns, no tools. */
import type { JsonObject } from "../../../json.ts";
import { type Delivery, type GenerationWire, generate } from "../generate.ts";
import { numberOf, objectsOf } from "../json-reading.ts";
import { type FakeRequest, Refusal } from "../reply.ts";
import type { Route } from "../vendor-definition.ts";
import type { FakeWorld } from "../world.ts";
import type { ChatFlavour, ChatReading } from "./chat-flavour.ts";
import { type FailureRow, failureFrom, row } from "./failure-table.ts";
import { openAiChatWire } from "./openai-chat.ts";
import { plainFlavour } from "./plain-flavour.ts";

function failed(status: number, message: string, type: string): FailureRow {
  return row(status, { error: { message, type, code: status } });
}

function refusal(message: string, type: string): Refusal {
  return new Refusal(400, failed(400, message, type).body);
}

/** A page of the proxy in front. */
export function refusalPage(): Refusal {
  const body =
    "<html>\r\n<head><title>401 Authorization Required</title></head>\r\n<body>\r\n<center><h1>401 Authorization Required</h1></center>\r\n<hr><center>openresty</center>\r\n</body>\r\n</html>\r\n";
  return Object.assign(new Refusal(401, {}), {
    reply: { kind: "whole" as const, status: 401, headers: { "content-type": "text/html" }, body },
  });
}

const PAGES = ["https://example.org/naive-cafe", "https://example.org/world"];

export const perplexityFlavour: ChatFlavour = {
  ...plainFlavour,
  missingModel: () => refusal("Model is required", "invalid_model"),
  unknownModel: (id) =>
    refusal(
      `Invalid model '${id}'. Permitted models can be found in the documentation at https://docs.perplexity.ai/guides/model-cards.`,
      "invalid_model",
    ),
  check(body) {
    if (body.tools !== undefined) throw refusal("Tool calling is not supported for this model", "tool_calling_not_supported");
    checkTurns(objectsOf(body.messages));
  },
  refusal: "text",
  usageDetails: () => ({ search_context_size: "low" }),
  extras: (read, _answer, usage) => ({
    usage: { ...usage, cost: costOf(usage) },
    ...(read.body.disable_search === true
      ? { citations: [], search_results: [] }
      : {
          citations: PAGES,
          search_results: PAGES.map((url, index) => ({ title: `Page ${index + 1}`, url, date: "2026-01-01", source: "web" })),
        }),
  }),
  errorBody: { error: { message: "Internal server error", type: "internal_server_error", code: 500 } },
  failure: failureFrom({
    "rate-limit": failed(429, "Request rate limit exceeded, please try again later", "request_rate_limit_exceeded"),
    quota: failed(401, "You exceeded your current quota, please check your plan and billing details.", "insufficient_quota"),
    "server-error": failed(500, "Internal server error", "internal_server_error"),
    unavailable: failed(503, "Service Unavailable", "service_unavailable"),
    overloaded: failed(503, "The server is overloaded, please try again later", "overloaded"),
    loading: failed(503, "Service Unavailable", "service_unavailable"),
    "context-overflow": failed(400, "The total length of all messages is too long.", "too_many_prompt_tokens"),
  }),
};

function checkTurns(messages: readonly JsonObject[]): void {
  const firstTurn = messages.findIndex((message) => message.role !== "system");
  const turns = messages.slice(firstTurn).map((message) => message.role === "assistant");
  const isOrdered = turns.every((isAssistant, index) => isAssistant === (index % 2 === 1));
  if (isOrdered) return;
  throw refusal(
    "After the (optional) system message(s), user or tool message(s) should alternate with assistant message(s).",
    "invalid_message",
  );
}

function costOf(usage: JsonObject): JsonObject {
  const input = (numberOf(usage.prompt_tokens) ?? 0) / 1e6;
  const output = (numberOf(usage.completion_tokens) ?? 0) / 1e6;
  return { input_tokens_cost: input, output_tokens_cost: output, request_cost: 0.005, total_cost: input + output + 0.005 };
}

const plainWire = openAiChatWire(perplexityFlavour);

/** Thoughts stand at the beginning of the text. */
const wire: GenerationWire<ChatReading> = {
  ...plainWire,
  compose(read, { reasoning, ...answer }, world) {
    const text = reasoning === undefined ? answer.text : `<think>\n${reasoning}\n</think>\n\n${answer.text}`;
    return plainWire.compose(read, { ...answer, text }, world);
  },
};

export const perplexityChatRoute: Route = {
  method: "POST",
  path: /^\/chat\/completions$/,
  handle: (request: FakeRequest, world: FakeWorld): Delivery => generate(request, wire, world),
};
