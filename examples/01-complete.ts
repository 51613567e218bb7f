/** One question, one answer. */
import { systemMessage, textOf, userMessage } from "@dragoman/llm";
import { chooseModel } from "./model.ts";

const { provider, model } = chooseModel();
const completion = await provider.complete({
  model,
  messages: [systemMessage("Answer in one sentence."), userMessage("Why is the sky blue?")],
});

console.log(textOf(completion.message));
console.log(`${completion.origin.provider}:${completion.origin.model} finished with ${completion.finish.reason}`);
for (const warning of completion.warnings) console.log(`note: ${warning.detail}`);
