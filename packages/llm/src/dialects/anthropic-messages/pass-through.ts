/** Anthropic's own clients before Anthropic itself: the body goes on as it came, with the version and the betas that it was written for. */
import type { PassThroughCodec } from "../../dialect.ts";
import { isJsonObject } from "../../json.ts";
import { VERSION } from "./request.ts";
import { DIALECT } from "./vendor-data.ts";

/** The headers that are part of the wire. No other leaves. */
const HEADERS = ["anthropic-version", "anthropic-beta"] as const;

export const passThrough: PassThroughCodec = {
  parseRequest({ body, headers }, { request }) {
    if (!isJsonObject(body)) return undefined;
    const kept = HEADERS.flatMap((name) => {
      const value = headers[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    return { dialect: DIALECT, body, headers: Object.fromEntries(kept), request };
  },
  renderRequest: ({ body, headers }, { model }) => ({
    method: "POST",
    path: "/messages",
    headers: { "anthropic-version": VERSION, ...headers },
    body: { ...body, model },
    warnings: [],
  }),
};
