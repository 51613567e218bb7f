/** Half a character in a model's name made `encodeURIComponent` throw a URIError where Gemini's path is written. */
import { expect, test } from "vitest";
import { UNKNOWN_CAPABILITIES } from "../../src/capabilities.ts";
import { createGeminiDialect } from "../../src/dialects/gemini/index.ts";
import { userMessage } from "../../src/message.ts";

test("such a name is refused by its field", () => {
  const request = { model: "gemini-\ud800", messages: [userMessage("Hi.")] };
  expect(() => createGeminiDialect().renderRequest(request, { stream: false, capabilities: UNKNOWN_CAPABILITIES })).toThrow(
    expect.objectContaining({ code: "invalid_request", field: "model" }),
  );
});
