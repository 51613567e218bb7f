/** A vendor of your own that speaks OpenAI's chat wire, from facts alone. Here it is Dragoman's own server on loopback. */
import { createServer } from "@dragoman/gateway";
import { createRegistry, openaiCompatible, textOf, userMessage } from "@dragoman/llm";
import { modelReference, registry } from "./model.ts";

const server = createServer({ registry });
const url = await server.listen({ port: 0 });

const mine = openaiCompatible({
  id: "mine",
  name: "My vendor",
  baseUrl: `${url}/v1`,
  key: "env:MINE_API_KEY",
  keyOptional: true,
  // What this vendor does otherwise than OpenAI; see docs/quirks.md.
  quirks: { maxTokensField: "max_tokens", systemRoles: [] },
  capabilities: { streaming: true, tools: true },
});
const { provider, model } = createRegistry([mine]).resolve(`mine:${modelReference()}`);
const availability = await provider.availability();
console.log(availability.available ? availability.detail : availability.nextStep);
const { message, origin } = await provider.complete({ model, messages: [userMessage("Hello")], maxOutputTokens: 100 });
console.log(`${origin.provider} over ${origin.dialect}: ${textOf(message)}`);
await server.close();
