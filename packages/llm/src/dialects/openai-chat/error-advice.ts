/** The next step for refusals that only one vendor has: what its operator has to turn on, what its model cannot do. */
import { DragomanError } from "../../errors.ts";
import type { ErrorAdvice } from "./quirks.ts";

export function withAdvice(error: DragomanError, known: readonly ErrorAdvice[]): DragomanError {
  const found = known.find(({ says }) => says.test(error.detail));
  if (found === undefined) return error;
  const { code, detail, provider, model, status, request, field, retryAfterMs, requestId, vendorCode, retryable, cause } = error;
  const { advice } = found;
  return new DragomanError({
    code,
    detail,
    provider,
    model,
    status,
    request,
    field,
    retryAfterMs,
    requestId,
    vendorCode,
    retryable: found.retryable ?? retryable,
    cause,
    advice,
  });
}
