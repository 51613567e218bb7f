/** Policies over policies. */
import {
  anthropic,
  type Clock,
  cache,
  compose,
  continueAnswer,
  createSessionUsage,
  fallback,
  gemini,
  limit,
  openai,
  type Provider,
  type ResponseStore,
  retry,
  route,
  structuredOutput,
  trackUsage,
  userMessage,
  wrapProvider,
} from "@dragoman/llm";

const usage = createSessionUsage();

export const careful = compose(anthropic(), retry, (one) => limit(one, { concurrency: 4 }), structuredOutput);
export const counted = trackUsage(cache(continueAnswer(openai())), usage);
export const either = fallback([
  careful,
  { provider: counted, model: "gpt-mini" },
  { provider: gemini(), model: "gemini-flash" },
]);
export const routed = route([{ provider: careful }, { provider: counted, model: "gpt" }]);

export function logged(provider: Provider, log: (line: string) => void): Provider {
  return wrapProvider(provider, {
    stream: (call) => {
      log(call.model);
      return provider.stream(call);
    },
    complete: async (call) => {
      const completion = await provider.complete(call);
      log(`${completion.origin.model} ${completion.usage.outputTokens ?? "?"}`);
      return completion;
    },
  });
}

export async function ask(): Promise<number> {
  const messages = [userMessage("Hello")];
  const answers = await Promise.all([
    careful.complete({ model: "claude-sonnet", messages, metadata: { session: "one" } }),
    counted.complete({ model: "gpt", messages }),
    either.complete({ model: "claude-opus", messages }),
    logged(routed, console.log).complete({ model: "gpt-mini", messages }),
  ]);
  return answers.reduce((sum, { cost }) => sum + (cost?.totalUsd ?? 0), usage.of("one")?.costUsd ?? 0);
}

export type Used = readonly [Clock, ResponseStore];
