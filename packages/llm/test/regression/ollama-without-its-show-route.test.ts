/** A server of Ollama's wire that has no `/api/show` could not be asked anything, though only the model's window is looked up there. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { ollama, textOf, userMessage } from "../../src/index.ts";

async function asked(shown: { readonly status: number; readonly body: string }) {
  const server = createServer((request, response) => {
    const isShow = request.url === "/api/show";
    response.statusCode = isShow ? shown.status : 200;
    response.end(isShow ? shown.body : JSON.stringify({ model: "m", message: { role: "assistant", content: "Hi" }, done: true }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const provider = ollama({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  try {
    return textOf((await provider.complete({ model: "m", messages: [userMessage("Hello")] })).message);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test("is asked with a window by the prompt alone", async () => {
  expect(await asked({ status: 404, body: "404 page not found" })).toBe("Hi");
});

test("and a model that is missing is still said to be", async () => {
  const body = JSON.stringify({ error: "model 'm' not found" });
  await expect(asked({ status: 404, body })).rejects.toMatchObject({ code: "model_not_found" });
});
