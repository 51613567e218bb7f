/**
 * Amazon Bedrock's Converse wire, both ways.
 *
 * - `families.ts` is what differs between the models behind it; `model-settings.ts` and `parse-model-settings.ts` are
 *   sampling and thinking by family.
 * - `request.ts`, the `render-*` files up to `render-messages.ts`, `tools.ts` and `cache-points.ts` make a request.
 * - `response.ts`, `stream.ts` with `stream-blocks.ts`, `parse-blocks.ts`, `usage.ts`, `finish.ts`, `citations.ts` and
 *   `error.ts` read what comes back.
 * - `parse-request.ts`, `parse-messages.ts` and `check-block.ts` read a client's request; `render-response.ts`,
 *   `render-answer.ts`, `render-stream.ts` and `event-frame.ts` answer it.
 */
import type { Dialect } from "../../dialect.ts";
import { countTokensCodec } from "./count-tokens.ts";
import { parseError, renderError } from "./error.ts";
import { modelsCodec } from "./models.ts";
import { parseRequest } from "./parse-request.ts";
import { renderResponse } from "./render-response.ts";
import { BedrockStreamRenderer } from "./render-stream.ts";
import { renderRequest } from "./request.ts";
import { parseResponse } from "./response.ts";
import { BedrockStreamParser } from "./stream.ts";
import { BEDROCK } from "./vendor-data.ts";

export { PROFILE_REGIONS, plainModelId } from "./families.ts";
export { FOUNDATION_MODELS_PATH, INFERENCE_PROFILES_PATH, modelsCodec, parseInferenceProfiles } from "./models.ts";
export { type BedrockConverseVendorData, S3 } from "./vendor-data.ts";

/** Bedrock's Converse wire. */
export function createBedrockConverseDialect(): Dialect {
  return {
    id: BEDROCK,
    framing: "aws-event-stream",
    constraints: {
      // Source: `ToolUseBlock.toolUseId`. Mistral's models want less; the codec maps those itself.
      toolCallId: { pattern: /^[a-zA-Z0-9_-]+$/, lengthMax: 64 },
      media: {
        image: ["data", "reference"],
        audio: ["data", "reference"],
        file: ["data", "reference"],
        toolResultImage: ["data", "reference"],
      },
      reasoning: "signed",
    },
    renderRequest,
    parseResponse,
    parseStream: (context) => new BedrockStreamParser(context),
    parseError,
    parseRequest,
    renderResponse,
    renderStream: () => new BedrockStreamRenderer(),
    renderError,
    countTokens: countTokensCodec,
    models: modelsCodec,
  };
}
