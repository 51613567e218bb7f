/** Errors as OpenAI spells them; most compatible servers do alike. */
import { Refusal } from "../reply.ts";

export interface OpenAiErrorFields {
  readonly type?: string;
  readonly param?: string | null;
  readonly code?: string | number | null;
  readonly status?: number;
}

export function openAiError(message: string, fields: OpenAiErrorFields = {}): Refusal {
  const { type = "invalid_request_error", param = null, code = null, status = 400 } = fields;
  return new Refusal(status, { error: { message, type, param, code } });
}
