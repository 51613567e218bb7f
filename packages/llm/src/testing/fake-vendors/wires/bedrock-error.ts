/** Errors as AWS spells them: the kind in a header, the words in the body. */
import type { FailureKind, Fault } from "../faults.ts";
import { retryHeaders } from "../generate.ts";
import { jsonReply, Refusal, type WholeReply } from "../reply.ts";
import type { FakeWorld } from "../world.ts";

const KIND_OF_STATUS: Readonly<Record<number, string>> = {
  403: "AccessDeniedException",
  404: "ResourceNotFoundException",
  405: "UnknownOperationException",
  413: "RequestEntityTooLargeException",
};

/** Default 400, `ValidationException`. */
export function bedrockError(message: string, status = 400, kind = KIND_OF_STATUS[status] ?? "ValidationException"): Refusal {
  return new Refusal(status, { message }, errorHeaders(kind, "00000000-0000-4000-8000-000000000000"));
}

/** Errors of the front door, which spells the field with a capital. */
export function frontDoorError(kind: string, message: string, status = 403): Refusal {
  return new Refusal(status, { Message: message }, errorHeaders(kind, "00000000-0000-4000-8000-000000000000"));
}

function errorHeaders(kind: string, requestId: string): Record<string, string> {
  return {
    "x-amzn-errortype": `${kind}:http://internal.amazon.com/coral/com.amazon.bedrock/`,
    "x-amzn-requestid": requestId,
  };
}

const FAILURES: Readonly<Record<FailureKind, readonly [status: number, kind: string, message: string]>> = {
  "rate-limit": [429, "ThrottlingException", "Too many requests, please wait before trying again."],
  quota: [400, "ServiceQuotaExceededException", "Your request exceeds the service quota for your account."],
  "server-error": [
    500,
    "InternalServerException",
    "The system encountered an unexpected error during processing. Try your request again.",
  ],
  unavailable: [503, "ServiceUnavailableException", "The service is unavailable. Please try again later."],
  overloaded: [503, "ServiceUnavailableException", "Bedrock is unable to process your request."],
  loading: [429, "ModelNotReadyException", "The model specified in the request is not ready to serve inference requests."],
  "context-overflow": [400, "ValidationException", "Input is too long for requested model."],
};

export function bedrockFailure(kind: FailureKind, _model: string, retryAfter: Fault["retryAfter"], world: FakeWorld): WholeReply {
  const [status, type, message] = FAILURES[kind];
  const headers = { ...errorHeaders(type, world.id("", 24)), ...retryHeaders(retryAfter) };
  return jsonReply(status, { message }, headers);
}
