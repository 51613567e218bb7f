/** What goes wrong has a code from one table. Policies wrap a provider; `retry` repeats only what is safe to repeat. */
import { DragomanError, retry, textOf, userMessage } from "@dragoman/llm";
import { chooseModel } from "./model.ts";

// The simulator's model of this name is rate limited at the first request.
const { provider, model } = chooseModel("sim:fault-429-once");
const patient = retry(provider, {
  attemptsMax: 4,
  firstDelayMs: 10,
  onRetry: ({ number, delayMs, error }) => console.log(`attempt ${number}: ${error.code}, again in ${Math.round(delayMs)} ms`),
});
const messages = [userMessage("Hello")];
const { message } = await patient.complete({ model, messages, timeouts: { totalMs: 60_000 } });
console.log(textOf(message));

try {
  await patient.complete({ model: "no-such-model", messages });
} catch (error) {
  if (!DragomanError.is(error)) throw error;
  console.log(`${error.code}: retryable ${error.retryable}, action ${error.action}`);
  console.log(error.message);
}
