/** Azure OpenAI over chat: OpenAI's wire with filters around it, deployments instead of models, errors of its own gateway. */
import type { JsonObject } from "../../../json.ts";
import type { Answer } from "../brain.ts";
import type { Composed, GenerationWire } from "../generate.ts";
import { objectsOf } from "../json-reading.ts";
import { head, Refusal, sse } from "../reply.ts";
import type { FakeWorld } from "../world.ts";
import type { ChatFlavour, ChatReading } from "./chat-flavour.ts";
import { failureFrom, row } from "./failure-table.ts";
import { openAiChatWire } from "./openai-chat.ts";
import { openAiFlavour } from "./openai-flavour.ts";

export function azureError(status: number, code: string, message: string): Refusal {
  return new Refusal(status, { error: { code, message } });
}

export function deploymentNotFound(): Refusal {
  return azureError(
    404,
    "DeploymentNotFound",
    "The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.",
  );
}

const SAFE: JsonObject = {
  hate: { filtered: false, severity: "safe" },
  self_harm: { filtered: false, severity: "safe" },
  sexual: { filtered: false, severity: "safe" },
  violence: { filtered: false, severity: "safe" },
};
const VIOLENT: JsonObject = {
  ...SAFE,
  jailbreak: { filtered: true, detected: true },
  violence: { filtered: true, severity: "medium" },
};
const FILTERED =
  "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry.";

/** The model behind a deployment, as answers name it. */
const MODELS: Readonly<Record<string, string>> = {
  "my-gpt-4-1": "gpt-4.1-2025-04-14",
  "my-gpt-5-mini": "gpt-5-mini-2025-08-07",
};

export function modelBehind<Read extends { readonly model: string }>(read: Read): Read {
  return { ...read, model: MODELS[read.model] ?? read.model };
}

export const azureFailure = failureFrom({
  "rate-limit": row(429, {
    error: {
      code: "429",
      message: "Requests to this deployment have exceeded the token rate limit of your current pricing tier. Please retry later.",
    },
  }),
  quota: row(429, {
    error: {
      code: "insufficient_quota",
      message: "You exceeded your current quota, please check your plan and billing details.",
    },
  }),
  "server-error": row(500, {
    error: { code: "InternalServerError", message: "The server had an error while processing your request. Sorry about that!" },
  }),
  unavailable: row(503, {
    error: { code: "ServiceUnavailable", message: "The service is temporarily unable to process your request." },
  }),
  overloaded: row(503, {
    error: { code: "NoCapacity", message: "The system is currently experiencing high demand. Please try later." },
  }),
  loading: row(503, { error: { code: "ServiceUnavailable", message: "Service Unavailable" } }),
  "context-overflow": row(400, {
    error: {
      message:
        "This model's maximum context length is 128000 tokens. However, your messages resulted in 130018 tokens. Please reduce the length of the messages.",
      type: "invalid_request_error",
      param: "messages",
      code: "context_length_exceeded",
    },
  }),
});

const flavour: ChatFlavour = {
  ...openAiFlavour,
  unknownModel: deploymentNotFound,
  check(body, model, reasoning) {
    if (objectsOf(body.messages).some((message) => objectsOf(message.content).some((part) => part.type === "file"))) {
      throw azureError(400, "BadRequest", "Invalid Value: 'file'. This model does not support file content types.");
    }
    openAiFlavour.check(body, model, reasoning);
  },
  refuse: () => {
    throw new Refusal(400, {
      error: {
        message: FILTERED,
        type: null,
        param: "prompt",
        code: "content_filter",
        status: 400,
        innererror: { code: "ResponsibleAIPolicyViolation", content_filter_result: VIOLENT },
      },
    });
  },
  failure: azureFailure,
};

const plainWire = openAiChatWire(flavour);

/** Words that ask for an answer that the filter cuts. */
export const CUT_BY_FILTER = "[cut by the filter]";

export const azureChatWire: GenerationWire<ChatReading> = {
  ...plainWire,
  compose(read, answer, world) {
    const isCut = read.question.lastUserText.includes(CUT_BY_FILTER);
    return withFilters(plainWire.compose(modelBehind(read), answer, world), isCut);
  },
};

/** Filters stand around the answer: what they found of the prompt first, of the answer on its choices. */
function withFilters(composed: Composed, isCut: boolean): Composed {
  const found = { content_filter_results: isCut ? VIOLENT : SAFE };
  const prompt = { prompt_filter_results: [{ prompt_index: 0, content_filter_results: SAFE }] };
  const nameless = { choices: [], created: 0, id: "", model: "", object: "" };
  const finish = isCut ? { finish_reason: "content_filter" } : {};
  // The asynchronous filter reports on what was already said, without a delta.
  const report = sse({ ...nameless, choices: [{ index: 0, delta: null, finish_reason: null, ...found }] });
  const frames = composed.frames.map((frame) =>
    isCut && typeof frame.text === "string"
      ? { ...frame, text: frame.text.replace('"finish_reason":"stop"', '"finish_reason":"content_filter"') }
      : frame,
  );
  const firstEnd = frames.findIndex((frame) => frame.part === "end");
  return {
    ...composed,
    body: {
      ...composed.body,
      ...prompt,
      choices: objectsOf(composed.body.choices).map((choice) => ({ ...choice, ...finish, ...found })),
    },
    frames: [
      head(sse({ ...nameless, ...prompt })),
      ...frames.slice(0, firstEnd),
      { part: "content", text: report },
      ...frames.slice(firstEnd),
    ],
  };
}

/** A prompt that is stopped on the newer wire tells its filters as a list. */
export function refusedResponse(answer: Answer): void {
  if (answer.finish !== "refusal") return;
  throw new Refusal(400, {
    error: {
      message: FILTERED,
      type: "invalid_request_error",
      param: "prompt",
      code: "content_filter",
      content_filters: [{ blocked: true, source_type: "prompt", content_filter_raw: [], content_filter_results: VIOLENT }],
    },
  });
}

/** A deployment that is not there is said so, whatever the wire. */
export function checkDeployment(id: string, world: FakeWorld): void {
  if (world.model(id) === undefined) throw deploymentNotFound();
}
