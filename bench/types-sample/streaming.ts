/** Every kind of event, told apart by its type. */
import { createFold, fold, isTerminal, type Provider, type StreamEvent, type Usage, userMessage } from "@dragoman/llm";

export function describe(event: StreamEvent): string {
  switch (event.type) {
    case "start":
      return `${event.id} of ${event.origin.provider}`;
    case "text-delta":
    case "reasoning-delta":
    case "refusal-delta":
    case "tool-call-delta":
      return `${event.index}: ${event.text}`;
    case "tool-call-start":
      return `${event.name}(${event.id})`;
    case "text-start":
    case "text-end":
    case "reasoning-start":
    case "reasoning-end":
    case "refusal-start":
    case "refusal-end":
    case "tool-call-end":
      return `${event.index} ${event.vendor === undefined ? "" : "with data"}`;
    case "part":
      return event.part.type === "source" ? (event.part.url ?? "") : event.part.type;
    case "usage":
      return tokens(event.usage);
    case "warning":
      return event.warning.detail;
    case "restart":
      return event.reason;
    case "finish":
      return `${event.finish.reason} ${tokens(event.usage)} ${event.cost?.totalUsd ?? "?"} ${event.timing?.totalMs ?? "?"}`;
    case "error":
      return `${event.error.code} ${event.partial?.usage.outputTokens ?? "?"}`;
  }
}

function tokens({ inputTokens, outputTokens, reasoningTokens = 0 }: Usage): string {
  return `${inputTokens ?? "?"} + ${outputTokens ?? "?"} (${reasoningTokens})`;
}

export async function follow(provider: Provider, model: string): Promise<string> {
  const folded = createFold();
  const call = { model, messages: [userMessage("Hello")] };
  for await (const event of provider.stream(call)) {
    folded.push(event);
    if (isTerminal(event)) break;
  }
  const whole = await fold(provider.stream(call));
  return `${folded.completion().id} ${whole.id}`;
}
