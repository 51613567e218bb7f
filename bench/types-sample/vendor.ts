/** What a program does with one vendor. The benchmark makes a copy of it for each of several vendors. */
import { anthropic, type Completion, retry, textOf, userMessage } from "@dragoman/llm";

export const provider = anthropic({ key: "env:ANY_KEY" });
const patient = retry(provider, { attemptsMax: 4 });

export async function ask(question: string): Promise<string> {
  const completion = await patient.complete({
    model: "claude-sonnet",
    messages: [userMessage(question)],
    maxOutputTokens: 400,
    reasoning: { effort: "low" },
    vendorOptions: { "anthropic-messages": { service_tier: "auto", betas: ["one-2026-01-01"] } },
  });
  return textOf(completion.message);
}

export async function askWithOptions(question: string): Promise<Completion> {
  const vendorOptions = {
    "openai-chat": { service_tier: "flex", verbosity: "low", logprobs: true },
    "openai-responses": { include: ["message.output_text.logprobs"], truncation: "auto" },
    gemini: { generationConfig: { candidateCount: 1, mediaResolution: "MEDIA_RESOLUTION_LOW" } },
    ollama: { keep_alive: "10m", options: { num_ctx: 8192 } },
  };
  return provider.complete({ model: "claude-opus", messages: [userMessage(question)], vendorOptions });
}

export async function* words(question: string): AsyncGenerator<string> {
  for await (const event of provider.stream({ model: "claude-haiku", messages: [userMessage(question)] })) {
    if (event.type === "text-delta") yield event.text;
    else if (event.type === "error") throw event.error;
  }
}

export async function price(question: string): Promise<number | undefined> {
  const { tokens } = await provider.countTokens({ model: "claude-haiku", messages: [userMessage(question)] });
  const rate = provider.pricing("claude-haiku")?.inputPerMillionUsd;
  const fits = tokens < (provider.capabilities("claude-haiku").contextWindowTokens ?? 0);
  return rate === undefined || !fits ? undefined : (tokens * rate) / 1_000_000;
}
