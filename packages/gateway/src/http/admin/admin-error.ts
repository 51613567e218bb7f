/** How the admin API tells of an error: one shape, with the table's code and its status. */
import { type DragomanError, ERROR_TABLE } from "@dragoman/llm";
import { errorForClient } from "../client-error.ts";

export interface AdminAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Answers hold keys, and figures of everybody: nothing on the way may keep them. */
export const ADMIN_HEADERS: Readonly<Record<string, string>> = {
  "content-type": "application/json; charset=utf-8",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};

export function renderAdminError(error: DragomanError, requestId: string | undefined): AdminAnswer {
  const { code, message, detail, advice, retryable, field, retryAfterMs } = errorForClient(error);
  return {
    status: ERROR_TABLE[code].httpStatus,
    headers: {
      ...ADMIN_HEADERS,
      ...(code === "authentication" ? { "www-authenticate": "Bearer" } : {}),
      ...(retryAfterMs === undefined ? {} : { "retry-after": String(Math.ceil(retryAfterMs / 1_000)) }),
    },
    body: {
      error: {
        code,
        message,
        detail,
        advice,
        retryable,
        ...(field === undefined ? {} : { field }),
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
        ...(requestId === undefined ? {} : { requestId }),
      },
    },
  };
}
