/** OpenAI's own clients before OpenAI itself: the body goes on as it came. */
import type { PassThroughCodec } from "../../dialect.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import { isMadeItemId } from "./made-ids.ts";
import { OPENAI_RESPONSES } from "./vendor-data.ts";

export const passThrough: PassThroughCodec = {
  // An answer in the background is waited for, and is then another than the first.
  parseRequest: ({ body }, { request }) =>
    isJsonObject(body) && body.background !== true && !hasMadeItems(body)
      ? { dialect: OPENAI_RESPONSES, body, headers: {}, request }
      : undefined,
  renderRequest: ({ body }, { model }) => ({
    method: "POST",
    path: "/responses",
    headers: {},
    body: { ...body, model },
    warnings: [],
  }),
};

/** Items of another maker's answer stand under ids that OpenAI never gave. */
function hasMadeItems({ input }: JsonObject): boolean {
  return Array.isArray(input) && input.some((item) => isJsonObject(item) && isMadeItemId(item.id));
}
