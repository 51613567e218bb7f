/** What follows from an error. */
import { DragomanError, ERROR_TABLE, type ErrorAction, type ErrorCode, toDragomanError } from "@dragoman/llm";

const NEXT: { readonly [Action in ErrorAction]: string } = {
  "fix-request": "correct it",
  "compact-context": "shorten it",
  "change-content": "say it otherwise",
  "check-key": "look at the key",
  "add-credit": "pay",
  wait: "wait",
  retry: "again",
  "switch-model": "another model",
  "switch-provider": "another vendor",
  "fix-configuration": "look at the settings",
  none: "nothing",
};

export function nextStep(thrown: unknown): string {
  const error = toDragomanError(thrown);
  if (error.code === "rate_limited") return `wait ${error.retryAfterMs ?? 1_000} ms`;
  if (error.code === "context_overflow" || error.scope === "model") return `${NEXT[error.action]}: ${error.model ?? "?"}`;
  return error.retryable ? "again" : ERROR_TABLE[error.code].advice;
}

export function isMine(thrown: unknown, codes: readonly ErrorCode[]): thrown is DragomanError {
  return DragomanError.is(thrown) && codes.includes(thrown.code);
}
