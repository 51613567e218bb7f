/**
 * DeepSeek: text only, thoughts that must come back in a tool loop (and must not to R1), no forced tool while it thinks, no
 * schema, hits and misses of its cache. A user's `busy: …` makes it run out of resources in the middle of the answer. Facts:
 * DeepSeek's API reference, its guide to thinking mode, and answers of the service.
 */
import type { JsonObject } from "../../../json.ts";
import { listOf, numberOf, objectOf, objectsOf, parsedJson, stringOf } from "../json-reading.ts";
import type { Refusal } from "../reply.ts";
import { exampleOf } from "../schema-example.ts";
import type { ChatFlavour } from "./chat-flavour.ts";
import { type FailureRow, failureFrom, row } from "./failure-table.ts";
import { askedFor } from "./last-words.ts";
import { contentText } from "./openai-chat.ts";
import { openAiError } from "./openai-error.ts";
import { plainFlavour } from "./plain-flavour.ts";
import { withChoice, withChunks, withUsage } from "./rework-chunks.ts";

function refused(message: string): Refusal {
  return openAiError(message, { code: "invalid_request_error" });
}

function failed(status: number, message: string, type: string): FailureRow {
  return row(status, { error: { message, type, param: null, code: "invalid_request_error" } });
}

export const deepseekFlavour: ChatFlavour = {
  ...plainFlavour,
  missingModel: () => refused("Failed to deserialize the JSON body into the target type: missing field `model`"),
  unknownModel: () => refused("Model Not Exist"),
  reasoningOff: (body) => objectOf(body.thinking).type === "disabled",
  reasoningOn: (body) => objectOf(body.thinking).type === "enabled",
  check(body, model, reasoning) {
    const messages = objectsOf(body.messages);
    checkShape(messages);
    checkToolChoice(body, reasoning);
    checkFormat(body, messages);
    if (model.id.startsWith("deepseek-r1")) checkNoThoughts(messages);
    else if (reasoning) checkThoughts(messages);
  },
  reasoningField: "reasoning_content",
  callId: (_name, index, world) => world.id(`call_0${index}_`),
  usageDetails: (cachedTokens, reasoningTokens) => ({
    prompt_tokens_details: { cached_tokens: cachedTokens },
    prompt_cache_hit_tokens: cachedTokens,
    ...(reasoningTokens === 0 ? {} : { completion_tokens_details: { reasoning_tokens: reasoningTokens } }),
  }),
  comment: ": keep-alive\n\n",
  retell(answer, { body }) {
    const schema = schemaInWords(body);
    return schema === undefined || answer.finish !== "stop" ? answer : { ...answer, text: JSON.stringify(exampleOf(schema)) };
  },
  rework(composed, { body }) {
    const isBusy = askedFor("busy", body) !== undefined;
    return withChunks(composed, (piece) => {
      const told = withUsage(piece, (usage) => ({
        ...usage,
        prompt_cache_miss_tokens: (numberOf(usage.prompt_tokens) ?? 0) - (numberOf(usage.prompt_cache_hit_tokens) ?? 0),
      }));
      return withChoice({ ...told, system_fingerprint: "fp_fake" }, (choice) =>
        isBusy && choice.finish_reason !== null ? { ...choice, finish_reason: "insufficient_system_resource" } : choice,
      );
    });
  },
  errorBody: { error: { message: "Internal Server Error", type: "server_error", param: null, code: null } },
  failure: failureFrom({
    "rate-limit": failed(429, "Rate limit reached for requests", "rate_limit_error"),
    quota: failed(402, "Insufficient Balance", "unknown_error"),
    "server-error": failed(500, "Internal Server Error", "server_error"),
    unavailable: failed(
      503,
      "Service is too busy. We advise users to temporarily switch to alternative LLM API service providers.",
      "service_unavailable_error",
    ),
    overloaded: failed(
      503,
      "Service is too busy. We advise users to temporarily switch to alternative LLM API service providers.",
      "service_unavailable_error",
    ),
    loading: failed(503, "Service is too busy.", "service_unavailable_error"),
    "context-overflow": failed(
      400,
      "This model's maximum context length is 131072 tokens. However, you requested 150018 tokens (150018 in the messages, 0 in the completion). Please reduce the length of the messages or completion.",
      "invalid_request_error",
    ),
  }),
};

/** In JSON mode the model follows a schema that stands in the prompt, as it would be told by a person. */
function schemaInWords(body: JsonObject): JsonObject | undefined {
  if (objectOf(body.response_format).type !== "json_object") return undefined;
  const told = objectsOf(body.messages).map((message) => /JSON Schema[^{]*(\{.*\})/s.exec(contentText(message.content))?.[1]);
  const text = told.findLast((schema) => schema !== undefined);
  return text === undefined ? undefined : objectOf(parsedJson(text));
}

const ROLES = ["system", "user", "assistant", "tool"];

function checkShape(messages: readonly JsonObject[]): void {
  const into = "Failed to deserialize the JSON body into the target type";
  for (const [index, message] of messages.entries()) {
    const role = stringOf(message.role);
    if (!ROLES.includes(role)) {
      throw refused(
        `${into}: messages[${index}].role: unknown variant \`${role}\`, expected one of ${ROLES.map((word) => `\`${word}\``).join(", ")}`,
      );
    }
    const type = listOf(message.content)
      .map((part) => stringOf(objectOf(part).type))
      .find((kind) => kind !== "text");
    if (type !== undefined) throw refused(`${into}: messages[${index}]: unknown variant \`${type}\`, expected \`text\``);
  }
}

function checkToolChoice({ tool_choice: choice }: JsonObject, reasoning: boolean): void {
  if (reasoning && choice !== undefined && choice !== "auto" && choice !== "none") {
    throw refused("Thinking mode does not support this tool_choice");
  }
}

function checkFormat(body: JsonObject, messages: readonly JsonObject[]): void {
  const { type } = objectOf(body.response_format);
  if (type === "json_schema") throw refused("This response_format type is unavailable now");
  if (type === "json_object" && !messages.some((message) => /json/i.test(contentText(message.content)))) {
    throw refused("Prompt must contain the word 'json' in some form to use 'response_format' of type 'json_object'.");
  }
}

function checkThoughts(messages: readonly JsonObject[]): void {
  if (!messages.some((message) => objectsOf(message.tool_calls).length > 0)) return;
  const isMissing = messages.some((message) => message.role === "assistant" && typeof message.reasoning_content !== "string");
  if (isMissing) throw refused("The `reasoning_content` in the thinking mode must be passed back to the API.");
}

function checkNoThoughts(messages: readonly JsonObject[]): void {
  if (messages.some((message) => message.reasoning_content !== undefined)) {
    throw refused("The field reasoning_content is not allowed in the input messages");
  }
}
