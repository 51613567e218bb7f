/** What a client is told of a failure: the caller's or the vendor's fault in full, our own insides not at all. */
import { DragomanError, toDragomanError } from "@dragoman/llm";

/**
 * The error as it may leave the server. `internal` and `configuration` say what happened here, with paths and types; the
 * client learns that it did, and `onError` the rest.
 */
export function errorForClient(error: DragomanError): DragomanError {
  switch (error.code) {
    case "internal":
      return replaced(error, "the server failed on this request", "report it with the id in the x-request-id header");
    case "configuration":
      return replaced(error, "the server is not set up for this request", "ask whoever runs the server; its log has the reason");
    case "authentication":
    case "provider_unavailable":
      return KEY_PLACE.test(error.message) ? replaced(error, hidePlaces(error.detail), hidePlaces(error.advice)) : error;
    default:
      return error;
  }
}

/** Where a key lies on this machine, as `describeSecret` writes it. The name of a variable may be told. */
const KEY_PLACE = /\b(file|exec):\S+/;

function hidePlaces(text: string): string {
  return text.replace(new RegExp(KEY_PLACE, "g"), "$1:***");
}

function replaced(error: DragomanError, detail: string, advice: string): DragomanError {
  const { code, provider, model, status, request, requestId, retryable, cause } = error;
  return new DragomanError({ code, detail, advice, provider, model, status, request, requestId, retryable, cause });
}

/** Whatever was thrown on the way to an answer, Fastify's own refusals in our words. */
export function toServerError(thrown: unknown, bodyBytesMax: number): DragomanError {
  if (DragomanError.is(thrown)) return thrown;
  switch (codeOf(thrown)) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new DragomanError({
        code: "request_too_large",
        detail: `the body is larger than ${bodyBytesMax} bytes`,
        cause: thrown,
      });
    case "FST_ERR_CTP_INVALID_CONTENT_LENGTH":
      return invalid("the body is not as long as content-length says", "send the length of the body in bytes", thrown);
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return invalid("the content-type header cannot be read", "send application/json", thrown);
    case "FST_ERR_BAD_URL":
      return invalid("the path is not a valid URL path", "percent-encode the model's name", thrown);
    case "ECONNRESET":
      return new DragomanError({
        code: "aborted",
        detail: "the client went away before its request was complete",
        cause: thrown,
      });
    default:
      return toDragomanError(thrown);
  }
}

function codeOf(thrown: unknown): unknown {
  return typeof thrown === "object" && thrown !== null && "code" in thrown ? thrown.code : undefined;
}

function invalid(detail: string, advice: string, cause: unknown): DragomanError {
  return new DragomanError({ code: "invalid_request", detail, advice, cause });
}
