/** OpenAI's own clients before OpenAI itself: the body goes on as it came. */
import type { PassThroughCodec } from "../../dialect.ts";
import { isJsonObject } from "../../json.ts";
import { OPENAI_CHAT } from "./vendor-data.ts";

export const passThrough: PassThroughCodec = {
  endMark: "data: [DONE]\n\n",
  parseRequest: ({ body }, { request }) =>
    isJsonObject(body) ? { dialect: OPENAI_CHAT, body, headers: {}, request } : undefined,
  renderRequest({ body }, { model, stream }) {
    const options = isJsonObject(body.stream_options) ? body.stream_options : {};
    const asked = stream ? { stream_options: { ...options, include_usage: true } } : {};
    return { method: "POST", path: "/chat/completions", headers: {}, body: { ...body, model, ...asked }, warnings: [] };
  },
  // The chunk after the last, without choices, comes only where usage was asked for.
  withholds: ({ data }, { body }) =>
    !(isJsonObject(body.stream_options) && body.stream_options.include_usage === true) && /"choices":\s*\[\s*\]/.test(data),
};
