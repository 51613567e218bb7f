/** Qwen at DashScope: thinking is streamed only, forces no tool, and hears audio as data URIs; two shapes of errors. */
import type { JsonObject } from "../../../json.ts";
import type { FakeModel } from "../fake-model.ts";
import { objectOf, objectsOf, stringOf } from "../json-reading.ts";
import { Refusal } from "../reply.ts";
import type { ChatFlavour } from "./chat-flavour.ts";
import { type FailureRow, failureFrom, row } from "./failure-table.ts";
import { plainFlavour } from "./plain-flavour.ts";

const REQUEST_ID = "eef74a94-6ef9-97e0-8b94-000000000000";

/** As the compatible mode writes it. */
function failed(status: number, message: string, code: string): FailureRow {
  const error = { message, type: "invalid_request_error", param: null, code };
  return row(status, { error, request_id: REQUEST_ID });
}

/** As the gateway before it writes it. */
function flat(status: number, message: string, code: string): FailureRow {
  return row(status, { code, message, request_id: REQUEST_ID });
}

export function dashScopeRefusal(status: number, message: string, code: string): Refusal {
  return new Refusal(status, failed(status, message, code).body);
}

function invalid(message: string): Refusal {
  return dashScopeRefusal(400, `<400> InternalError.Algo.InvalidParameter: ${message}`, "invalid_parameter_error");
}

export const dashScopeFlavour: ChatFlavour = {
  ...plainFlavour,
  missingModel: () => invalid("model is required"),
  unknownModel: (id) =>
    dashScopeRefusal(404, `The model \`${id}\` does not exist or you do not have access to it.`, "model_not_found"),
  reasoningOff: (body) => body.enable_thinking === false,
  reasoningOn: (body) => body.enable_thinking === true,
  check(body, model, reasoning) {
    checkStreaming(body, model, reasoning);
    const forced = body.tool_choice === "required" || Object.keys(objectOf(body.tool_choice)).length > 0;
    if (reasoning && forced) {
      throw invalid("The tool_choice parameter does not support being set to required or object in thinking mode");
    }
    for (const part of objectsOf(body.messages).flatMap((message) => objectsOf(message.content))) {
      const data = stringOf(objectOf(part.input_audio).data);
      if (part.type === "input_audio" && !/^(?:data:|https?:)/.test(data)) {
        throw invalid("The provided URL does not appear to be valid. Ensure it is correctly formatted.");
      }
    }
  },
  reasoningField: "reasoning_content",
  refuse: () => {
    throw dashScopeRefusal(400, "Input data may contain inappropriate content.", "data_inspection_failed");
  },
  callId: (_name, _index, world) => world.id("call_", 22),
  usageDetails: (cachedTokens, reasoningTokens) => ({
    prompt_tokens_details: { cached_tokens: cachedTokens },
    completion_tokens_details: { reasoning_tokens: reasoningTokens },
  }),
  nullUsageInChunks: true,
  errorBody: {
    error: { message: "An internal error has occured, please try again later.", type: "internal_error", code: "internal_error" },
    request_id: REQUEST_ID,
  },
  failure: failureFrom({
    "rate-limit": flat(429, "Requests rate limit exceeded, please try again later.", "Throttling.RateQuota"),
    quota: flat(400, "Access denied, please make sure your account is in good standing.", "Arrearage"),
    "server-error": flat(500, "An internal error has occured, please try again later.", "InternalError"),
    unavailable: flat(503, "The service is unavailable, please try again later.", "ModelUnavailable"),
    overloaded: flat(503, "Your requests are being throttled as the server is busy.", "ModelServingError"),
    loading: flat(503, "The service is unavailable, please try again later.", "ModelUnavailable"),
    "context-overflow": failed(
      400,
      "<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 129024]",
      "invalid_parameter_error",
    ),
  }),
};

/** Open models may think only in a stream; some models do nothing else. */
function checkStreaming(body: JsonObject, model: FakeModel, reasoning: boolean): void {
  if (body.stream === true) return;
  if (/-omni-|^qwq|^qvq/.test(model.id)) {
    throw dashScopeRefusal(
      400,
      "This model only support stream mode, please enable the stream parameter to access the model. ",
      "invalid_parameter_error",
    );
  }
  if (reasoning && /^qwen3/.test(model.id)) {
    throw dashScopeRefusal(
      400,
      "parameter.enable_thinking must be set to false for non-streaming calls",
      "invalid_parameter_error",
    );
  }
}
