import type { OpenAIChatQuirks } from "../dialects/openai-chat/quirks.ts";
import type { Provider } from "../provider.ts";
import type { ProviderOptions } from "../provider-definition.ts";
import { openaiCompatible } from "./openai-compatible.ts";

/** Each line avoids a refusal or a loss of vLLM's API. */
export const VLLM_QUIRKS: OpenAIChatQuirks = {
  maxTokensField: "max_tokens",
  systemRoles: [],
  topKField: "top_k",
};

/** vLLM. Key: `env:VLLM_API_KEY` unless given. */
export function vllm(options: ProviderOptions = {}): Provider {
  return openaiCompatible({
    id: "vllm",
    name: "vLLM",
    baseUrl: "http://127.0.0.1:8000/v1",
    key: "env:VLLM_API_KEY",
    keyOptional: true,
    startHint: "start it with: vllm serve MODEL",
    quirks: VLLM_QUIRKS,
    options,
  });
}
