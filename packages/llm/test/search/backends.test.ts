/** Every backend over its fake service, and what each does in its own way. */
import {
  type FakeSearchName,
  type FakeSearchOptions,
  type SearchBackendSubject,
  searchBackendCases,
  startFakeSearch,
} from "@dragoman/llm/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  brave,
  duckduckgo,
  googleCustomSearch,
  type SearchBackend,
  Secret,
  type SecretReference,
  searxng,
  tavily,
} from "../../src/index.ts";

const SECRET = "fake-search-key+/with=signs";
/** In the middle of 2026: Google's service is still there. */
const NOW = Date.UTC(2026, 5, 15);

interface Common {
  readonly baseUrl: string;
  readonly key: SecretReference;
  readonly secrets: { readonly environment: Record<string, string> };
}

const BACKENDS: Readonly<Record<FakeSearchName, (options: Common) => SearchBackend>> = {
  searxng,
  brave,
  tavily: (options) => tavily({ ...options, topic: "news" }),
  "google-custom-search": (options) => googleCustomSearch({ ...options, engine: "0123456789abcdef0", now: () => NOW }),
  duckduckgo: ({ baseUrl }) => duckduckgo({ baseUrl, intervalMs: 0 }),
};

const KEYS: Readonly<Record<"right" | "wrong" | "missing", SecretReference>> = {
  right: new Secret(SECRET),
  wrong: new Secret("a-key-of-somebody-else"),
  missing: "env:NOT_SET",
};

function subjectOf(name: FakeSearchName): SearchBackendSubject {
  return {
    name,
    ...(name === "duckduckgo" ? {} : { secret: SECRET }),
    async open({ documents, fault, key }) {
      const service = await startFakeSearch(name, { documents, key: SECRET, ...(fault === undefined ? {} : { fault }) });
      const backend = BACKENDS[name]({ baseUrl: service.baseUrl, key: KEYS[key ?? "right"], secrets: { environment: {} } });
      const { requests, waitForAbort, close } = service;
      return { backend, requestCount: () => requests.length, waitForAbort, close };
    },
  };
}

for (const name of Object.keys(BACKENDS) as FakeSearchName[]) {
  for (const one of searchBackendCases(subjectOf(name))) test.skipIf(one.unavailable !== undefined).concurrent(one.name, one.run);
}

async function service(name: FakeSearchName, options: FakeSearchOptions = {}) {
  const started = await startFakeSearch(name, { key: SECRET, ...options });
  onTestFinished(() => started.close());
  return { ...started, options: { baseUrl: started.baseUrl, key: new Secret(SECRET) } };
}

describe("keys", () => {
  test.each(["brave", "tavily", "google-custom-search", "searxng"] as const)(
    "%s puts the key into a header alone",
    async (name) => {
      const { requests, options } = await service(name);
      await BACKENDS[name]({ ...options, secrets: { environment: {} } }).search({ text: "weather" });
      const [request] = requests;
      expect(`${request?.path} ${request?.body}`).not.toContain(SECRET);
      expect(`${request?.path} ${request?.body}`).not.toContain(encodeURIComponent(SECRET));
      expect(Object.values(request?.headers ?? {}).some((value) => value.includes(SECRET))).toBe(true);
    },
  );

  test("a key that a service puts into its results does not come back", async () => {
    const { options } = await service("brave", {
      documents: [{ title: "weather", url: "https://a.example/", snippet: `your key is ${SECRET}` }],
    });
    const { results } = await brave(options).search({ text: "weather" });
    expect(results[0]?.snippet).toBe("your key is ***");
  });

  test("are read anew, so that one that was missing may come later", async () => {
    const { baseUrl } = await service("tavily");
    const environment: Record<string, string> = {};
    const backend = tavily({ baseUrl, secrets: { environment } });
    expect(await backend.availability?.()).toMatchObject({
      available: false,
      reason: "no-key",
      nextStep: expect.stringContaining("TAVILY_API_KEY"),
    });
    environment.TAVILY_API_KEY = SECRET;
    expect(await backend.availability?.()).toEqual({ available: true });
    expect((await backend.search({ text: "weather" })).results).toHaveLength(2);
  });
});

describe("the base URL", () => {
  test.each(["ftp://a.example", "not a url", "https://user:password@a.example", "https://a.example/?q=1"])(
    "%s is refused when the backend is made",
    (baseUrl) => {
      expect(() => searxng({ baseUrl })).toThrow(expect.objectContaining({ code: "configuration", field: "baseUrl" }));
    },
  );

  test("may have a path, and a slash at its end", async () => {
    const { requests, baseUrl } = await service("searxng");
    await searxng({ baseUrl: `${baseUrl}/instance/` })
      .search({ text: "weather" })
      .catch(() => undefined);
    expect(requests[0]?.path).toMatch(/^\/instance\/search\?/);
  });
});

describe("searxng", () => {
  test("says when an instance gives out no JSON", async () => {
    const { baseUrl } = await service("searxng");
    const transport = {
      send: async () => ({
        status: 403,
        headers: {},
        body: emptyBody(),
        text: async () => "<h1>Forbidden</h1>",
        cancel: () => undefined,
      }),
      close: async () => undefined,
    };
    await expect(searxng({ baseUrl, transport }).search({ text: "x" })).rejects.toMatchObject({
      code: "configuration",
      advice: expect.stringContaining("settings.yml"),
    });
  });

  test("does not take silent engines for “nothing found”", async () => {
    const { baseUrl } = await service("searxng");
    await expect(searxng({ baseUrl }).search({ text: "unresponsive" })).rejects.toMatchObject({
      code: "vendor_error",
      detail: expect.stringContaining("bing: timeout"),
    });
    const { results, warnings } = await searxng({ baseUrl }).search({ text: "unresponsive weather" });
    expect(results).not.toEqual([]);
    expect(warnings).toEqual([{ type: "other", detail: expect.stringContaining("bing: timeout") }]);
  });

  test("is asked whether it is there by a question that searches nothing", async () => {
    const { baseUrl, requests, fail } = await service("searxng");
    expect(await searxng({ baseUrl }).availability?.()).toEqual({ available: true });
    fail("server-error");
    expect(await searxng({ baseUrl }).availability?.()).toMatchObject({ available: false, reason: "not-reachable" });
    expect(requests.map(({ path }) => path)).toEqual(["/healthz", "/healthz"]);
  });
});

describe("brave", () => {
  test("waits for the window that is used up, not for the month", async () => {
    const { options } = await service("brave", { fault: "rate-limited" });
    const transport = withoutRetryAfter(await import("../../src/index.ts").then((module) => module.createUndiciTransport()));
    onTestFinished(() => transport.close());
    await expect(brave({ ...options, transport }).search({ text: "x" })).rejects.toMatchObject({
      code: "rate_limited",
      retryAfterMs: 7_000,
    });
  });

  test("sends language, region and age as Brave spells them", async () => {
    const { options, requests } = await service("brave");
    await brave(options).search({ text: "weather", language: "pt-BR", freshness: "month" });
    expect(new URL(requests[0]?.path ?? "", "http://x").searchParams.toString()).toBe(
      "q=weather&count=5&text_decorations=false&result_filter=web&search_lang=pt-br&country=BR&freshness=pm",
    );
  });
});

describe("brave's languages", () => {
  test.each([
    ["ja", "jp", null],
    ["zh-TW", "zh-hant", "TW"],
    ["en-GB", "en-gb", "GB"],
    ["de-LI", "de", null],
    ["pt", "pt-pt", null],
  ])("%s goes out as %s, with the region %s", async (language, spoken, country) => {
    const { options, requests } = await service("brave");
    const { warnings } = await brave(options).search({ text: "weather", language });
    const sent = new URL(requests[0]?.path ?? "", "http://x").searchParams;
    expect([sent.get("search_lang"), sent.get("country")]).toEqual([spoken, country]);
    expect(warnings).toEqual([]);
  });

  test("one that Brave does not know is left out and told of", async () => {
    const { options, requests } = await service("brave");
    const { warnings } = await brave(options).search({ text: "weather", language: "tlh" });
    expect(requests[0]?.path).not.toContain("search_lang");
    expect(warnings).toEqual([expect.objectContaining({ type: "unsupported", path: "language" })]);
  });
});

describe("tavily", () => {
  test("tells what a search cost where the price of a credit is known", async () => {
    const { options } = await service("tavily");
    expect((await tavily(options).search({ text: "weather" })).costUsd).toBeUndefined();
    expect((await tavily({ ...options, costPerCreditUsd: 0.008, depth: "advanced" }).search({ text: "weather" })).costUsd).toBe(
      0.016,
    );
  });

  test("gives the pages' text where it is asked for, and says that it takes no language", async () => {
    const { options } = await service("tavily");
    const { results, warnings } = await tavily({ ...options, pages: true }).search({ text: "weather", language: "de" });
    expect(results[0]?.content).toContain("And more of the page.");
    expect(warnings).toEqual([expect.objectContaining({ type: "unsupported", path: "language" })]);
  });
});

describe("google-custom-search", () => {
  const engine = "0123456789abcdef0";

  test("warns before its end, and is refused without asking after it", async () => {
    const { options, requests } = await service("google-custom-search");
    let now = Date.UTC(2026, 11, 31, 23, 59);
    const backend = googleCustomSearch({ ...options, engine, now: () => now });
    const { warnings } = await backend.search({ text: "weather" });
    expect(warnings).toEqual([{ type: "other", detail: expect.stringContaining("2027-01-01") }]);
    now = Date.UTC(2027, 0, 1);
    await expect(backend.search({ text: "weather" })).rejects.toMatchObject({
      code: "provider_unavailable",
      detail: expect.stringContaining("2027-01-01"),
    });
    expect(await backend.availability?.()).toMatchObject({ available: false, reason: "not-configured" });
    expect(requests).toHaveLength(1);
  });

  test.each([
    ["pt-BR", "lang_pt"],
    ["zh-TW", "lang_zh-TW"],
    ["he", "lang_iw"],
  ])("spells %s as %s", async (language, spelled) => {
    const { options, requests } = await service("google-custom-search");
    await googleCustomSearch({ ...options, engine, now: () => NOW }).search({ text: "weather", language });
    expect(new URL(requests[0]?.path ?? "", "http://x").searchParams.get("lr")).toBe(spelled);
  });

  test("gives no more than ten at a time", async () => {
    const { options, requests } = await service("google-custom-search");
    await googleCustomSearch({ ...options, engine, now: () => NOW }).search({ text: "weather" }, { limit: 50 });
    expect(requests[0]?.path).toContain("num=10");
  });
});

describe("duckduckgo", () => {
  test("searches seldom, and asks nobody in between", async () => {
    const { baseUrl, requests } = await service("duckduckgo");
    let now = 1_000;
    const backend = duckduckgo({ baseUrl, now: () => now });
    await backend.search({ text: "weather" });
    now += 1_000;
    await expect(backend.search({ text: "weather" })).rejects.toMatchObject({ code: "rate_limited", retryAfterMs: 2_000 });
    now += 2_000;
    await backend.search({ text: "weather" });
    expect(requests).toHaveLength(2);
  });

  test("knows when it is taken for a robot, and leaves it at that for a while", async () => {
    const { baseUrl, requests } = await service("duckduckgo");
    let now = 1_000;
    const backend = duckduckgo({ baseUrl, now: () => now, intervalMs: 0 });
    await expect(backend.search({ text: "robot" })).rejects.toMatchObject({ code: "rate_limited", retryAfterMs: 600_000 });
    now += 599_000;
    await expect(backend.search({ text: "weather" })).rejects.toMatchObject({ code: "rate_limited", retryAfterMs: 1_000 });
    expect(requests).toHaveLength(1);
  });

  test("takes the words of a challenge in a query for no challenge", async () => {
    const { baseUrl } = await service("duckduckgo");
    const { results } = await duckduckgo({ baseUrl }).search({ text: 'weather class="anomaly-modal" anomaly.js' });
    expect(results).toHaveLength(2);
  });

  test("leaves advertisements and what scripts write out, and unwraps addresses", async () => {
    const { baseUrl } = await service("duckduckgo");
    const { results } = await duckduckgo({ baseUrl }).search({ text: "weather oslo" });
    expect(results.map(({ url, publishedAt }) => [url, publishedAt])).toEqual([
      ["https://weather.example/oslo", "2026-05-20"],
      ["https://encyclopedia.example/Oslo", undefined],
      ["https://weather.example/bergen", "2026-05-19"],
    ]);
  });

  test("sends language, region and age as DuckDuckGo spells them", async () => {
    const { baseUrl, requests } = await service("duckduckgo");
    await duckduckgo({ baseUrl }).search({ text: "weather", language: "en-GB", freshness: "week" });
    expect(requests[0]).toMatchObject({
      path: "/html/",
      body: "q=weather&kl=uk-en&df=w",
      headers: { "accept-language": "en-GB" },
    });
  });
});

async function* emptyBody(): AsyncGenerator<Uint8Array> {}

function withoutRetryAfter<T extends import("../../src/index.ts").Transport>(transport: T) {
  return {
    close: () => transport.close(),
    send: async (request: Parameters<T["send"]>[0]) => {
      const response = await transport.send(request);
      const { "retry-after": _left, ...headers } = response.headers;
      return Object.assign(Object.create(response) as typeof response, { headers });
    },
  };
}
