/** Several providers, and a model by its reference. */
import {
  anthropic,
  type Completion,
  createRegistry,
  deepseek,
  gemini,
  groq,
  mistral,
  ollama,
  openai,
  userMessage,
  xai,
} from "@dragoman/llm";

const registry = createRegistry([anthropic(), openai(), gemini(), groq(), mistral(), deepseek(), xai(), ollama()], {
  aliases: { fast: "groq:groq-small", good: "anthropic:claude-opus" },
});

export async function ask(reference: string): Promise<Completion> {
  const { provider, model } = registry.resolve(reference);
  return provider.complete({ model, messages: [userMessage("Hello")] });
}

export const known = [
  registry.resolve("anthropic:claude-sonnet"),
  registry.resolve("openai:gpt"),
  registry.resolve("gemini:gemini-flash"),
  registry.resolve("groq:groq"),
  registry.resolve("mistral:mistral-small"),
  registry.resolve("ollama:qwen3:4b"),
  registry.resolve("fast"),
];

export async function offers(): Promise<readonly string[]> {
  const { models, failures } = await registry.models();
  return [
    ...models.map(({ id, pricing }) => `${id} ${pricing?.inputPerMillionUsd ?? "?"}`),
    ...failures.map((one) => one.provider),
  ];
}
