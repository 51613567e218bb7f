/** What one tenant does, another never sees: answers, calls, limits, models, sessions, and what a vendor keeps for all of them. */
import { Buffer } from "node:buffer";
import { afterAll, beforeAll, beforeEach, describe, it } from "vitest";
import { chat, startWorld, type World } from "./security-world.ts";

let world: World;
beforeAll(async () => {
  world = await startWorld({
    configuration: {
      cache: { enabled: true },
      limits: [{ name: "each-team", metric: "requests", amount: 40, window: { type: "rolling", ms: 3_600_000 }, each: ["team"] }],
    },
  });
});
afterAll(() => world.close());

let asked = 0;
beforeEach(() => {
  asked = world.openai.requests.length;
});

const post = (path: string, key: string, body: object, headers = {}) => world.send({ method: "POST", path, key, body, headers });

describe("a cached answer", () => {
  it("goes to the team that paid for it, and to no other", async ({ expect }) => {
    const { red, blue } = world.keys;
    const body = chat("fast", "the red tenant's question");
    for (const key of [red, red, blue]) expect((await post("/v1/chat/completions", key, body)).status).toBe(200);
    expect(world.openai.requests.length - asked).toBe(2);
  });

  it("is not had by naming the other's session, user or tags", async ({ expect }) => {
    const { red, blue } = world.keys;
    const body = { ...chat("fast", "another question"), user: "u", metadata: { team: "red" } };
    const headers = { "x-dragoman-session": "s", "x-dragoman-tags": "team=red,key=red-key", "x-dragoman-agent": "a" };
    await post("/v1/chat/completions", red, body, headers);
    await post("/v1/chat/completions", blue, body, headers);
    expect(world.openai.requests.length - asked).toBe(2);
  });
});

describe("calls and figures", () => {
  it("are for administrators alone", async ({ expect }) => {
    const { red, admin } = world.keys;
    await post("/v1/chat/completions", world.keys.blue, chat("fast", "of blue"));
    const page = JSON.parse((await world.send({ path: "/admin/v1/calls", key: admin })).text);
    const [{ id }] = page.calls;
    for (const path of [
      `/admin/v1/calls/${id}`,
      "/admin/v1/calls",
      `/admin/v1/calls?key=${world.ids.red}`,
      "/admin/v1/usage",
      "/admin/v1/limits",
      "/admin/v1/targets",
      "/admin/v1/teams",
      "/metrics",
    ]) {
      const { status, text } = await world.send({ path, key: red });
      expect([path, status]).toEqual([path, 403]);
      expect(text).not.toContain(world.ids.blue);
    }
    expect((await world.send({ path: `/admin/v1/calls/${id}`, key: admin })).status).toBe(200);
  });

  it("stand on the account of the key that asked, whatever the request says", async ({ expect }) => {
    const headers = {
      "x-dragoman-tags": "key=blue,team=blue",
      "x-dragoman-agent": "blue",
      "x-dragoman-team": "blue",
      "x-forwarded-user": "blue",
    };
    const answer = await post(
      "/v1/chat/completions",
      world.keys.red,
      { ...chat("fast", "whose?"), user: "blue", team: "blue" },
      headers,
    );
    const id = String(answer.headers["x-request-id"]);
    const call = await world.gateway.ledger.call(id);
    expect([call?.key, call?.team]).toEqual([world.ids.red, "red"]);
  });

  it("are not begun again under an id that the client chooses", async ({ expect }) => {
    const chosen = "00000000-0000-4000-8000-000000000000";
    const answer = await post("/v1/chat/completions", world.keys.red, chat("fast"), {
      "x-request-id": chosen,
      "request-id": chosen,
    });
    expect(answer.headers["x-request-id"]).not.toBe(chosen);
    expect(await world.gateway.ledger.call(chosen)).toBeUndefined();
  });
});

describe("limits", () => {
  it("of one tenant are not used up by another, nor told to it", async ({ expect }) => {
    const own = await startWorld({
      configuration: {
        limits: [
          { name: "each-team", metric: "requests", amount: 2, window: { type: "rolling", ms: 3_600_000 }, each: ["team"] },
        ],
      },
    });
    const ask = (key: string) => own.send({ method: "POST", path: "/v1/chat/completions", key, body: chat("fast") });
    const statuses: number[] = [];
    let refusal = "";
    for (const key of [own.keys.red, own.keys.red, own.keys.red, own.keys.blue]) {
      const { status, text } = await ask(key);
      statuses.push(status);
      if (status !== 200) refusal = text;
    }
    await own.close();
    expect(statuses).toEqual([200, 200, 429, 200]);
    expect(refusal).not.toMatch(/blue/);
  });
});

describe("models", () => {
  it("that a key may not use are neither listed nor found nor called, and sound as if there were none", async ({ expect }) => {
    const { key } = await world.gateway.tenancy.createKey({ name: "only-fast", restrictions: { models: ["fast"] } }, "test");
    for (const path of ["/v1/models", "/v1beta/models", "/api/tags", "/models"]) {
      const { text } = await world.send({ path, key });
      expect(text).toContain("fast");
      expect(text).not.toMatch(/deep|claude|gpt/);
    }
    const names = [
      "deep",
      "anthropic:claude-sonnet-4-5",
      "openai:gpt-4.1-mini",
      "constructor",
      "__proto__",
      "toString",
      "agent:x",
      "fast\u0000",
      "../deep",
    ];
    for (const name of names) {
      expect((await post("/v1/chat/completions", key, chat(name))).status, name).toBe(403);
      const shown = await world.send({ path: `/v1/models/${encodeURIComponent(name)}`, key });
      expect([403, 404], name).toContain(shown.status);
      const gemini = `/v1beta/models/${encodeURIComponent(name)}:generateContent`;
      expect([400, 403, 404]).toContain(
        (await post(gemini, key, { contents: [{ role: "user", parts: [{ text: "x" }] }] })).status,
      );
    }
    expect(world.anthropic.requests.filter(({ method }) => method === "POST")).toEqual([]);
  });

  it("named beside the one that was asked for are refused", async ({ expect }) => {
    const { status, text } = await post("/v1/chat/completions", world.keys.red, {
      ...chat("chat:gpt-4.1-mini"),
      models: ["openai/gpt-5-pro"],
    });
    expect([status, text]).toEqual([403, expect.stringContaining("models")]);
    expect(world.openai.requests.length).toBe(asked);
  });
});

describe("what a vendor keeps for the gateway's account", () => {
  const model = "openai:gpt-4.1-mini";
  const respond = (key: string, more: object) => post("/v1/responses", key, { model, input: "go on", ...more });

  it("is an answer that its own tenant may go on from, and no other", async ({ expect }) => {
    const { red, blue } = world.keys;
    const first = await respond(red, { input: "remember me", store: true });
    const { id } = JSON.parse(first.text);
    expect(first.status, first.text).toBe(200);
    const others = await respond(blue, { previous_response_id: id });
    expect([others.status, others.text]).toEqual([403, expect.stringContaining("previous_response_id")]);
    const streamed = await respond(blue, { previous_response_id: id, stream: true });
    expect(streamed.status).toBe(403);
    expect(world.openai.requests.length - asked).toBe(1);
    const own = await respond(red, { previous_response_id: id });
    expect([own.status, world.openai.requests.length - asked], own.text).toEqual([expect.any(Number), 2]);
  });

  it.for<[what: string, path: string, body: object]>([
    ["a guessed answer", "/v1/responses", { model, input: "x", previous_response_id: "resp_guessed" }],
    ["a conversation", "/v1/responses", { model, input: "x", conversation: "conv_1" }],
    ["a prompt", "/v1/responses", { model, input: "x", prompt: { id: "pmpt_1" } }],
    ["an item", "/v1/responses", { model, input: [{ type: "item_reference", id: "msg_1" }] }],
    ["a file", "/v1/responses", { model, input: [{ role: "user", content: [{ type: "input_file", file_id: "file-1" }] }] }],
    ["an image", "/v1/responses", { model, input: [{ role: "user", content: [{ type: "input_image", file_id: "file-1" }] }] }],
    ["a vector store", "/v1/responses", { model, input: "x", tools: [{ type: "file_search", vector_store_ids: ["vs_1"] }] }],
    ["a container", "/v1/responses", { model, input: "x", tools: [{ type: "code_interpreter", container: "cntr_1" }] }],
    [
      "files for a container",
      "/v1/responses",
      { model, input: "x", tools: [{ type: "code_interpreter", container: { type: "auto", file_ids: ["file-1"] } }] },
    ],
    [
      "a file, of chat",
      "/v1/chat/completions",
      { model, messages: [{ role: "user", content: [{ type: "file", file: { file_id: "file-1" } }] }] },
    ],
    [
      "a file, of Anthropic",
      "/v1/messages",
      {
        model: "deep",
        max_tokens: 5,
        messages: [{ role: "user", content: [{ type: "document", source: { type: "file", file_id: "file_1" } }] }],
      },
    ],
    [
      "a container, of Anthropic",
      "/v1/messages",
      { model: "deep", max_tokens: 5, container: "c_1", messages: [{ role: "user", content: "x" }] },
    ],
    [
      "an upload, of Anthropic",
      "/v1/messages",
      { model: "deep", max_tokens: 5, messages: [{ role: "user", content: [{ type: "container_upload", file_id: "file_1" }] }] },
    ],
    [
      "a cached prompt, of Gemini",
      "/v1beta/models/fast:generateContent",
      { cachedContent: "cachedContents/1", contents: [{ role: "user", parts: [{ text: "x" }] }] },
    ],
    [
      "a file, of Gemini",
      "/v1beta/models/fast:generateContent",
      {
        contents: [
          {
            role: "user",
            parts: [{ fileData: { mimeType: "image/png", fileUri: "https://generativelanguage.googleapis.com/v1beta/files/1" } }],
          },
        ],
      },
    ],
    [
      "a bucket",
      "/v1beta/models/fast:generateContent",
      { contents: [{ role: "user", parts: [{ fileData: { mimeType: "image/png", fileUri: "gs://ours/secret.png" } }] }] },
    ],
    [
      "a bucket, of chat",
      "/v1/chat/completions",
      { model, messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "s3://ours/secret.png" } }] }] },
    ],
  ])("is not reached by naming %s", async ([, path, body], { expect }) => {
    const before = world.openai.requests.length + world.anthropic.requests.length;
    const { status, text } = await post(path, world.keys.red, body);
    expect([400, 403], `${status} ${text}`).toContain(status);
    expect(world.openai.requests.length + world.anthropic.requests.length).toBe(before);
  });
});

describe("what a client writes where our names stand", () => {
  it("does not reach the prototypes of ours", async ({ expect }) => {
    const bodies = [
      '{"model":"fast","__proto__":{"admin":true},"messages":[{"role":"user","content":"x"}]}',
      '{"model":"fast","messages":[{"role":"user","content":"x","\\u005f_proto__":{"admin":true}}]}',
      '{"model":"fast","constructor":{"prototype":{"admin":true}},"messages":[{"role":"user","content":"x"}]}',
    ];
    for (const body of bodies) await world.send({ method: "POST", path: "/v1/chat/completions", key: world.keys.red, body });
    await post("/v1/chat/completions", world.keys.red, chat("fast"), { "x-dragoman-tags": "__proto__=x,constructor=y" });
    expect(Reflect.get({}, "admin")).toBeUndefined();
    expect((await world.send({ path: "/admin/v1/keys", key: world.keys.red })).status).toBe(403);
  });

  it("is data and no template", async ({ expect }) => {
    const tricks = [
      ["$", "{7*7}"].join(""),
      "{{7*7}}",
      "<%= 7*7 %>",
      "#{7*7}",
      "{{constructor.constructor('return process')()}}",
      "$(id)",
      "`id`",
    ];
    const answer = await post("/v1/chat/completions", world.keys.red, chat("fast", tricks.join(" ")));
    expect(JSON.stringify(world.openai.requests.at(-1)?.body)).toContain(JSON.stringify(tricks.join(" ")).slice(1, -1));
    expect(answer.text).not.toContain("49");
    expect(Buffer.from(answer.text).includes("uid=")).toBe(false);
  });
});
