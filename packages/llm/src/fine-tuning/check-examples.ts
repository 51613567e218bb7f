/** What would make a vendor refuse a training file an hour later, told before anything is sent. */
import type { TrainingExample } from "../fine-tune.ts";
import { type Message, textOf, toolCallsOf } from "../message.ts";

export interface ExampleMistake {
  /** Of the example, counted from 0. */
  readonly index: number;
  /** Within the example, as `messages[2]`. */
  readonly path: string;
  readonly detail: string;
}

/** All mistakes, in order. */
export function checkExamples(examples: readonly TrainingExample[]): readonly ExampleMistake[] {
  return examples.flatMap((example, index) => checkExample(example).map((mistake) => ({ index, ...mistake })));
}

type Mistake = Omit<ExampleMistake, "index">;

function checkExample({ messages, tools = [] }: TrainingExample): readonly Mistake[] {
  const last = messages.at(-1);
  if (last === undefined) return [{ path: "messages", detail: "there are none" }];
  const known = new Set(tools.flatMap((tool) => (tool.type === "vendor" ? [] : [tool.name])));
  return [
    ...(messages.some(({ role }) => role === "user") ? [] : [{ path: "messages", detail: "no user says anything" }]),
    ...checkAnswer(last, `messages[${messages.length - 1}]`),
    ...checkSystem(messages),
    ...checkCalls(messages, known),
    ...(tools.some((tool) => tool.type === "vendor")
      ? [{ path: "tools", detail: "a tool that the vendor runs cannot be trained" }]
      : []),
  ];
}

/** The end of an example is what is learnt. */
function checkAnswer(last: Message, path: string): readonly Mistake[] {
  if (last.role !== "assistant") return [{ path, detail: `it ends with ${last.role}; the last message must be the assistant's` }];
  if (textOf(last).trim() !== "" || toolCallsOf(last).length > 0) return [];
  return [{ path, detail: "the answer has neither text nor a tool call" }];
}

function checkSystem(messages: readonly Message[]): readonly Mistake[] {
  return messages.flatMap((message, index) =>
    message.role === "system" && index > 0 && messages[index - 1]?.role !== "system"
      ? [{ path: `messages[${index}]`, detail: "a system message may stand at the beginning only" }]
      : [],
  );
}

/** Every result needs its call, every call before the end its result, and every name its tool. */
function checkCalls(messages: readonly Message[], tools: ReadonlySet<string>): readonly Mistake[] {
  const open = new Map<string, string>();
  const mistakes: Mistake[] = [];
  for (const [index, message] of messages.entries()) {
    const path = `messages[${index}]`;
    if (message.role === "tool") {
      for (const { toolCallId } of message.parts) {
        if (!open.delete(toolCallId)) mistakes.push({ path, detail: `the result of ${toolCallId} follows no such call` });
      }
      continue;
    }
    for (const [id, at] of open) mistakes.push({ path: at, detail: `the call ${id} has no result before the next message` });
    open.clear();
    if (message.role !== "assistant") continue;
    for (const { id, name, invalid } of toolCallsOf(message)) {
      open.set(id, path);
      if (!tools.has(name)) mistakes.push({ path, detail: `there is no tool ${name} in the example's tools` });
      if (invalid !== undefined) mistakes.push({ path, detail: `the call of ${name}: ${invalid}` });
    }
  }
  return mistakes;
}
