import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { openai } from "../src/providers/openai.ts";
import { Secret } from "../src/secret.ts";

const EVENTS = [
  { choices: [{ index: 0, delta: { role: "assistant", content: "Hello" }, finish_reason: null }] },
  { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
]
  .map((fields) => `data: ${JSON.stringify({ id: "c1", object: "chat.completion.chunk", model: "gpt-4.1", ...fields })}\n\n`)
  .join("");

const CALL = { model: "gpt-4.1", messages: [{ role: "user" as const, parts: [{ type: "text" as const, text: "Hi" }] }] };

describe("the connection of a stream", () => {
  const servers = new Set<ReturnType<typeof createServer>>();
  afterEach(() => {
    for (const server of servers) server.close().closeAllConnections();
    servers.clear();
  });

  async function serve(answer: (response: ServerResponse) => void) {
    const sockets = new Set<unknown>();
    const server = createServer((request, response) => {
      sockets.add(request.socket);
      response.writeHead(200, { "content-type": "text/event-stream" });
      answer(response);
    });
    servers.add(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("the server has no port");
    const baseUrl = `http://127.0.0.1:${address.port}/v1`;
    return { sockets, provider: openai({ wire: "chat", baseUrl, key: new Secret("key") }) };
  }

  it("serves the next call, though the body ends later than the answer", async () => {
    const ends: (() => void)[] = [];
    const { provider, sockets } = await serve((response) => {
      response.write(`${EVENTS}data: [DONE]\n\n`);
      ends.push(() => response.end());
    });
    // How soon the end arrives is the system's affair; a connection that is given up would never serve a second call.
    let calls = 0;
    while (calls === sockets.size && calls < 50) {
      for await (const event of provider.stream(CALL)) expect(event.type).not.toBe("error");
      ends[calls]?.();
      calls += 1;
      await new Promise(setImmediate);
    }
    expect(sockets.size).toBeLessThan(calls);
  });

  it("is closed when the reader leaves before the end of the answer", async () => {
    const closed = Promise.withResolvers<void>();
    const { provider } = await serve((response) => {
      response.write(EVENTS.slice(0, EVENTS.indexOf("\n\n") + 2));
      response.once("close", () => closed.resolve());
    });
    for await (const event of provider.stream(CALL)) if (event.type === "text-delta") break;
    await closed.promise;
  });

  it("is closed when a vendor goes on sending after the end of its answer", async () => {
    const closed = Promise.withResolvers<void>();
    const { provider } = await serve((response) => {
      response.write(`${EVENTS}data: [DONE]\n\n`);
      response.write(`: ${"x".repeat(200_000)}\n\n`);
      response.once("close", () => closed.resolve());
    });
    for await (const event of provider.stream(CALL)) expect(event.type).not.toBe("error");
    await closed.promise;
  });
});
