import { type Content, FunctionCallingConfigMode, GoogleGenAI, type Part, Type } from "@google/genai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FakeVendor } from "../../src/testing/fake-vendors/fake-vendor.ts";
import { startFakeVendor } from "../../src/testing/fake-vendors/start-fake-vendor.ts";

const CITY = { type: Type.OBJECT, properties: { city: { type: Type.STRING } }, required: ["city"] };
const TOOLS = [
  {
    functionDeclarations: [
      { name: "get_weather", parameters: CITY },
      { name: "get_time", parametersJsonSchema: { type: "object", properties: {} } },
    ],
  },
];
const THIRD = "gemini-3-flash-preview";
const TEXT = "You said: “Grüße”. Naïve café – 世界 👩‍🚀 done.";

let vendor: FakeVendor;
let client: GoogleGenAI;
beforeAll(async () => {
  vendor = await startFakeVendor("gemini");
  client = new GoogleGenAI({ apiKey: "any", httpOptions: { baseUrl: vendor.url } });
});
afterAll(() => vendor.close());

async function post(
  path: string,
  body: unknown,
  headers: Record<string, string> = { "x-goog-api-key": "any" },
): Promise<Response> {
  return fetch(`${vendor.baseUrl}/${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

function user(text: string): Content {
  return { role: "user", parts: [{ text }] };
}

async function streamed(model: string, contents: Content[], config = {}): Promise<Part[]> {
  const parts: Part[] = [];
  for await (const chunk of await client.models.generateContentStream({ model, contents, config })) {
    parts.push(...(chunk.candidates?.[0]?.content?.parts ?? []));
  }
  return parts;
}

describe("the fake Gemini", () => {
  it("answers, and streams the same text", async () => {
    const whole = await client.models.generateContent({ model: "gemini-2.5-flash", contents: "Grüße" });
    expect(whole.text).toBe(TEXT);
    expect(whole.candidates?.[0]?.finishReason).toBe("STOP");
    const parts = await streamed("gemini-2.5-flash", [user("Grüße")]);
    expect(parts.map((part) => part.text).join("")).toBe(TEXT);
  });

  it("streams one JSON array where SSE is not asked for", async () => {
    const response = await post("models/gemini-2.5-flash:streamGenerateContent", { contents: [user("Grüße")] });
    expect(response.headers.get("content-type")).toMatch(/^application\/json/);
    const chunks: { candidates: { content: Content; finishReason?: string }[] }[] = JSON.parse(await response.text());
    expect(
      chunks
        .flatMap((chunk) => chunk.candidates[0]?.content.parts ?? [])
        .map((part) => part.text)
        .join(""),
    ).toBe(TEXT);
    expect(chunks.at(-1)?.candidates[0]?.finishReason).toBe("STOP");
  });

  it("signs the first of its parallel calls, and takes them back with their results", async () => {
    const contents = [user("in parallel")];
    const turn = (await streamed(THIRD, contents, { tools: TOOLS })).filter((part) => part.functionCall);
    expect(turn.map((part) => [part.functionCall?.name, part.thoughtSignature !== undefined])).toEqual([
      ["get_weather", true],
      ["get_time", false],
    ]);
    const results = turn.map(({ functionCall }) => ({
      functionResponse: {
        name: functionCall?.name ?? "",
        id: functionCall?.id ?? "",
        response: { output: `result of ${functionCall?.name}` },
      },
    }));
    const history = [...contents, { role: "model", parts: turn }, { role: "user", parts: results }];
    const answer = await client.models.generateContent({ model: THIRD, contents: history, config: { tools: TOOLS } });
    expect(answer.text).toContain("get_weather → result of get_weather; get_time → result of get_time");
  });

  it("obeys the function calling mode", async () => {
    const ask = async (functionCallingConfig: { mode: FunctionCallingConfigMode; allowedFunctionNames?: string[] }) =>
      (
        await client.models.generateContent({
          model: "gemini-2.5-flash",
          contents: "parallel",
          config: { tools: TOOLS, toolConfig: { functionCallingConfig } },
        })
      ).functionCalls;
    expect(await ask({ mode: FunctionCallingConfigMode.NONE })).toBeUndefined();
    expect(await ask({ mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ["get_time"] })).toMatchObject([
      { name: "get_time" },
    ]);
  });

  it("shows thoughts where they are asked for, and counts them beside the candidates", async () => {
    const config = { thinkingConfig: { includeThoughts: true, thinkingBudget: 100 } };
    const { candidates, usageMetadata } = await client.models.generateContent({
      model: "gemini-2.5-flash",
      contents: "hm",
      config,
    });
    expect(candidates?.[0]?.content?.parts).toMatchObject([
      { thought: true },
      { text: expect.any(String), thoughtSignature: expect.any(String) },
    ]);
    const { promptTokenCount = 0, candidatesTokenCount = 0, thoughtsTokenCount = 0, totalTokenCount } = usageMetadata ?? {};
    expect(thoughtsTokenCount).toBeGreaterThan(0);
    expect(totalTokenCount).toBe(promptTokenCount + candidatesTokenCount + thoughtsTokenCount);
    const parts = await streamed("gemini-2.5-flash", [user("hm")], config);
    expect(
      parts
        .filter((part) => part.thought)
        .map((part) => part.text)
        .join(""),
    ).toBe(candidates?.[0]?.content?.parts?.[0]?.text);
    expect(parts.some((part) => part.text === "" && part.thoughtSignature !== undefined)).toBe(true);
  });

  it("answers JSON of the schema in either spelling, sees an image, reads its cache", async () => {
    const ask = (schema: object) =>
      client.models.generateContent({
        model: "gemini-2.5-flash",
        contents: "a city",
        config: { responseMimeType: "application/json", ...schema },
      });
    expect(JSON.parse((await ask({ responseSchema: CITY })).text ?? "")).toEqual({ city: "city – é 🚀" });
    const plain = { type: "object", properties: { kind: { const: "town" } }, required: ["kind"], additionalProperties: false };
    expect(JSON.parse((await ask({ responseJsonSchema: plain })).text ?? "")).toEqual({ kind: "town" });
    const parts = [{ text: "look" }, { inlineData: { mimeType: "image/png", data: "AAAA" } }];
    const seen = await client.models.generateContent({ model: "gemini-2.5-flash", contents: [{ role: "user", parts }] });
    expect(seen.text).toContain("I saw image/png of 3 bytes.");
    const request = { model: "gemini-2.0-flash", contents: "cached", config: { systemInstruction: "a stable preface" } };
    expect((await client.models.generateContent(request)).usageMetadata?.cachedContentTokenCount).toBeUndefined();
    expect((await client.models.generateContent(request)).usageMetadata?.cachedContentTokenCount).toBe(3);
  });

  it("counts tokens, and lists its models", async () => {
    const counted = await client.models.countTokens({ model: THIRD, contents: "one two three" });
    expect(counted.totalTokens).toBe(4);
    const names: (string | undefined)[] = [];
    for await (const model of await client.models.list()) names.push(model.name);
    expect(names).toContain(`models/${THIRD}`);
    expect((await client.models.get({ model: THIRD })).inputTokenLimit).toBe(128_000);
  });
});

describe("what the fake Gemini refuses", () => {
  const call = { functionCall: { name: "get_weather", args: {} } };
  const result = { functionResponse: { name: "get_weather", response: { output: "x" } } };
  const tool = (parameters: object) => ({ tools: [{ functionDeclarations: [{ name: "f", parameters }] }] });
  const cases: [string, string, Record<string, unknown>, number, RegExp][] = [
    ["an unknown model", "gemini-none", {}, 404, /models\/gemini-none is not found/],
    ["no contents", THIRD, { contents: [] }, 400, /contents is not specified/],
    ["a foreign role", THIRD, { contents: [{ role: "assistant", parts: [{ text: "x" }] }] }, 400, /valid role: user, model/],
    ["an unknown field", THIRD, { seed: 1 }, 400, /Unknown name \\"seed\\"/],
    ["an unknown setting", THIRD, { generationConfig: { stop: "x" } }, 400, /Unknown name \\"stop\\" at 'generation_config'/],
    [
      "an unknown schema keyword",
      THIRD,
      tool({ type: "object", additionalProperties: false }),
      400,
      /Unknown name \\"additionalProperties\\"/,
    ],
    ["a list of types", THIRD, tool({ type: ["string", "null"] }), 400, /Proto field is not repeating/],
    [
      "an enum of numbers",
      THIRD,
      tool({ type: "object", properties: { a: { type: "integer", enum: ["1"] } } }),
      400,
      /only allowed for STRING/,
    ],
    [
      "an unsigned call of Gemini 3",
      THIRD,
      { contents: [user("x"), { role: "model", parts: [call] }, { role: "user", parts: [result] }] },
      400,
      /missing a thought_signature/,
    ],
    [
      "a forged signature",
      THIRD,
      {
        contents: [
          user("x"),
          { role: "model", parts: [{ ...call, thoughtSignature: "AAAA" }] },
          { role: "user", parts: [result] },
        ],
      },
      400,
      /Corrupted thought signature/,
    ],
    [
      "too few results",
      "gemini-2.5-flash",
      { contents: [user("x"), { role: "model", parts: [call, call] }, { role: "user", parts: [result] }] },
      400,
      /number of function response parts/,
    ],
    [
      "a result without its call",
      "gemini-2.5-flash",
      { contents: [{ role: "user", parts: [result] }] },
      400,
      /immediately after a function call turn/,
    ],
    [
      "thinking of a model without it",
      "gemini-2.0-flash",
      { generationConfig: { thinkingConfig: { thinkingBudget: 100 } } },
      400,
      /Thinking is not enabled/,
    ],
    [
      "a thinking level of Gemini 2.5",
      "gemini-2.5-flash",
      { generationConfig: { thinkingConfig: { thinkingLevel: "low" } } },
      400,
      /level is not supported/,
    ],
  ];
  it.each(cases)("%s", async (_name, model, change, status, message) => {
    const response = await post(`models/${model}:generateContent`, { contents: [user("x")], ...change });
    const text = await response.text();
    expect([response.status, JSON.parse(text)]).toMatchObject([status, { error: { code: status, status: expect.any(String) } }]);
    expect(text).toMatch(message);
  });

  it("nothing where an unsigned call brings the documented skip value", async () => {
    const signed = { ...call, thoughtSignature: "skip_thought_signature_validator" };
    const contents = [user("x"), { role: "model", parts: [signed] }, { role: "user", parts: [result] }];
    expect((await post(`models/${THIRD}:generateContent`, { contents })).status).toBe(200);
  });

  it("a bad key with 400, no key with 403, as Google does", async () => {
    const bad = await post(`models/${THIRD}:generateContent`, { contents: [user("x")] }, { "x-goog-api-key": "bad-key" });
    expect([bad.status, await bad.json()]).toMatchObject([400, { error: { details: [{ reason: "API_KEY_INVALID" }] } }]);
    expect((await post(`models/${THIRD}:generateContent`, { contents: [user("x")] }, {})).status).toBe(403);
  });
});
