/** Where a page of calls ends. Opaque to callers. */
import { DragomanError } from "@dragoman/llm";

/** Calls are ordered by when they began, and by id where they began at the same moment. */
export interface CallPosition {
  readonly startedAt: number;
  readonly id: string;
}

export function renderCursor({ startedAt, id }: CallPosition): string {
  return Buffer.from(`${startedAt}:${id}`).toString("base64url");
}

/** Throws `invalid_request` for what is no cursor. */
export function parseCursor(cursor: string): CallPosition {
  const match = /^(\d{1,16}):(.+)$/s.exec(Buffer.from(cursor, "base64url").toString());
  const [, startedAt, id] = match ?? [];
  if (startedAt === undefined || id === undefined)
    throw new DragomanError({ code: "invalid_request", detail: "this is no cursor of a page of calls", field: "cursor" });
  return { startedAt: Number(startedAt), id };
}
