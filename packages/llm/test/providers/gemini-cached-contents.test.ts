/** Cache directives with a time to live as objects at Google's, at both of its doors. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createCachedContentsCodec, createGeminiDialect } from "../../src/dialects/gemini/index.ts";
import {
  type CacheDirective,
  type CompletionCall,
  gemini,
  Secret,
  systemMessage,
  UNKNOWN_CAPABILITIES,
  userMessage,
  vertex,
} from "../../src/index.ts";
import type { HookContext } from "../../src/provider-definition.ts";
import { createCachedContentKeeper } from "../../src/providers/google/cached-contents.ts";
import type { FakeVendor } from "../../src/testing/fake-vendors/fake-vendor.ts";
import { startFakeVendor } from "../../src/testing/fake-vendors/start-fake-vendor.ts";

const MODEL = "gemini-2.5-flash";
const TOOL = { name: "get_weather", description: "", inputSchema: { type: "object", properties: { city: { type: "string" } } } };
const HANDBOOK = systemMessage("handbook ".repeat(3_000).trim());
const HOUR: readonly CacheDirective[] = [{ stable: "system", timeToLive: "1h" }];

let fake: FakeVendor;
afterEach(() => fake.close());

const objectRequests = () => fake.requests.filter(({ path }) => path.includes("cachedContents"));
const bodies = () => fake.requests.filter(({ path }) => path.includes("enerateContent")).map(({ body }) => body);

function ask(question: string, more: Partial<CompletionCall> = {}): CompletionCall {
  return { model: MODEL, messages: [HANDBOOK, userMessage(question)], tools: [TOOL], toolChoice: "none", cache: HOUR, ...more };
}

describe("at AI Studio", () => {
  beforeEach(async () => {
    fake = await startFakeVendor("gemini");
  });
  const studio = (options: Parameters<typeof gemini>[0] = {}) =>
    gemini({ baseUrl: fake.baseUrl, key: new Secret("key-of-studio"), ...options });

  test("an object is made once and named by every call; system and tools are not sent again", async () => {
    const provider = studio();
    const first = await provider.complete(ask("One?"));
    const second = await provider.complete(ask("Two?"));
    expect(objectRequests()).toHaveLength(1);
    expect(objectRequests()[0]?.body).toMatchObject({
      model: `models/${MODEL}`,
      ttl: "3600s",
      toolConfig: { functionCallingConfig: { mode: "NONE" } },
    });
    for (const body of bodies()) {
      expect(body).toMatchObject({ cachedContent: expect.stringMatching(/^cachedContents\//) });
      expect(Object.keys(body as object).sort()).toEqual(["cachedContent", "contents"]);
    }
    expect(first.warnings.map(({ detail }) => detail)).toEqual([
      expect.stringMatching(/a cached content of 3\d\d\d tokens was made/),
    ]);
    expect(second.warnings).toEqual([]);
    expect(second.cache?.hitTokens).toBeGreaterThan(3_000);
    expect(second.cache?.savedUsd).toBeGreaterThan(0);
  });

  test("calls at the same time make one object", async () => {
    const provider = studio();
    await Promise.all(["One?", "Two?", "Three?"].map((question) => provider.complete(ask(question))));
    expect(objectRequests()).toHaveLength(1);
  });

  test("a beginning of the conversation is kept with it; only what follows is sent", async () => {
    const history = [HANDBOOK, userMessage("One?"), { role: "assistant", parts: [{ type: "text", text: "Two." }] } as const];
    const cache: CacheDirective[] = [{ stable: { messages: 3 }, timeToLive: "5m" }];
    await studio().complete(ask("", { messages: [...history, userMessage("Three?")], cache }));
    expect(objectRequests()[0]?.body).toMatchObject({ ttl: "300s", contents: [{ role: "user" }, { role: "model" }] });
    expect(bodies()[0]).toMatchObject({ contents: [{ role: "user", parts: [{ text: "Three?" }] }] });
  });

  test("something is always left to be sent", async () => {
    await studio().complete(ask("One?", { cache: [{ stable: { messages: 2 }, timeToLive: "5m" }] }));
    expect(bodies()[0]).toMatchObject({ contents: [{ role: "user", parts: [{ text: "One?" }] }] });
  });

  test("another beginning gets another object", async () => {
    const provider = studio();
    await provider.complete(ask("One?"));
    await provider.complete(ask("One?", { tools: [{ ...TOOL, name: "get_time" }] }));
    expect(objectRequests()).toHaveLength(2);
  });

  test("without a time to live nothing is made", async () => {
    await studio().complete(ask("One?", { cache: [{ stable: "system" }] }));
    expect(objectRequests()).toHaveLength(0);
  });

  test("nothing is made of what is too short, and the answer says so", async () => {
    const messages = [systemMessage("Be brief."), userMessage("One?")];
    const { warnings } = await studio().complete(ask("", { messages }));
    expect(objectRequests()).toHaveLength(0);
    expect(warnings.map(({ detail }) => detail)).toContainEqual(expect.stringMatching(/and Google keeps 1024 or more/));
  });

  test("a refusal of the object sends the whole prompt, with a warning, and is not asked for again at once", async () => {
    const provider = studio();
    // By length enough, by the fake's count too little.
    const messages = [systemMessage("x".repeat(20_000)), userMessage("One?")];
    const first = await provider.complete(ask("", { messages }));
    const second = await provider.complete(ask("", { messages }));
    for (const { warnings, finish } of [first, second]) {
      expect(finish.reason).toBe("stop");
      expect(warnings.map(({ detail }) => detail)).toContainEqual(expect.stringMatching(/nothing was kept.*too small/));
    }
    expect(objectRequests()).toHaveLength(1);
    expect(bodies().every((body) => body !== null && typeof body === "object" && "systemInstruction" in body)).toBe(true);
  });

  test("an object that is gone is made anew, also for a stream", async () => {
    const provider = studio();
    await provider.complete(ask("One?"));
    await deleteAll();
    await expect(provider.complete(ask("Two?"))).resolves.toMatchObject({ finish: { reason: "stop" } });
    await deleteAll();
    const types: string[] = [];
    for await (const event of provider.stream(ask("Three?"))) types.push(event.type);
    expect(types.at(-1)).toBe("finish");
    expect(objectRequests().filter(({ method }) => method === "POST")).toHaveLength(3);
  });

  test("objects are deleted at the end, or left to expire", async () => {
    for (const atClose of ["expire", "delete"] as const) {
      const provider = studio({ cachedContents: { atClose } });
      await provider.complete(ask("One?"));
      await provider.close?.();
    }
    expect(objectRequests().map(({ method }) => method)).toEqual(["POST", "POST", "DELETE"]);
  });

  test("false turns it off", async () => {
    await studio({ cachedContents: false }).complete(ask("One?"));
    expect(objectRequests()).toHaveLength(0);
  });

  /** As if their time were over. */
  async function deleteAll(): Promise<void> {
    const named = bodies().map((body) => (body as { readonly cachedContent?: string }).cachedContent);
    for (const name of new Set(named)) {
      if (name !== undefined) await fetch(`${fake.baseUrl}/${name}`, { method: "DELETE", headers: { "x-goog-api-key": "key" } });
    }
  }
});

test("at Vertex AI the object stands under the project", async () => {
  fake = await startFakeVendor("vertex");
  const credentials = { type: "token", token: new Secret("access-token-1") } as const;
  const secrets = { environment: {} };
  const provider = vertex({ project: "my-project", location: "us-central1", credentials, baseUrl: fake.baseUrl, secrets });
  const { cache } = await provider.complete(ask("One?"));
  const place = "projects/my-project/locations/us-central1";
  expect(objectRequests()[0]).toMatchObject({
    path: `/v1/${place}/cachedContents`,
    body: { model: `${place}/publishers/google/models/${MODEL}` },
  });
  expect(bodies()[0]).toMatchObject({ cachedContent: expect.stringMatching(new RegExp(`^${place}/cachedContents/`)) });
  expect(cache?.hitTokens).toBeGreaterThan(3_000);
});

describe("the time of an object", () => {
  beforeEach(async () => {
    fake = await startFakeVendor("gemini");
  });

  test("is extended while it is in use, and an object that is over is made anew", async () => {
    const log: string[] = [];
    let time = 0;
    let refuses = false;
    const fetchJson: HookContext["fetchJson"] = async (method, path, body) => {
      log.push(`${method} ${path} ${JSON.stringify(body).slice(0, 20)}`);
      if (refuses) throw new Error("no");
      return { name: `cachedContents/${log.length}` };
    };
    const keeper = createCachedContentKeeper({
      provider: "gemini",
      backend: "ai-studio",
      resourceOf: (model) => `models/${model}`,
      load: async () => ({ dialect: createGeminiDialect(), codec: createCachedContentsCodec() }),
      now: () => time,
      objectsMax: 1,
    });
    const objectAt = async (seconds: number, question = ask("One?")) => {
      time = seconds * 1000;
      const { request, warnings } = await keeper.prepare(question, { capabilities: UNKNOWN_CAPABILITIES, fetchJson });
      return [request.cache?.[0]?.object, warnings?.length];
    };
    expect(await objectAt(0)).toEqual(["cachedContents/1", 1]);
    expect(await objectAt(2_000)).toEqual(["cachedContents/1", 0]);
    expect(await objectAt(3_000)).toEqual(["cachedContents/1", 0]);
    expect(log.at(-1)).toBe('PATCH /cachedContents/1?updateMask=ttl {"ttl":"3600s"}');
    expect(await objectAt(6_000)).toEqual(["cachedContents/1", 0]);
    expect(log).toHaveLength(3);
    refuses = true;
    expect(await objectAt(9_000)).toEqual(["cachedContents/1", 1]);
    refuses = false;
    expect(await objectAt(9_700)).toEqual(["cachedContents/5", 1]);
    // One name is remembered: another part takes its place.
    await objectAt(9_701, ask("One?", { model: "gemini-2.5-flash-lite" }));
    expect(await objectAt(9_702)).toEqual(["cachedContents/7", 1]);
  });
});
