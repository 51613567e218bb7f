/** Errors as Cohere spells them: an id and a sentence. Source: docs.cohere.com, "Errors", and answers of the service. */
import type { JsonObject } from "../../../json.ts";
import { Refusal } from "../reply.ts";
import { type FailureTable, failureFrom, row } from "./failure-table.ts";

export function cohereErrorBody(message: string): JsonObject {
  return { id: "5b1e7a52-fake-4c0d-9d7e-000000000000", message };
}

/** Default 400. */
export function cohereError(message: string, status = 400): Refusal {
  return new Refusal(status, cohereErrorBody(message));
}

export function cohereUnknownModel(id: string): Refusal {
  return cohereError(
    `model '${id}' not found, make sure the correct model ID was used and that you have access to the model.`,
    404,
  );
}

const UPGRADE =
  "You can continue to use the Trial key for free or upgrade to a Production key with higher rate limits at 'https://dashboard.cohere.com/api-keys'.";

const FAILURES: FailureTable = {
  "rate-limit": row(429, cohereErrorBody(`You are using a Trial key, which is limited to 20 API calls / minute. ${UPGRADE}`)),
  quota: row(429, cohereErrorBody(`You are using a Trial key, which is limited to 1000 API calls / month. ${UPGRADE}`)),
  "server-error": row(500, cohereErrorBody("internal server error, please contact support@cohere.com")),
  unavailable: row(503, cohereErrorBody("service unavailable")),
  overloaded: row(503, cohereErrorBody("the model is overloaded, please try again later")),
  loading: row(503, cohereErrorBody("service unavailable")),
  "context-overflow": row(
    400,
    cohereErrorBody(
      "too many tokens: total number of tokens in the prompt cannot exceed 128000 - received 131072. Try using a shorter prompt, or enabling prompt truncating.",
    ),
  ),
};

export const cohereFailure = failureFrom(FAILURES);
