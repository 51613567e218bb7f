/** The answer as it comes. A stream never throws: it ends in `finish` or `error`. */
import { createFold, textOf, userMessage } from "@dragoman/llm";
import { chooseModel } from "./model.ts";

const { provider, model } = chooseModel();
const answer = createFold();
for await (const event of provider.stream({ model, messages: [userMessage("Count from one to five in words.")] })) {
  answer.push(event);
  if (event.type === "text-delta") process.stdout.write(event.text);
  if (event.type === "error") throw event.error;
}

const { message, finish, usage } = answer.completion();
console.log(`\n${textOf(message).length} characters, ${usage.outputTokens ?? "unknown"} tokens, finished with ${finish.reason}`);
