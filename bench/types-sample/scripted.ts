/** A test without a model. */
import { checkOutput, type OutputRequest, userMessage } from "@dragoman/llm";
import { createScriptedProvider, createSimulator } from "@dragoman/llm/testing";

const output: OutputRequest = {
  type: "json",
  schema: { type: "object", properties: { title: { type: "string" } }, required: ["title"] },
  strict: true,
};

export async function title(): Promise<unknown> {
  const provider = createScriptedProvider([{ text: '{"title":"One"}' }, { error: "rate_limited" }]);
  const call = { model: "any", messages: [userMessage("A title.")], output };
  return checkOutput(await provider.complete(call), call);
}

export const simulator = createSimulator();
