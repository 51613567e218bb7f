/** A loop with tools: the model asks, the program answers, several calls at a time, until there is nothing more to ask. */
import { defineTool, type Message, textOf, toolCallsOf, toolResult, userMessage } from "@dragoman/llm";
import { z } from "zod";
import { chooseModel } from "./model.ts";

const City = z.object({ city: z.string() });
const tools = [
  defineTool({ name: "get_weather", description: "The weather of a city now.", input: City }),
  defineTool({ name: "get_time", description: "The local time of a city.", input: City }),
];

async function runTool(name: string, input: unknown): Promise<string> {
  const { city } = City.parse(input);
  return name === "get_weather" ? `18 °C and dry in ${city}` : `09:41 in ${city}`;
}

const { provider, model } = chooseModel();
const messages: Message[] = [userMessage("Weather and time in Oslo? Ask for both in parallel.")];
for (let turn = 0; turn < 8; turn++) {
  const { message } = await provider.complete({ model, messages, tools });
  messages.push(message);
  const calls = toolCallsOf(message);
  if (calls.length === 0) break;
  console.log(`turn ${turn + 1}: ${calls.map((call) => call.name).join(" and ")}`);
  const results = calls.map(async (call) => {
    try {
      return toolResult(call, await runTool(call.name, call.arguments));
    } catch (error) {
      return toolResult(call, String(error), { isError: true });
    }
  });
  messages.push(...(await Promise.all(results)));
}
for (const message of messages.slice(-1)) console.log(textOf(message));
