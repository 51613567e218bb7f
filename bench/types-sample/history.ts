/** A long conversation with everything that a message may hold. */
import {
  type AssistantPart,
  assistantMessage,
  type CacheDirective,
  type Completion,
  type Message,
  mistral,
  type Part,
  reasoningOf,
  systemMessage,
  textOf,
  toolCallsOf,
  userMessage,
} from "@dragoman/llm";

const history: Message[] = [
  systemMessage("Be brief."),
  userMessage([
    { type: "text", text: "What is this?" },
    { type: "image", source: { type: "url", url: "https://example.org/one.png" }, detail: "low" },
    { type: "audio", mediaType: "audio/wav", source: { type: "data", data: "UklGRg==" } },
  ]),
  assistantMessage([
    { type: "reasoning", text: "Hm.", vendor: { "anthropic-messages": { signature: "abc" } } },
    { type: "tool-call", id: "1", name: "look", arguments: { closely: true } },
  ]),
  { role: "tool", parts: [{ type: "tool-result", toolCallId: "1", content: [{ type: "json", value: { colour: "red" } }] }] },
];
const cache: readonly CacheDirective[] = [{ stable: "system", timeToLive: "1h" }, { stable: { messages: 2 } }];

export function sizeOf(part: Part): number {
  if (part.type === "text" || part.type === "reasoning" || part.type === "refusal") return part.text.length;
  if (part.type === "tool-call") return JSON.stringify(part.arguments).length;
  if (part.type === "tool-result") return part.content.reduce((sum, one) => sum + sizeOf(one), 0);
  return 0;
}

export function kinds(parts: readonly AssistantPart[]): ReadonlyMap<AssistantPart["type"], number> {
  const counted = new Map<AssistantPart["type"], number>();
  for (const { type } of parts) counted.set(type, (counted.get(type) ?? 0) + 1);
  return counted;
}

export async function goOn(question: string): Promise<Completion> {
  const provider = mistral({ timeouts: { totalMs: 60_000 } });
  history.push(userMessage(question));
  const reasoning = { effort: "high", summary: "auto" } as const;
  const completion = await provider.complete({ model: "mistral-medium", messages: history, cache, reasoning });
  history.push(completion.message);
  const said = [textOf(completion.message), reasoningOf(completion.message), String(toolCallsOf(completion.message).length)];
  console.log(said.join("\n"), completion.cache?.hitTokens, completion.usage.cacheReadTokens, completion.timing?.firstTokenMs);
  return completion;
}
