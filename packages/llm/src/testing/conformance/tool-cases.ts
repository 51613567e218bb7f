import { isJsonObject } from "../../json.ts";
import { type Message, textOf, toolCallsOf, toolResult, userMessage } from "../../message.ts";
import type { ToolDefinition } from "../../tool.ts";
import { foldEvents } from "../laws.ts";
import type { ConformanceCase, OpenedProvider, ProviderSubject } from "./conformance-case.ts";
import { collect, expectGoodStream, expectTrue } from "./expect.ts";
import { withProvider } from "./with-provider.ts";

export const WEATHER_TOOL: ToolDefinition = {
  name: "get_weather",
  description: "Weather of a city.",
  inputSchema: {
    type: "object",
    properties: { city: { type: "string" }, days: { type: "integer", minimum: 1 } },
    required: ["city"],
    additionalProperties: false,
  },
};

export const TIME_TOOL: ToolDefinition = {
  name: "get_time",
  description: "Time in a zone.",
  inputSchema: { type: "object", properties: { zone: { type: "string", enum: ["UTC", "CET"] } }, required: ["zone"] },
};

export function toolCases(subject: ProviderSubject): readonly ConformanceCase[] {
  const model = subject.models.tools ?? "";
  const unavailable = subject.models.tools === undefined ? { unavailable: "no model calls tools" } : {};
  const noChoice = subject.lacks?.toolChoiceRequired === undefined ? {} : { unavailable: subject.lacks.toolChoiceRequired };

  async function loop(
    { provider }: OpenedProvider,
    prompt: string,
    streamed: boolean,
  ): Promise<{ calls: number; answer: string }> {
    const messages: Message[] = [userMessage(prompt)];
    const tools = [WEATHER_TOOL, TIME_TOOL];
    const first = streamed
      ? foldEvents(await goodEvents(provider.stream({ model, messages, tools })))
      : await provider.complete({ model, messages, tools });
    expectTrue(first.finish.reason === "tool-calls", `the first turn finished with ${first.finish.reason}`);
    const calls = toolCallsOf(first.message);
    for (const call of calls) {
      expectTrue(
        call.id !== "" && isJsonObject(call.arguments) && call.invalid === undefined,
        `a tool call is not usable: ${JSON.stringify(call)}`,
      );
    }
    expectTrue(new Set(calls.map((call) => call.id)).size === calls.length, "two tool calls have one id");
    messages.push(first.message, ...calls.map((call) => toolResult(call, `result-of-${call.name}`)));
    const second = await provider.complete({ model, messages, tools });
    return { calls: calls.length, answer: textOf(second.message) };
  }

  return [
    {
      name: "calls a tool and reads its result",
      ...unavailable,
      run: withProvider(subject, async (opened) => {
        const { calls, answer } = await loop(opened, "What is the weather?", false);
        expectTrue(calls === 1, `${calls} calls came`);
        expectTrue(answer.includes("result-of-get_weather"), `the answer does not hold the result: ${answer}`);
      }),
    },
    {
      name: "calls tools in parallel and reads all results",
      ...unavailable,
      run: withProvider(subject, async (opened) => {
        const { calls, answer } = await loop(opened, "Weather and time, in parallel please.", false);
        expectTrue(calls === 2, `${calls} calls came`);
        expectTrue(
          answer.includes("result-of-get_weather") && answer.includes("result-of-get_time"),
          `the answer does not hold both results: ${answer}`,
        );
      }),
    },
    {
      name: "streams parallel tool calls and goes on from them",
      ...unavailable,
      run: withProvider(subject, async (opened) => {
        const { calls, answer } = await loop(opened, "Weather and time, in parallel please.", true);
        expectTrue(calls === 2, `${calls} calls came`);
        expectTrue(answer.includes("result-of-get_time"), `the answer does not hold the result: ${answer}`);
      }),
    },
    {
      name: "calls no tool when told not to",
      ...unavailable,
      run: withProvider(subject, async ({ provider }) => {
        const completion = await provider.complete({
          model,
          messages: [userMessage("Hello.")],
          tools: [WEATHER_TOOL],
          toolChoice: "none",
        });
        expectTrue(toolCallsOf(completion.message).length === 0, "it called a tool");
      }),
    },
    {
      name: "calls the tool that is named",
      ...unavailable,
      ...noChoice,
      run: withProvider(subject, async ({ provider }) => {
        const completion = await provider.complete({
          model,
          messages: [userMessage("Hello.")],
          tools: [WEATHER_TOOL, TIME_TOOL],
          toolChoice: { tool: "get_time" },
        });
        expectTrue(toolCallsOf(completion.message)[0]?.name === "get_time", "it did not call get_time");
      }),
    },
    {
      name: "tells the model that a tool failed, and takes structured and empty results",
      ...unavailable,
      run: withProvider(subject, async ({ provider }) => {
        const tools = [WEATHER_TOOL, TIME_TOOL];
        const question = userMessage("Weather and time, in parallel please.");
        const first = await provider.complete({ model, messages: [question], tools });
        const [one, two] = toolCallsOf(first.message);
        expectTrue(one !== undefined && two !== undefined, "two calls were expected");
        const messages = [
          question,
          first.message,
          toolResult(one, { celsius: 21, sky: "clear" }),
          toolResult(two, "out of order", { isError: true }),
        ];
        const second = await provider.complete({ model, messages, tools });
        expectTrue(
          textOf(second.message).includes("21") && textOf(second.message).includes("out of order"),
          `the results did not arrive: ${textOf(second.message)}`,
        );
        const empty = await provider.complete({
          model,
          messages: [question, first.message, toolResult(one, ""), toolResult(two, "")],
          tools,
        });
        expectTrue(textOf(empty.message) !== "", "empty results were not taken");
      }),
    },
  ];
}

async function goodEvents(events: Parameters<typeof collect>[0]): ReturnType<typeof collect> {
  const collected = await collect(events);
  expectGoodStream(collected);
  return collected;
}
