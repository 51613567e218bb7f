/** Vertex AI over its fake: where requests go, what stands in them, and that signatures stay with their backend. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type CompletionCall,
  gemini,
  Secret,
  systemMessage,
  textOf,
  toolCallsOf,
  toolResult,
  userMessage,
  vertex,
} from "../../src/index.ts";
import type { FakeVendor } from "../../src/testing/fake-vendors/fake-vendor.ts";
import { startFakeVendor } from "../../src/testing/fake-vendors/start-fake-vendor.ts";

const CLAUDE = "claude-sonnet-4-5@20250929";
const messages = [userMessage("Hello.")];
const NOTHING_SET = { secrets: { environment: {} } };
const TOKEN = { type: "token", token: new Secret("access-token-1") } as const;
const TOOL = { name: "get_weather", description: "", inputSchema: { type: "object", properties: { city: { type: "string" } } } };

let fake: FakeVendor;
beforeAll(async () => {
  fake = await startFakeVendor("vertex");
});
afterAll(() => fake.close());

function provider(options: Parameters<typeof vertex>[0] = {}) {
  return vertex({
    project: "my-project",
    location: "us-central1",
    credentials: TOKEN,
    baseUrl: fake.baseUrl,
    ...NOTHING_SET,
    ...options,
  });
}

const PLACE = "/v1/projects/my-project/locations/us-central1";

describe("Gemini", () => {
  test("goes to its publisher under the project, whole, streamed and counted", async () => {
    const model = provider();
    const asked = fake.requests.length;
    const completion = await model.complete({ model: "gemini-2.5-flash", messages });
    expect(completion.origin).toEqual({ dialect: "gemini", provider: "vertex", backend: "vertex", model: "gemini-2.5-flash" });
    for await (const _event of model.stream({ model: "gemini-2.5-flash", messages })) void _event;
    const count = await model.countTokens({ model: "gemini-2.5-flash", messages: [systemMessage("Be brief."), ...messages] });
    expect(count).toMatchObject({ exact: true, method: "endpoint" });
    const requests = fake.requests.slice(asked);
    expect(requests.map(({ path }) => path)).toEqual(
      ["generateContent", "streamGenerateContent?alt=sse", "countTokens"].map(
        (method) => `${PLACE}/publishers/google/models/gemini-2.5-flash:${method}`,
      ),
    );
    expect(requests[0]?.headers.authorization).toBe("Bearer access-token-1");
    expect(requests[2]?.body).toHaveProperty("systemInstruction");
  });

  test("sends tags as labels", async () => {
    const completion = await provider().complete({ model: "gemini-2.5-flash", messages, metadata: { tags: { team: "search" } } });
    expect(completion.warnings).toEqual([]);
    expect(fake.requests.at(-1)?.body).toMatchObject({ labels: { team: "search" } });
  });

  test.each([
    ["v1", false],
    ["v1beta1", true],
  ] as const)("a tool loop over %s goes through, with ids of calls: %s", async (apiVersion, hasIds) => {
    const baseUrl = `${fake.url}/${apiVersion}`;
    const model = provider({ apiVersion, baseUrl });
    const call: CompletionCall = { model: "gemini-3-flash-preview", messages: [userMessage("Weather?")], tools: [TOOL] };
    const first = await model.complete(call);
    const [toolCall] = toolCallsOf(first.message);
    if (toolCall === undefined) throw new Error("no tool was called");
    const second = await model.complete({ ...call, messages: [...call.messages, first.message, toolResult(toolCall, "rain")] });
    expect(textOf(second.message)).toContain("rain");
    expect(JSON.stringify(fake.requests.at(-1)?.body).includes('"id"')).toBe(hasIds);
  });

  test("what AI Studio signed is not sent to Vertex AI", async () => {
    const studioFake = await startFakeVendor("gemini");
    const studio = gemini({ baseUrl: studioFake.baseUrl, key: new Secret("key-of-studio") });
    const call: CompletionCall = { model: "gemini-3-flash-preview", messages: [userMessage("Weather?")], tools: [TOOL] };
    const first = await studio.complete(call);
    await studioFake.close();
    const [toolCall] = toolCallsOf(first.message);
    if (toolCall === undefined) throw new Error("no tool was called");
    // The fake refuses a signature that is not its own.
    const second = await provider().complete({
      ...call,
      messages: [...call.messages, first.message, toolResult(toolCall, "rain")],
    });
    expect(second.warnings.map(({ type }) => type)).toContain("handoff");
    expect(JSON.stringify(fake.requests.at(-1)?.body)).toContain("skip_thought_signature_validator");
  });
});

describe("Claude", () => {
  test("goes to its publisher, with the model in the path and the version in the body", async () => {
    const model = provider();
    const asked = fake.requests.length;
    const completion = await model.complete({ model: CLAUDE, messages });
    expect(completion.origin).toMatchObject({ dialect: "anthropic-messages", provider: "vertex", backend: "vertex" });
    expect(completion.cost?.totalUsd).toBeGreaterThan(0);
    for await (const _event of model.stream({ model: CLAUDE, messages })) void _event;
    const [whole, streamed] = fake.requests.slice(asked);
    expect(whole?.path).toBe(`${PLACE}/publishers/anthropic/models/${CLAUDE}:rawPredict`);
    expect(whole?.body).toMatchObject({ anthropic_version: "vertex-2023-10-16" });
    expect(whole?.body).not.toHaveProperty("model");
    expect(whole?.headers["anthropic-version"]).toBeUndefined();
    expect(streamed?.path).toBe(`${PLACE}/publishers/anthropic/models/${CLAUDE}:streamRawPredict`);
  });

  test("counts tokens at the model of that name", async () => {
    await expect(provider().countTokens({ model: CLAUDE, messages })).resolves.toMatchObject({ exact: true });
    expect(fake.requests.at(-1)).toMatchObject({
      path: `${PLACE}/publishers/anthropic/models/count-tokens:rawPredict`,
      body: { model: CLAUDE },
    });
  });

  test("an alias leads to Claude too", async () => {
    const model = provider({ aliases: { smart: CLAUDE } });
    const { origin } = await model.complete({ model: "smart", messages });
    expect(origin.dialect).toBe("anthropic-messages");
  });
});

describe("the place", () => {
  test.each([
    ["global", "https://aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/google/models/m:generateContent"],
    [
      "europe-west4",
      "https://europe-west4-aiplatform.googleapis.com/v1/projects/p/locations/europe-west4/publishers/google/models/m:generateContent",
    ],
    ["eu", "https://aiplatform.eu.rep.googleapis.com/v1/projects/p/locations/eu/publishers/google/models/m:generateContent"],
  ])("%s has its host", async (location, expected) => {
    expect(await addressed({ project: "p", location, credentials: TOKEN })).toBe(expected);
  });

  test("in express mode a key stands for the project", async () => {
    const sent = await addressed({ key: new Secret("express-key-1") });
    expect(sent).toBe("https://aiplatform.googleapis.com/v1/publishers/google/models/m:generateContent");
    const express = vertex({ key: new Secret("express-key-1"), baseUrl: fake.baseUrl, ...NOTHING_SET });
    await express.complete({ model: "gemini-2.5-flash", messages });
    expect(fake.requests.at(-1)?.headers).toMatchObject({ "x-goog-api-key": "express-key-1" });
    expect(fake.requests.at(-1)?.headers.authorization).toBeUndefined();
    expect((await express.models()).every(({ source }) => source === "catalogue")).toBe(true);
  });

  test("a tuned model stands under the project itself", async () => {
    const sent = await addressed({ project: "p", credentials: TOKEN }, "endpoints/123");
    expect(sent).toBe("https://aiplatform.googleapis.com/v1/projects/p/locations/global/endpoints/123:generateContent");
  });

  test("nothing goes out without a project", async () => {
    const homeless = vertex({ credentials: TOKEN, baseUrl: fake.baseUrl, ...NOTHING_SET });
    const asked = fake.requests.length;
    await expect(homeless.complete({ model: "gemini-2.5-flash", messages })).rejects.toMatchObject({ code: "configuration" });
    await expect(homeless.availability()).resolves.toMatchObject({ available: false, reason: "no-key" });
    expect(fake.requests.length).toBe(asked);
  });

  test.each(["evil.com/", "us central1", "a@b"])("the location %j is refused", (location) => {
    expect(() => vertex({ project: "p", location, ...NOTHING_SET })).toThrow(/no name of a location/);
  });
});

test("lists the models of both publishers, and claims no bare id of theirs", async () => {
  const model = provider();
  const listed = await model.models();
  expect(listed.map(({ id }) => id)).toEqual(expect.arrayContaining(["gemini-2.5-flash", CLAUDE]));
  expect(["gemini-2.5-flash", "claude-sonnet-5", CLAUDE].map(model.supports)).toEqual([false, false, true]);
});

/** Where a completion would go. */
async function addressed(options: Parameters<typeof vertex>[0], model = "m"): Promise<string> {
  let url = "";
  const transport = {
    send: async (request: { readonly url: string }) => {
      url = request.url;
      throw new Error("nothing is sent");
    },
    close: async () => undefined,
  };
  await vertex({ transport, ...NOTHING_SET, ...options })
    .complete({ model, messages })
    .catch(() => undefined);
  return url;
}
