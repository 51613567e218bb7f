/**
 * A search service for tests, on the loopback interface.
 *
 * ```ts
 * const service = await startFakeSearch("brave", { key: "right" });
 * const backend = brave({ baseUrl: service.baseUrl, key: new Secret("right") });
 * ```
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { AbortWatch } from "../fake-vendors/abort-watch.ts";
import type {
  FakeDocument,
  FakeSearch,
  FakeSearchName,
  FakeSearchOptions,
  FakeSearchReply,
  FakeSearchRequest,
  FakeSearchWire,
  SearchFault,
} from "./fake-search.ts";
import { braveWire } from "./wires/brave.ts";
import { duckduckgoWire } from "./wires/duckduckgo.ts";
import { googleCustomSearchWire } from "./wires/google-custom-search.ts";
import { searxngWire } from "./wires/searxng.ts";
import { tavilyWire } from "./wires/tavily.ts";

const WIRES: Readonly<Record<FakeSearchName, FakeSearchWire>> = {
  searxng: searxngWire,
  brave: braveWire,
  tavily: tavilyWire,
  duckduckgo: duckduckgoWire,
  "google-custom-search": googleCustomSearchWire,
};

const DEFAULT_DOCUMENTS: readonly FakeDocument[] = [
  {
    title: "Weather in Oslo today",
    url: "https://weather.example/oslo",
    snippet: "18 °C and dry, wind from the west.",
    publishedAt: "2026-05-20",
  },
  { title: "Oslo – Wikipedia", url: "https://encyclopedia.example/Oslo", snippet: "Oslo is the capital of Norway." },
  { title: "Weather in Bergen", url: "https://weather.example/bergen", snippet: "Rain, as ever.", publishedAt: "2026-05-19" },
];

/** More than any backend should read by default. Bytes. */
const HUGE_BYTES = 4 * 1024 * 1024;

/** Starts one. Rejects when no port can be had. */
export async function startFakeSearch(name: FakeSearchName, options: FakeSearchOptions = {}): Promise<FakeSearch> {
  const wire = WIRES[name];
  const { documents = DEFAULT_DOCUMENTS, key = "fake-search-key" } = options;
  const requests: (FakeSearch["requests"][number] & { aborted: boolean })[] = [];
  const aborts = new AbortWatch();
  let fault = options.fault;
  let closing = false;

  const server = createServer((incoming, response) => {
    void serve(incoming, response).catch((thrown: unknown) => response.destroy(thrown instanceof Error ? thrown : undefined));
  });

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(incoming, wire.basePath ?? "");
    const { method, headers, body } = request;
    const record = { method, path: incoming.url ?? "/", headers, body, aborted: false };
    requests.push(record);
    response.once("close", () => {
      if (response.writableFinished || closing) return;
      record.aborted = true;
      aborts.happened();
    });
    if (fault === "silence") return;
    send(
      response,
      fault === undefined ? wire.answer(request, (words) => find(documents, words), key) : failing(fault, wire, request),
    );
  }

  const url = await listen(server);
  let closed: Promise<void> | undefined;
  return {
    name,
    baseUrl: `${url}${wire.basePath ?? ""}`,
    requests,
    fail: (next) => {
      fault = next;
    },
    waitForAbort: () => aborts.wait(),
    close() {
      closed ??= new Promise((resolve) => {
        closing = true;
        aborts.close();
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closed;
    },
  };
}

function failing(fault: Exclude<SearchFault, "silence">, wire: FakeSearchWire, request: FakeSearchRequest): FakeSearchReply {
  switch (fault) {
    case "rate-limited":
      return withHeaders(wire.refuse(429, "Too many requests."), { "retry-after": "7" });
    case "server-error":
      return wire.refuse(500, "Something broke.");
    case "not-as-promised":
      return {
        status: 200,
        headers: { "content-type": "text/html" },
        body: "<html><body><h1>Welcome to the hotel's Wi-Fi</h1></body></html>",
      };
    case "huge-body":
      return { status: 200, body: { results: [], filler: "x".repeat(HUGE_BYTES) } };
    case "redirect":
      return { status: 302, headers: { location: "/elsewhere" }, body: "" };
    case "echo":
      return wire.refuse(500, `Cannot serve a request with ${JSON.stringify(request.headers)}`);
  }
}

function withHeaders(reply: FakeSearchReply, headers: Readonly<Record<string, string>>): FakeSearchReply {
  return { ...reply, headers: { ...reply.headers, ...headers } };
}

function send(response: ServerResponse, { status, headers = {}, body }: FakeSearchReply): void {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  response.writeHead(status, {
    "content-type": typeof body === "string" ? "text/html; charset=utf-8" : "application/json",
    ...headers,
  });
  response.end(text);
}

/** Documents that share a word of three letters or more with the query. */
function find(documents: readonly FakeDocument[], words: string): readonly FakeDocument[] {
  const asked = lettersOf(words);
  return documents.filter(({ title, snippet }) => {
    const known = new Set(lettersOf(`${title} ${snippet}`));
    return asked.some((word) => known.has(word));
  });
}

function lettersOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? [];
}

async function readRequest(incoming: IncomingMessage, basePath: string): Promise<FakeSearchRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const { pathname, searchParams } = new URL(incoming.url ?? "/", "http://127.0.0.1");
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) if (value !== undefined) headers[name] = String(value);
  return {
    method: incoming.method ?? "GET",
    path: pathname.startsWith(basePath) ? pathname.slice(basePath.length) : pathname,
    query: searchParams,
    headers,
    body: Buffer.concat(chunks).toString("utf8"),
  };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the fake search has no port");
  return `http://127.0.0.1:${address.port}`;
}
