/** What no client should send, in every served wire: each is refused in that wire's own words, and the server lives on. */
import { createRegistry } from "@dragoman/llm";
import { createSimulator } from "@dragoman/llm/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createServer, type DragomanServer } from "../src/index.ts";
import { type GatewayUnderTest, startGateway } from "./gateway-under-test.ts";
import { INGRESS_CLIENTS, type IngressClient, post, postRaw } from "./ingress-clients.ts";
import { PIXEL } from "./sdk/conversation.ts";

const BODY_BYTES_MAX = 200_000;
const SIM = "sim:bare";

const ANTHROPIC = "anthropic-messages";
let gateway: GatewayUnderTest;

beforeAll(async () => {
  gateway = await startGateway({ bodyBytesMax: BODY_BYTES_MAX });
});
afterAll(() => gateway.close());

interface Refused {
  readonly status: number;
  readonly message: string;
  readonly headers: Headers;
}

async function refusal(client: IngressClient, asked: Promise<Response>): Promise<Refused> {
  const response = await asked;
  const text = await response.text();
  const message = client.errorMessage(JSON.parse(text));
  if (message === undefined) throw new Error(`not an error of ${client.name}: ${response.status} ${text}`);
  expect(message).toMatch(/Next: \S+/);
  expect(message).not.toMatch(/\bat \w+ \(|node_modules|\.ts:|\/home\/|\/usr\//);
  return { status: response.status, message, headers: response.headers };
}

/** Every valid request is answered after whatever came before it. */
async function expectAlive(client: IngressClient): Promise<void> {
  const response = await post(gateway.url, client, { model: SIM });
  expect(response.status, await response.text()).toBe(200);
}

describe.each(INGRESS_CLIENTS.map((client) => ({ name: client.name, client })))("$name refuses", ({ client }) => {
  const to = { model: SIM };
  const valid = () => client.body({ model: SIM });
  const sendBody = (body: unknown) => postRaw(gateway.url, client, to, JSON.stringify(body));

  afterEach(() => expectAlive(client));

  it.each([
    ["wrong JSON", '{"model": "sim:bare", ', /not JSON/],
    ["text after the JSON", "{} trailing", /not JSON/],
    ["an empty body", "", /body/],
    ["a list", "[]", /object/],
    ["a string", '"hello"', /object/],
    ["null", "null", /object/],
  ])("%s", async (_case, body, words) => {
    const { status, message } = await refusal(client, postRaw(gateway.url, client, to, body));
    expect(status).toBe(400);
    expect(message).toMatch(words);
  });

  it("no body and no type", async () => {
    const { status } = await refusal(client, fetch(`${gateway.url}${client.path(to)}`, { method: "POST" }));
    expect(status).toBe(400);
  });

  it("bytes that are not UTF-8", async () => {
    const bytes = Uint8Array.from(Buffer.concat([Buffer.from('{"model":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]));
    const { status, message } = await refusal(client, postRaw(gateway.url, client, to, bytes));
    expect([status, message]).toEqual([400, expect.stringContaining("UTF-8")]);
  });

  it("nesting without end", async () => {
    const deep = `{"model":"${SIM}","x":${"[".repeat(50_000)}${"]".repeat(50_000)}}`;
    const { status, message } = await refusal(client, postRaw(gateway.url, client, to, deep));
    expect([status, message]).toEqual([400, expect.stringContaining("nested")]);
  });

  it.skipIf(client.modelInPath)("a missing model, by its field (where it stands in the body)", async () => {
    const { model: _model, ...body } = valid();
    const { status, message } = await refusal(client, sendBody(body));
    expect([status, message]).toEqual([400, expect.stringContaining("model")]);
  });

  // Ollama takes a request without words for the wish to load the model.
  it.skipIf(client.name.startsWith("ollama"))(
    "a missing conversation, by its field (Ollama takes a request without one)",
    async () => {
      const { [client.conversation]: _conversation, ...body } = valid();
      const { status, message } = await refusal(client, sendBody(body));
      expect([status, message]).toEqual([400, expect.stringContaining(client.conversation)]);
    },
  );

  it.each([
    ["a number", 7],
    ["an object", { role: 7 }],
    ["a list of numbers", [7]],
    ["true", true],
  ])("a conversation that is %s, by its field", async (_case, value) => {
    const { status, message } = await refusal(client, sendBody({ ...valid(), [client.conversation]: value }));
    expect([status, message]).toEqual([400, expect.stringContaining(client.conversation)]);
  });

  it.skipIf(client.modelInPath)("a model that is a number (where it stands in the body)", async () => {
    const { status, message } = await refusal(client, sendBody({ ...valid(), model: 7 }));
    expect([status, message]).toEqual([400, expect.stringContaining("model")]);
  });

  it("an unknown model, and says how to name one", async () => {
    const { status, message } = await refusal(client, post(gateway.url, client, { model: "fsat" }));
    expect(status).toBe(404);
    expect(message).toContain("fsat");
    expect(message).toMatch(/provider:model.*sim.*nearest: fast/);
  });

  it("an ambiguous model, and names those who claim it", async () => {
    const { status, message } = await refusal(client, post(gateway.url, client, { model: "gpt-4.1-mini" }));
    expect(status).toBe(400);
    expect(message).toContain("openai:gpt-4.1-mini, openai-chat:gpt-4.1-mini");
  });

  it("a body over the limit, declared or in chunks", async () => {
    const text = "x".repeat(BODY_BYTES_MAX + 1);
    const declared = await refusal(client, post(gateway.url, client, { model: SIM, text }));
    expect([declared.status, declared.message]).toEqual([413, expect.stringContaining(`${BODY_BYTES_MAX} bytes`)]);
    const bytes = new Blob([JSON.stringify(client.body({ model: SIM, text }))]).stream();
    const chunked = await refusal(client, postRaw(gateway.url, client, to, bytes));
    expect([chunked.status, chunked.message]).toEqual([413, expect.stringContaining(`${BODY_BYTES_MAX} bytes`)]);
  });

  it("a key named __proto__, by its path, however it is spelt", async () => {
    for (const key of ["__proto__", "\\u005f_proto__", "__\\u0070roto__"]) {
      const body = JSON.stringify(valid()).replace(/}$/, `,"metadata":{"${key}":{"polluted":true}}}`);
      const { status, message } = await refusal(client, postRaw(gateway.url, client, to, body));
      expect([status, message]).toEqual([400, expect.stringContaining("__proto__")]);
    }
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });

  it.each([
    ["not base64", "not base64 at all!"],
    ["empty", ""],
  ])("an image that is %s", async (_case, data) => {
    const image = { data, mediaType: "image/png" };
    const { status, message } = await refusal(client, post(gateway.url, client, { model: gateway.text("ollama"), image }));
    expect([status, message]).toEqual([400, expect.stringMatching(/image|base64/i)]);
  });

  it.skipIf(client.lacks.includes("image-types"))(
    "an image of an unknown type, before or by the vendor (where the wire names types)",
    async () => {
      const image = { data: PIXEL, mediaType: "image/vnd.unheard-of" };
      const { status } = await refusal(client, post(gateway.url, client, { model: gateway.text("anthropic"), image }));
      expect(status).toBe(400);
    },
  );

  it.skipIf(client.lacks.includes("url-images"))(
    "an image at a private address that it would have to fetch (where the wire takes addresses)",
    async () => {
      for (const url of ["http://127.0.0.1/x.png", "http://169.254.169.254/latest", "http://[::1]/x.png", "http://0x7f000001/"]) {
        const asked = post(gateway.url, client, { model: gateway.text("ollama"), image: { url } });
        const { status, message } = await refusal(client, asked);
        expect([status, message]).toEqual([400, expect.stringMatching(/address|public|allowed/)]);
      }
    },
  );

  it("a schema that cannot be expressed for the vendor, by its path, or in the vendor's own words to its own clients", async () => {
    const asked = post(gateway.url, client, {
      model: gateway.text("anthropic"),
      schema: { type: "object", properties: { a: 7 } },
    });
    const { status, message } = await refusal(client, asked);
    const path = client.name === ANTHROPIC ? "output_config.format.schema" : "schema.properties.a";
    expect([status, message]).toEqual([400, expect.stringContaining(path)]);
  });
});

describe.each(INGRESS_CLIENTS.map((client) => ({ name: client.name, client })))("$name takes", ({ client }) => {
  it("an unknown field, and says so", async () => {
    const body = { ...client.body({ model: SIM }), unheard_of: 1 };
    const response = await postRaw(gateway.url, client, { model: SIM }, JSON.stringify(body));
    const told = response.headers.get("x-dragoman-warnings") ?? "";
    expect([response.status, await response.text()]).toEqual([200, expect.any(String)]);
    const warnings: unknown = JSON.parse(told);
    expect(warnings).toContainEqual(expect.objectContaining({ type: "unknown-field" }));
    expect(told).toMatch(/unheard_?of/i);
  });

  it.skipIf(client.strayResult === undefined)(
    "a tool result without its call, as text and with a warning (where the wire has tool results)",
    async () => {
      // What Anthropic's own client sends it goes on as it came, and is for Anthropic to refuse.
      const model = gateway.text(client.name === ANTHROPIC ? "gemini" : "anthropic");
      const response = await postRaw(gateway.url, client, { model }, JSON.stringify(client.strayResult?.(model)));
      expect([response.status, await response.text()]).toEqual([200, expect.stringContaining("stray-result")]);
      expect(response.headers.get("x-dragoman-warnings")).toContain("handoff");
    },
  );

  it("headers given twice and a type that is no JSON", async () => {
    const headers = new Headers({ "content-type": "text/plain" });
    for (const value of ["one", "two"]) headers.append("x-api-key", value);
    const body = JSON.stringify(client.body({ model: SIM }));
    const response = await fetch(`${gateway.url}${client.path({ model: SIM })}`, { method: "POST", headers, body });
    expect([response.status, await response.text()]).toEqual([200, expect.any(String)]);
  });

  it("an alias for a model", async () => {
    const response = await post(gateway.url, client, { model: "fast" });
    expect([response.status, response.headers.get("x-dragoman-model")]).toEqual([200, SIM]);
    await response.text();
  });
});

describe("a failure inside", () => {
  const SECRET = "sk-very-secret-0123456789";
  let server: DragomanServer;
  const told: string[] = [];

  afterAll(() => server.close());

  it("is told without its inner text to the client, and in full to the owner", async () => {
    const broken = {
      ...createSimulator({ id: "broken" }),
      complete: () => Promise.reject(new TypeError(`cannot read /home/someone/${SECRET}`)),
      stream: () => {
        throw new TypeError(`cannot read /home/someone/${SECRET}`);
      },
    };
    server = createServer({ registry: createRegistry([broken]), onError: (error) => told.push(error.message) });
    const url = await server.listen({ port: 0 });
    for (const client of INGRESS_CLIENTS) {
      for (const stream of [false, true]) {
        const { status, message } = await refusal(client, post(url, client, { model: "broken:bare", stream }));
        expect([status, message]).toEqual([500, expect.stringContaining("the server failed on this request")]);
        expect(message).not.toMatch(/someone|secret|TypeError/);
        expect(told.at(-1)).toContain("/home/someone");
        expect(told.at(-1)).not.toContain(SECRET);
      }
    }
  });
});
