/** Addresses that a client writes: the gateway goes to none but those of its configuration, and fetches media from public places alone. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createUrlGuard } from "@dragoman/llm";
import { type FakeVendor, startFakeVendor } from "@dragoman/llm/testing";
import { afterAll, beforeAll, describe, it } from "vitest";
import { chat, startWorld, type World } from "./security-world.ts";

let world: World;
let ollama: FakeVendor;
let inner: { readonly port: number; asked: number; close(): void };

beforeAll(async () => {
  const server = createServer((_request, response) => {
    inner.asked += 1;
    response.writeHead(200, { "content-type": "image/png" }).end("inner secret");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  inner = { port: (server.address() as AddressInfo).port, asked: 0, close: () => void server.close() };
  // A vendor that fetches nothing itself, so that the gateway would have to.
  ollama = await startFakeVendor("ollama", { models: ["llava"] });
  world = await startWorld({ providers: { local: { type: "ollama", baseUrl: ollama.url } } });
});
afterAll(async () => {
  await world.close();
  await ollama.close();
  inner.close();
});

const hosts = (port: number) => [
  `127.0.0.1:${port}`,
  `localhost:${port}`,
  `2130706433:${port}`,
  `0x7f000001:${port}`,
  `0177.0.0.1:${port}`,
  `127.1:${port}`,
  `[::1]:${port}`,
  `[::ffff:127.0.0.1]:${port}`,
  `[::ffff:7f00:1]:${port}`,
  `[64:ff9b::7f00:1]:${port}`,
  `0.0.0.0:${port}`,
  `①②⑦.0.0.1:${port}`,
  `127。0。0。1:${port}`,
  "169.254.169.254",
  "metadata.google.internal",
  "[fd00:ec2::254]",
  "100.100.100.200",
  "10.0.0.1",
  "172.16.0.1",
  "192.168.0.1",
  "100.64.0.1",
  "[fe80::1]",
  "[fc00::1]",
  "224.0.0.1",
];

describe("a medium that the gateway has to fetch", () => {
  it("is refused wherever its address is not public, however it is spelt, on each wire", async ({ expect }) => {
    const urls = [
      ...hosts(inner.port).map((host) => `http://${host}/x.png`),
      `http://user:pass@127.0.0.1:${inner.port}/x.png`,
      `http://public.example@127.0.0.1:${inner.port}/x.png`,
      "file:///etc/passwd",
      "gopher://127.0.0.1:6379/_INFO",
      "ftp://127.0.0.1/x.png",
      "https://93.184.216.34:6379/x.png",
    ];
    const model = "local:llava";
    const bodies = (url: string): readonly (readonly [string, object])[] => [
      ["/v1/chat/completions", { model, messages: [{ role: "user", content: [{ type: "image_url", image_url: { url } }] }] }],
      ["/v1/responses", { model, input: [{ role: "user", content: [{ type: "input_image", image_url: url }] }] }],
      [
        "/v1/messages",
        { model, max_tokens: 5, messages: [{ role: "user", content: [{ type: "image", source: { type: "url", url } }] }] },
      ],
      [
        "/v1/messages",
        {
          model,
          max_tokens: 5,
          messages: [
            { role: "user", content: "x" },
            { role: "assistant", content: [{ type: "tool_use", id: "t", name: "f", input: {} }] },
            {
              role: "user",
              content: [{ type: "tool_result", tool_use_id: "t", content: [{ type: "image", source: { type: "url", url } }] }],
            },
          ],
        },
      ],
      [
        `/v1beta/models/${encodeURIComponent(model)}:generateContent`,
        { contents: [{ role: "user", parts: [{ fileData: { mimeType: "image/png", fileUri: url } }] }] },
      ],
    ];
    const wrong: unknown[] = [];
    for (const url of urls) {
      // A name that does not resolve here is as good as refused, and takes the resolver's time.
      if (url.includes("metadata.google")) continue;
      await Promise.all(
        bodies(url).map(async ([path, body]) => {
          const { status, text } = await world.send({ method: "POST", path, key: world.keys.red, body });
          if (![400, 403].includes(status) || text.includes("inner secret")) wrong.push([url, path, status, text.slice(0, 200)]);
        }),
      );
    }
    expect(wrong).toEqual([]);
    expect(inner.asked).toBe(0);
  });

  it("is fetched from the very address that was looked at, whatever its name leads to a moment later", async ({ expect }) => {
    const leads = ["93.184.216.34", "127.0.0.1"];
    const guard = createUrlGuard({ resolve: async () => [{ address: leads.shift() ?? "127.0.0.1", family: 4 }] });
    expect(await guard.check("http://rebinding.example/x.png")).toMatchObject({ address: "93.184.216.34" });
    await expect(guard.check("http://rebinding.example/x.png")).rejects.toMatchObject({ code: "invalid_request" });
    const mixed = createUrlGuard({
      resolve: async () => [
        { address: "93.184.216.34", family: 4 },
        { address: "10.0.0.1", family: 4 },
      ],
    });
    await expect(mixed.check("http://mixed.example/x.png")).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("is not had by a redirect from an allowed place to an inner one", async ({ expect }) => {
    const server = createServer((_request, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${inner.port}/x.png` }).end(),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const before = inner.asked;
    const guard = createUrlGuard({ allowHosts: [`127.0.0.1:${port}`] });
    await expect(guard.fetchMedia(`http://127.0.0.1:${port}/x.png`)).rejects.toMatchObject({ code: "invalid_request" });
    server.close();
    expect(inner.asked).toBe(before);
  });
});

describe("the vendor's own address", () => {
  it("is the configuration's, whatever a client writes", async ({ expect }) => {
    const url = `http://127.0.0.1:${inner.port}/v1`;
    const before = inner.asked;
    const more = {
      base_url: url,
      baseUrl: url,
      api_base: url,
      endpoint: url,
      base_model: url,
      proxy: url,
      vendorOptions: { openai: { baseUrl: url } },
    };
    const names = [
      "x-portkey-custom-host",
      "x-base-url",
      "helicone-target-url",
      "x-forwarded-host",
      "x-original-url",
      "cf-aig-endpoint",
    ];
    const headers = Object.fromEntries(names.map((name) => [name, url]));
    for (const model of ["fast", "chat:gpt-4.1-mini", `${url}:x`, `openai:../../${url}`, "chat:x?y=z#", "chat:@127.0.0.1/"]) {
      await world.send({
        method: "POST",
        path: "/v1/chat/completions",
        key: world.keys.red,
        headers,
        body: chat(model, "x", more),
      });
      await world.send({
        method: "POST",
        path: `/v1beta/models/${encodeURIComponent(model)}:generateContent`,
        key: world.keys.red,
        headers,
        body: { contents: [{ role: "user", parts: [{ text: "x" }] }] },
      });
    }
    expect(inner.asked).toBe(before);
    const paths = new Set(world.openai.requests.filter(({ method }) => method === "POST").map(({ path }) => path));
    expect([...paths].filter((path) => path !== "/v1/chat/completions" && path !== "/v1/responses")).toEqual([]);
  });
});
