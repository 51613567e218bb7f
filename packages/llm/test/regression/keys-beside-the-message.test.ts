/** A key that the vendor repeats was taken out of an error's sentence, but not out of the code, field and request id beside it. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { DragomanError, openai, Secret, userMessage } from "../../src/index.ts";

const KEY = "no-known-shape-4711";

test("an error shows the key that was sent in none of its fields", async () => {
  const server = createServer((_request, response) => {
    response.writeHead(401, { "x-request-id": `req-${KEY}` });
    response.end(JSON.stringify({ error: { message: `wrong: ${KEY}`, code: `bad_${KEY}`, type: KEY, param: KEY } }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const provider = openai({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, key: new Secret(KEY) });
  const error = await provider.complete({ model: "m", messages: [userMessage("Hello")] }).catch((thrown: unknown) => thrown);
  server.close();
  if (!DragomanError.is(error)) throw new Error("no error of the table");
  expect(error).toMatchObject({ code: "authentication", vendorCode: "bad_***", field: "***", requestId: "req-***" });
  expect(JSON.stringify(error) + inspect(error, { depth: 9 })).not.toContain(KEY);
});
