/** A vendor of one's own, and a dialect at hand. */
import {
  type CapabilityFacts,
  type Completion,
  defineProvider,
  handoff,
  type JsonObject,
  type Message,
  openaiCompatible,
  type Provider,
  reasoningOf,
  textOf,
} from "@dragoman/llm";
import { createOpenAIChatDialect, type Dialect } from "@dragoman/llm/dialects";

const facts: CapabilityFacts = { streaming: true, tools: true, images: false, contextWindowTokens: 32_768 };
const dialect: Dialect = createOpenAIChatDialect();

export const short: Provider = openaiCompatible({ id: "acme", name: "Acme", baseUrl: "https://acme.example/v1" });
export const long: Provider = defineProvider({
  id: "acme-long",
  name: "Acme",
  baseUrl: "https://acme.example/v1",
  dialect,
  auth: { type: "bearer", key: "env:ACME_KEY" },
  families: [{ prefix: "", facts, evidence: "its documentation" }],
  hooks: { inspect: (completion) => (completion.finish.reason === "other" ? [{ type: "other", detail: "odd" }] : []) },
});

export function body(messages: readonly Message[]): JsonObject | undefined {
  const capabilities = long.capabilities("any");
  const target = { dialect: dialect.id, provider: long.id, model: "any", constraints: dialect.constraints, capabilities };
  const handed = handoff(messages, target);
  return dialect.renderRequest({ model: "any", messages: handed.messages }, { stream: false, capabilities }).body;
}

export function said({ message, vendor }: Completion): string {
  const signed = message.parts.some((part) => part.type === "reasoning" && part.vendor?.["anthropic-messages"] !== undefined);
  return `${textOf(message)} ${reasoningOf(message)} ${signed} ${vendor?.["openai-chat"] !== undefined}`;
}
