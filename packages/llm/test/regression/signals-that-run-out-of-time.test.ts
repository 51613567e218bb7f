/** A signal's own time limit was told as an abort by the caller. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { createFetchTransport, createUndiciTransport, openai, Secret, userMessage } from "../../src/index.ts";

test.each([
  ["undici", createUndiciTransport],
  ["fetch", createFetchTransport],
])("over %s it is a timeout, which no further attempt with that signal helps", async (_name, createTransport) => {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = openai({ baseUrl, key: new Secret("any-key"), transport: createTransport() });
  const call = { model: "m", messages: [userMessage("Hello")], signal: AbortSignal.timeout(20) };
  await expect(provider.complete(call)).rejects.toMatchObject({ code: "timeout", retryable: false });
  await expect(provider.complete(call)).rejects.toMatchObject({ code: "timeout", retryable: false });
  server.closeAllConnections();
  server.close();
});
