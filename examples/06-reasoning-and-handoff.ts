/** A conversation begun with one model goes on with another; the report says what could not come along. */
import { handoff, openai, reasoningOf, toolCallsOf, toolResult, userMessage } from "@dragoman/llm";
import { createOpenAIResponsesDialect } from "@dragoman/llm/dialects";
import { chooseModel } from "./model.ts";

const { provider, model } = chooseModel("sim:reasoner");
const question = userMessage("Is it warmer in Oslo or in Rome? Look it up.");
const tools = [{ name: "get_weather", inputSchema: { type: "object", properties: { city: { type: "string" } } } }];
const { message } = await provider.complete({ model, messages: [question], tools, reasoning: { effort: "low" } });
console.log(`thought: ${reasoningOf(message) || "(hidden)"}`);

// Providers do this by themselves before each call and put the report among the warnings; here it is done by hand.
const dialect = createOpenAIResponsesDialect();
const results = toolCallsOf(message).map((call) => toolResult(call, "Rome 24 °C, Oslo 18 °C"));
const { messages, report } = handoff([question, message, ...results], {
  dialect: dialect.id,
  provider: "openai",
  model: "gpt-mini",
  constraints: dialect.constraints,
  capabilities: openai().capabilities("gpt-mini"),
});
for (const item of report) console.log(`handoff: ${item.subject} ${item.action}, message ${item.message}: ${item.detail}`);
console.log(`${messages.length} messages are ready for ${dialect.id}`);
