/** The framing of chunks for a client: server-sent events with `alt=sse`, else one JSON array that grows. */
import type { JsonObject } from "../../json.ts";
import type { Usage } from "../../usage.ts";
import { type AnswerHead, headFields } from "./answer-body.ts";
import { usageMetadataOf } from "./usage.ts";
import type { WirePart } from "./wire.ts";

export class AnswerChunks {
  readonly #sse: boolean;
  #count = 0;

  constructor(sse: boolean) {
    this.#sse = sse;
  }

  get contentType(): string {
    return this.#sse ? "text/event-stream" : "application/json; charset=UTF-8";
  }

  frame(body: JsonObject): string {
    const json = JSON.stringify(body);
    const first = this.#count++ === 0;
    if (this.#sse) return `data: ${json}\r\n\r\n`;
    return first ? `[${json}` : `,\r\n${json}`;
  }

  /** The terminator; at least one chunk has gone out before. */
  end(): string {
    return this.#sse ? "" : "]";
  }

  /** One answer with these parts, as every chunk is. */
  answer(head: AnswerHead, usage: Usage, parts: readonly WirePart[], candidate: JsonObject, extra: JsonObject = {}): string {
    const content = { parts: [...parts], role: "model" };
    return this.frame({ candidates: [{ content, ...candidate }], ...usageFields(usage, head), ...headFields(head), ...extra });
  }

  /** An answer without candidates. */
  bare(head: AnswerHead, usage: Usage, extra: JsonObject): string {
    return this.frame({ ...usageFields(usage, head), ...headFields(head), ...extra });
  }
}

function usageFields(usage: Usage, head: AnswerHead): JsonObject {
  const usageMetadata = usageMetadataOf(usage, head);
  return usageMetadata === undefined ? {} : { usageMetadata };
}
