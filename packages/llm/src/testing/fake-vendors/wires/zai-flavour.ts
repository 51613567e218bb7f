/** z.ai: numbers in quotes for errors, its own word for a filtered answer. What it does not know it ignores. */
import { Refusal } from "../reply.ts";
import type { ChatFlavour } from "./chat-flavour.ts";
import { type FailureRow, failureFrom, row } from "./failure-table.ts";
import { isReasoningOff, isReasoningOn, plainFlavour } from "./plain-flavour.ts";

function failed(status: number, code: string, message: string): FailureRow {
  return row(status, { error: { code, message } });
}

export function zaiRefusal(status: number, code: string, message: string): Refusal {
  return new Refusal(status, failed(status, code, message).body);
}

export const zaiFlavour: ChatFlavour = {
  ...plainFlavour,
  missingModel: () => zaiRefusal(400, "1211", "Unknown Model, please check the model code."),
  unknownModel: () => zaiRefusal(400, "1211", "Unknown Model, please check the model code."),
  reasoningOff: isReasoningOff,
  reasoningOn: isReasoningOn,
  reasoningField: "reasoning_content",
  refusal: "filter",
  filterWord: "sensitive",
  roleInEveryChunk: true,
  callId: (_name, _index, world) => world.id("call_"),
  extras: (_read, _answer, usage) => ({ usage }),
  errorBody: { error: { code: "1234", message: "Network error, error id: fake, please try again later" } },
  failure: failureFrom({
    "rate-limit": failed(
      429,
      "1302",
      "High concurrency usage of this API, please reduce concurrency or contact customer service to increase limits",
    ),
    quota: failed(429, "1113", "Insufficient balance or no resource package. Please recharge."),
    "server-error": failed(500, "1230", "API call process error"),
    unavailable: failed(503, "1234", "Service Unavailable"),
    overloaded: failed(503, "1305", "The service may be temporarily overloaded, please try again later"),
    loading: failed(503, "1234", "Service Unavailable"),
    "context-overflow": failed(400, "1261", "Prompt exceeds max length"),
  }),
};
