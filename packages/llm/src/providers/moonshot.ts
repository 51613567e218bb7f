import { MOONSHOT_ALIASES } from "../catalogue/aliases.ts";
import { MOONSHOT_FAMILIES } from "../catalogue/families.ts";
import type { MoonshotModel } from "../catalogue/model-names.generated.ts";
import { MOONSHOT_CATALOGUE } from "../catalogue/moonshot.generated.ts";
import type { OpenAIChatQuirks } from "../dialects/openai-chat/quirks.ts";
import { MOONSHOT_MFJS } from "../dialects/schema-profiles.ts";
import { isJsonObject } from "../json.ts";
import type { Provider } from "../provider.ts";
import type { HookContext, ProviderOptions } from "../provider-definition.ts";
import type { CompletionRequest } from "../request.ts";
import type { TokenCount } from "../tokens.ts";
import { openaiCompatible } from "./openai-compatible.ts";

/** Each line avoids a refusal or a loss of Moonshot's API. */
export const MOONSHOT_QUIRKS: OpenAIChatQuirks = {
  maxTokensField: "max_tokens",
  systemRoles: [],
  // "reasoning_content is missing in assistant tool call message"
  reasoningReplay: "reasoning_content",
  reasoningReplayRequired: true,
  reasoningRequest: { form: "thinking" },
  // tool_choice "required" is refused
  toolChoiceRequired: false,
  // image URLs are not fetched: inline, or ms:// by reference
  media: { image: ["data", "reference"], audio: [], file: [] },
  fileProvider: "moonshot",
  schema: MOONSHOT_MFJS,
  strictSchema: MOONSHOT_MFJS,
};

/** Kimi at Moonshot's API. Key: `env:MOONSHOT_API_KEY` unless given. */
export function moonshot(options: ProviderOptions = {}): Provider<MoonshotModel> {
  return openaiCompatible({
    id: "moonshot",
    name: "Moonshot",
    baseUrl: "https://api.moonshot.ai/v1",
    key: "env:MOONSHOT_API_KEY",
    quirks: MOONSHOT_QUIRKS,
    catalogue: MOONSHOT_CATALOGUE,
    families: MOONSHOT_FAMILIES,
    aliases: MOONSHOT_ALIASES,
    modelPrefixes: ["kimi-", "moonshot-"],
    hooks: { countTokens },
    embeddings: false,
    operations: {
      files: async (vendor) => {
        const [{ openaiFiles }, { MOONSHOT_FILES }] = await Promise.all([
          import("../files/openai-files.ts"),
          import("../files/file-quirks.ts"),
        ]);
        return openaiFiles(vendor, MOONSHOT_FILES);
      },
    },
    options,
  });
}

/** Moonshot's own count. Source: `POST /tokenizers/estimate-token-count` of its API reference. */
async function countTokens(
  request: CompletionRequest,
  { fetchJson, capabilities }: HookContext,
): Promise<TokenCount | undefined> {
  const { createOpenAIChatDialect } = await import("../dialects/openai-chat/index.ts");
  const { body } = createOpenAIChatDialect(MOONSHOT_QUIRKS).renderRequest(request, { stream: false, capabilities });
  const answer = await fetchJson("POST", "/tokenizers/estimate-token-count", { model: request.model, messages: body?.messages });
  const data = isJsonObject(answer) ? answer.data : undefined;
  const tokens = isJsonObject(data) ? data.total_tokens : undefined;
  return typeof tokens === "number" ? { tokens, exact: true, method: "endpoint" } : undefined;
}
