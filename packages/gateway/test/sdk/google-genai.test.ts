/** `@google/genai`, as it comes, against this server. */
import { ApiError, type GenerateContentResponse, GoogleGenAI } from "@google/genai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { BACKENDS, EMBEDDERS, type GatewayUnderTest, startGateway, VIRTUAL_KEY } from "../gateway-under-test.ts";
import { PARALLEL_QUESTION, Person, PIXEL, PIXEL_BYTES, POLL, RESULTS, TOOLS } from "./conversation.ts";

let gateway: GatewayUnderTest;
let client: GoogleGenAI;

beforeAll(async () => {
  gateway = await startGateway({ governed: true });
  client = new GoogleGenAI({ apiKey: VIRTUAL_KEY, httpOptions: { baseUrl: gateway.url } });
});
afterAll(() => gateway.close());

const GEMINI_TOOLS = [
  {
    functionDeclarations: TOOLS.map(({ name, description, input }) => ({ name, description, parametersJsonSchema: input })),
  },
];

type Part = NonNullable<NonNullable<NonNullable<GenerateContentResponse["candidates"]>[number]["content"]>["parts"]>[number];

function partsOf(answer: GenerateContentResponse): readonly Part[] {
  return answer.candidates?.[0]?.content?.parts ?? [];
}

async function collect(stream: AsyncIterable<GenerateContentResponse>): Promise<readonly GenerateContentResponse[]> {
  const chunks: GenerateContentResponse[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

describe.each(BACKENDS)("google genai in front of %s", (backend) => {
  it("completes", async () => {
    const answer = await client.models.generateContent({ model: gateway.text(backend), contents: "hello" });
    expect(answer.text).toContain("You said: “hello”");
    expect(answer.candidates?.[0]?.finishReason).toBe("STOP");
    expect(answer.usageMetadata?.totalTokenCount).toBeGreaterThan(0);
  });

  it("streams what it would have completed, with usage", async () => {
    const chunks = await collect(await client.models.generateContentStream({ model: gateway.text(backend), contents: "hello" }));
    const text = chunks.flatMap(partsOf).map((part) => part.text ?? "");
    expect(text.join("")).toContain("You said: “hello”. Naïve café – 世界 👩‍🚀 done.");
    expect(chunks.length).toBeGreaterThan(1);
    expect(chunks.at(-1)?.candidates?.[0]?.finishReason).toBe("STOP");
    expect(chunks.at(-1)?.usageMetadata?.totalTokenCount).toBeGreaterThan(0);
  });

  it.each([false, true])("runs a loop of parallel tool calls, streamed: %s", async (streamed) => {
    const question = { role: "user", parts: [{ text: PARALLEL_QUESTION }] };
    const first = { model: gateway.text(backend), contents: [question], config: { tools: GEMINI_TOOLS } };
    const said = streamed
      ? (await collect(await client.models.generateContentStream(first))).flatMap(partsOf)
      : partsOf(await client.models.generateContent(first));
    const calls = said.flatMap((part) => (part.functionCall === undefined ? [] : [part.functionCall]));
    expect(calls.map((call) => [call.name, Object.keys(call.args ?? {})])).toEqual([
      ["get_weather", ["city"]],
      ["get_time", ["zone"]],
    ]);
    const results = calls.map(({ id, name = "" }) => ({
      functionResponse: { ...(id === undefined ? {} : { id }), name, response: { output: RESULTS[name] } },
    }));
    const last = await client.models.generateContent({
      ...first,
      contents: [question, { role: "model", parts: [...said] }, { role: "user", parts: results }],
    });
    for (const result of Object.values(RESULTS)) expect(last.text).toContain(result);
  });

  it("shows an image", async () => {
    const answer = await client.models.generateContent({
      model: gateway.text(backend),
      contents: ["what is it?", { inlineData: { mimeType: "image/png", data: PIXEL } }],
    });
    expect(answer.text).toContain(PIXEL_BYTES);
  });

  it("gives structured output by a JSON schema", async () => {
    const answer = await client.models.generateContent({
      model: gateway.text(backend),
      contents: "who?",
      config: { responseMimeType: "application/json", responseJsonSchema: z.toJSONSchema(Person) },
    });
    const person: unknown = JSON.parse(answer.text ?? "");
    expect(Person.parse(person)).toEqual(person);
  });

  // OpenAI's chat wire keeps its reasoning to itself.
  it.skipIf(backend === "openai-chat")("shows thoughts, streamed and whole (OpenAI's chat wire tells none)", async () => {
    const asked = {
      model: gateway.reasoning(backend),
      contents: "think",
      config: { thinkingConfig: { includeThoughts: true, thinkingBudget: 2000 } },
    };
    const whole = partsOf(await client.models.generateContent(asked));
    const streamed = (await collect(await client.models.generateContentStream(asked))).flatMap(partsOf);
    for (const parts of [whole, streamed]) {
      const thoughts = parts.flatMap((part) => (part.thought === true ? [part.text ?? ""] : []));
      expect(thoughts.join("")).toContain("Let me think");
    }
  });

  it("counts the tokens of contents", async () => {
    const count = await client.models.countTokens({ model: gateway.text(backend), contents: "one two three" });
    expect(count.totalTokens).toBeGreaterThanOrEqual(3);
  });

  it("stops the vendor when the client aborts", async () => {
    const controller = new AbortController();
    const stream = await client.models.generateContentStream({
      model: gateway.fault(backend, "fault-stall"),
      contents: "hello there, how are you",
      config: { abortSignal: controller.signal },
    });
    const read = async (): Promise<void> => {
      for await (const chunk of stream) if (chunk.text) controller.abort();
    };
    await expect(read()).rejects.toThrow();
    await expect.poll(() => gateway.wasAborted(backend), POLL).toBe(true);
  });

  it("tells of a rate limit", async () => {
    const asked = client.models.generateContent({ model: gateway.fault(backend, "fault-429-retry-after"), contents: "hi" });
    const error = await asked.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 429 });
    expect(error instanceof ApiError ? error.message : "").toContain('"retryDelay":"1s"');
  });

  it("does not end a stream that fails as if it were complete", async () => {
    const stream = await client.models.generateContentStream({
      model: gateway.fault(backend, "fault-error-in-200"),
      contents: "one two three four five",
    });
    let text = "";
    const finishes: unknown[] = [];
    const read = async (): Promise<void> => {
      for await (const chunk of stream) {
        text += chunk.text ?? "";
        finishes.push(chunk.candidates?.[0]?.finishReason);
      }
    };
    await expect(read()).rejects.toThrow(ApiError);
    expect(text).not.toBe("");
    expect(finishes).not.toContain("STOP");
  });
});

describe.each(EMBEDDERS)("google genai embeddings in front of %s", (_backend, model) => {
  it("embeds several texts in order, for a task and of a length", async () => {
    const { embeddings = [] } = await client.models.embedContent({
      model,
      contents: ["the cat", "a share", "the cat"],
      config: { taskType: "RETRIEVAL_DOCUMENT", outputDimensionality: 32 },
    });
    expect(embeddings.map(({ values }) => values?.length)).toEqual([32, 32, 32]);
    expect(embeddings[2]?.values).toEqual(embeddings[0]?.values);
    expect(embeddings[1]?.values).not.toEqual(embeddings[0]?.values);
  });

  it("embeds the one content of embedContent", async () => {
    const body = JSON.stringify({ content: { parts: [{ text: "the cat" }] } });
    const response = await fetch(`${gateway.url}/v1beta/models/${model}:embedContent`, {
      method: "POST",
      headers: { "x-goog-api-key": VIRTUAL_KEY },
      body,
    });
    expect(await response.json()).toMatchObject({ embedding: { values: expect.any(Array) } });
  });
});

describe("google genai", () => {
  it("refuses an unknown model as not found", async () => {
    const asked = client.models.generateContent({ model: "nobody:nothing", contents: "hi" });
    await expect(asked).rejects.toMatchObject({ status: 404 });
  });

  it("lists the models of all providers, and one by its name", async () => {
    const names: (string | undefined)[] = [];
    for await (const model of await client.models.list()) names.push(model.name);
    for (const backend of BACKENDS) expect(names).toContain(`models/${gateway.text(backend)}`);
    const model = await client.models.get({ model: gateway.text("gemini") });
    expect(model.name).toBe(`models/${gateway.text("gemini")}`);
  });

  it("works under the stable version of the path", async () => {
    const stable = new GoogleGenAI({ apiKey: VIRTUAL_KEY, apiVersion: "v1", httpOptions: { baseUrl: gateway.url } });
    const answer = await stable.models.generateContent({ model: gateway.text("sim"), contents: "hello" });
    expect(answer.text).toContain("hello");
    const names: (string | undefined)[] = [];
    for await (const model of await stable.models.list()) names.push(model.name);
    expect(names).toContain(`models/${gateway.text("sim")}`);
  });
});
