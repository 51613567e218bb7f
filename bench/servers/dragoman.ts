/** `dragoman serve` as a user runs it, in front of one vendor of the OpenAI chat wire. */
import { createServer } from "@dragoman/gateway";
import { createRegistry, openai, Secret } from "@dragoman/llm";
import { serveParent } from "./serve-child.ts";

const baseUrl = process.argv[2] ?? "";
const registry = createRegistry([openai({ id: "vendor", wire: "chat", baseUrl: `${baseUrl}/v1`, key: new Secret("key") })]);
const server = createServer({ registry, version: "bench" });
serveParent(await server.listen({ port: 0 }));
