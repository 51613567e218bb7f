/** A loop with tools. */
import {
  type AssistantMessage,
  checkArguments,
  defineTool,
  type Message,
  openai,
  type ToolCallPart,
  type ToolMessage,
  toolCallsOf,
  toolResult,
  userMessage,
} from "@dragoman/llm";

const tools = [
  defineTool({
    name: "get_weather",
    description: "The weather of a city now.",
    input: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
  }),
  defineTool({ name: "get_time", description: "The time of a city now.", input: { type: "object", properties: {} } }),
];

export async function run(question: string): Promise<AssistantMessage> {
  const provider = openai();
  const messages: Message[] = [userMessage(question)];
  for (;;) {
    const { message, finish } = await provider.complete({ model: "gpt-mini", messages, tools, toolChoice: "auto" });
    messages.push(message);
    if (finish.reason !== "tool-calls") return message;
    messages.push(...(await Promise.all(toolCallsOf(message).map(answer))));
  }
}

async function answer(call: ToolCallPart): Promise<ToolMessage> {
  if (call.invalid !== undefined) return toolResult(call, call.invalid, { isError: true });
  const checked = await checkArguments(call, tools);
  return toolResult(call, { checked: String(checked !== undefined), celsius: 18 });
}
