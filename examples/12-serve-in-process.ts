/** Dragoman's server inside a program: one model, asked in three vendors' languages with nothing but `fetch`. */
import { createServer } from "@dragoman/gateway";
import { modelReference, registry } from "./model.ts";

const server = createServer({ registry, onError: (error) => console.error(error.message) });
const url = await server.listen({ port: 0 });
const model = modelReference();
const messages = [{ role: "user", content: "Hello" }];

async function ask(path: string, body: object): Promise<unknown> {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

console.log("OpenAI:", JSON.stringify(await ask("/v1/chat/completions", { model, messages })));
console.log("Anthropic:", JSON.stringify(await ask("/v1/messages", { model, messages, max_tokens: 200 })));
console.log("Ollama:", JSON.stringify(await ask("/api/chat", { model, messages, stream: false })));
await server.close();
