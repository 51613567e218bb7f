import { describe, expect, test } from "vitest";
import { createFetchTransport } from "../../src/transport/fetch-transport.ts";
import { describeTransport, errorOf, post } from "./transport-suite.ts";

describeTransport("the fetch transport", {
  create: createFetchTransport,
  connectLimit: "firstByteMs",
  closesConnecting: false,
  cannot: { "tell a broken packing": "fetch reports a broken packing as it reports a broken connection" },
});

describe("the fetch transport's own fetch", () => {
  test("is the one that it was given", async () => {
    const seen: unknown[] = [];
    const transport = createFetchTransport({
      fetch: async (input, init) => {
        seen.push(input, init?.method, init?.redirect);
        return new Response("own", { headers: { "x-a": "1" } });
      },
    });
    const answer = await transport.send(post({ url: "https://api.example" }));
    expect([answer.status, answer.headers["x-a"], await answer.text()]).toEqual([200, "1", "own"]);
    expect(seen).toEqual(["https://api.example/v1/chat?key=SECRET-IN-QUERY", "POST", "manual"]);
  });

  test("may hide a redirect, which is a failure then", async () => {
    const hidden = Object.defineProperty(Response.error(), "type", { value: "opaqueredirect" });
    const transport = createFetchTransport({ fetch: async () => hidden });
    const error = await errorOf(transport.send(post({ url: "https://api.example" })));
    expect(error.code).toBe("connection_failed");
    expect(error.message).toContain("redirects");
  });
});
