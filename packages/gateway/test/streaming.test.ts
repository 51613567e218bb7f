/** How a stream goes out: when its head does, what follows it, how fast it is taken, and that nothing stays behind. */
import { once } from "node:events";
import { get, request as httpRequest, type IncomingMessage } from "node:http";
import { type CompletionCall, createRegistry, DragomanError, type Provider, type StreamEvent, wrapProvider } from "@dragoman/llm";
import { createSimulator } from "@dragoman/llm/testing";
import { afterEach, describe, expect, it } from "vitest";
import { readOpening } from "../src/http/answer-stream.ts";
import { createServer, type DragomanServer } from "../src/index.ts";
import { INGRESS_CLIENTS, type IngressClient, post } from "./ingress-clients.ts";
import { POLL } from "./sdk/conversation.ts";

let server: DragomanServer;
afterEach(() => server?.close());

const ORIGIN = { dialect: "test", provider: "scripted", model: "any" } as const;
const START: StreamEvent = { type: "start", id: "id-1", origin: ORIGIN };
const FINISH: StreamEvent = {
  type: "finish",
  finish: { reason: "stop" },
  usage: { inputTokens: 1, outputTokens: 2 },
  cost: { totalUsd: 0.5, inputUsd: 0.2, outputUsd: 0.3, catalogue: "own" },
};

function textOf(text: string): readonly StreamEvent[] {
  return [
    { type: "text-start", index: 0 },
    { type: "text-delta", index: 0, text },
    { type: "text-end", index: 0 },
  ];
}

/** A provider that streams what the test says. */
function streaming(stream: (call: CompletionCall) => AsyncIterable<StreamEvent>): Provider {
  return wrapProvider(createSimulator({ id: "scripted" }), { supports: () => true, stream });
}

async function serve(stream: (call: CompletionCall) => AsyncIterable<StreamEvent>, reported: string[] = []): Promise<string> {
  server = createServer({
    registry: createRegistry([streaming(stream)]),
    onError: (error) => reported.push(error.code),
  });
  return server.listen({ port: 0 });
}

async function* script(...events: readonly StreamEvent[]): AsyncGenerator<StreamEvent, void, undefined> {
  yield* events;
}

/** With the trailers, which `fetch` hides. */
async function receive(url: string, client: IngressClient) {
  const ask = { model: "scripted:any", stream: true };
  const sent = httpRequest(`${url}${client.path(ask)}`, { method: "POST" });
  sent.end(JSON.stringify(client.body(ask)));
  const [response]: IncomingMessage[] = await once(sent, "response");
  if (response === undefined) throw new Error("no response");
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += String(chunk);
  return { text, status: response.statusCode, headers: response.headers, trailers: response.trailers };
}

const TABLE = INGRESS_CLIENTS.map((client) => ({ name: client.name, client }));

describe.each(TABLE)("a stream to $name", ({ client }) => {
  it("tells in trailers what it knew only at the end", async () => {
    const url = await serve(() =>
      script(
        START,
        { type: "warning", warning: { type: "other", detail: "early" } },
        ...textOf("hello"),
        { type: "warning", warning: { type: "other", detail: "late" } },
        FINISH,
      ),
    );
    const { status, headers, trailers, text } = await receive(url, client);
    expect(status).toBe(200);
    expect(headers["x-dragoman-model"]).toBe("scripted:any");
    expect(headers["x-dragoman-warnings"]).toBe('[{"type":"other","detail":"early"}]');
    expect(trailers["x-dragoman-warnings"]).toContain("late");
    expect(trailers["x-dragoman-warnings"]).not.toContain("early");
    expect(trailers["x-dragoman-cost-usd"]).toBe("0.5");
    expect(client.readStream(text)).toMatchObject({ text: "hello", isComplete: true });
  });

  it("that fails before its first part is a plain error", async () => {
    const error = new DragomanError({ code: "overloaded", detail: "busy", provider: "scripted" });
    const url = await serve(() => script(START, { type: "usage", usage: {} }, { type: "error", error }));
    const { status, text, headers } = await receive(url, client);
    expect(status).toBeGreaterThanOrEqual(500);
    expect(headers["content-type"]).toContain("application/json");
    expect(client.errorMessage(JSON.parse(text))).toContain("busy");
  });

  it("that fails later ends as this wire's streams end, without our inner text", async () => {
    const reported: string[] = [];
    const error = new DragomanError({ code: "internal", detail: "TypeError in /home/someone/x.ts" });
    const url = await serve(() => script(START, ...textOf("hello"), { type: "error", error }), reported);
    const { text } = await receive(url, client);
    const seen = client.readStream(text);
    expect(seen).toMatchObject({ text: "hello", isComplete: false });
    expect(text).toContain("the server failed on this request");
    expect(text).not.toContain("someone");
    expect(reported).toEqual(["internal"]);
  });

  it("of a provider that throws, against its contract, still has an end", async () => {
    const reported: string[] = [];
    async function* broken(): AsyncGenerator<StreamEvent> {
      yield* script(START, ...textOf("hello"));
      throw new TypeError("in /home/someone/x.ts");
    }
    const url = await serve(broken, reported);
    const { text } = await receive(url, client);
    expect(client.readStream(text)).toMatchObject({ text: "hello", isComplete: false });
    expect(text).not.toContain("someone");
    expect(reported).toEqual(["internal"]);
  });

  it("without any terminal event before a part is an error", async () => {
    const url = await serve(() => script(START));
    const { status, text } = await receive(url, client);
    expect(status).toBe(500);
    expect(client.errorMessage(JSON.parse(text))).toEqual(expect.any(String));
  });
});

describe("a stream", () => {
  it("is read from the vendor no faster than the client takes it, and closed when the client goes", async () => {
    let produced = 0;
    let isClosed = false;
    const piece = "x".repeat(10_000);
    async function* endless(): AsyncGenerator<StreamEvent> {
      try {
        yield START;
        yield { type: "text-start", index: 0 };
        for (;;) {
          produced += 1;
          yield { type: "text-delta", index: 0, text: piece };
        }
      } finally {
        isClosed = true;
      }
    }
    const url = await serve(endless);
    const sent = httpRequest(`${url}/v1/chat/completions`, { method: "POST" });
    sent.end(JSON.stringify({ model: "scripted:any", stream: true, messages: [{ role: "user", content: "go" }] }));
    const [response]: IncomingMessage[] = await once(sent, "response");
    if (response === undefined) throw new Error("no response");
    // Nobody reads: the sockets fill up, then the vendor is left alone.
    let before = -1;
    await expect
      .poll(
        () => {
          const isSteady = produced === before;
          before = produced;
          return isSteady;
        },
        { interval: 50, timeout: 15_000 },
      )
      .toBe(true);
    expect(produced * piece.length).toBeLessThan(64 * 1024 * 1024);
    const settled = produced;
    let taken = 0;
    for await (const chunk of response) {
      taken += chunk.length;
      if (produced > settled + 10) break;
    }
    expect(taken).toBeGreaterThan(0);
    sent.destroy();
    await expect.poll(() => isClosed, POLL).toBe(true);
  });

  it("leaves other clients served while one reads nothing", async () => {
    async function* endless(): AsyncGenerator<StreamEvent> {
      yield START;
      yield { type: "text-start", index: 0 };
      for (;;) yield { type: "text-delta", index: 0, text: "x".repeat(1_000) };
    }
    const url = await serve(endless);
    const sent = httpRequest(`${url}/v1/chat/completions`, { method: "POST" });
    sent.end(JSON.stringify({ model: "scripted:any", stream: true, messages: [{ role: "user", content: "go" }] }));
    await once(sent, "response");
    const [health]: IncomingMessage[] = await once(get(`${url}/health`), "response");
    expect(health?.statusCode).toBe(200);
    health?.resume();
    sent.destroy();
  });

  it("goes out event by event, without waiting for more", async () => {
    let goOn: () => void = () => undefined;
    const more = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    async function* slow(): AsyncGenerator<StreamEvent> {
      yield START;
      yield { type: "text-start", index: 0 };
      yield { type: "text-delta", index: 0, text: "first" };
      await more;
      yield { type: "text-delta", index: 0, text: "second" };
      yield { type: "text-end", index: 0 };
      yield FINISH;
    }
    const [client] = INGRESS_CLIENTS;
    if (client === undefined) throw new Error("no client");
    const response = await post(await serve(slow), client, { model: "scripted:any", stream: true });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("first")) text += (await reader?.read())?.value ?? "";
    expect(text).not.toContain("second");
    goOn();
    while (!text.includes("[DONE]")) text += (await reader?.read())?.value ?? "";
    expect(client.readStream(text)).toMatchObject({ text: "firstsecond", isComplete: true });
  });
});

describe("the opening of a stream", () => {
  const never = { over: new Promise<"over">(() => undefined), stop: () => undefined };

  it("waits for the first part", async () => {
    const events = script(START, { type: "usage", usage: {} }, ...textOf("hello"));
    const opening = await readOpening(events, () => never);
    expect(opening.events.map((event) => event.type)).toEqual(["start", "usage", "text-start"]);
    expect(opening.pending).toBeUndefined();
  });

  it("throws the failure that comes instead of a part", async () => {
    const error = new DragomanError({ code: "rate_limited", detail: "slow down" });
    await expect(readOpening(script(START, { type: "error", error }), () => never)).rejects.toBe(error);
  });

  it("does not wait for ever once the vendor has begun, and loses nothing", async () => {
    let goOn: () => void = () => undefined;
    const more = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    async function* thinking(): AsyncGenerator<StreamEvent> {
      yield START;
      await more;
      yield* textOf("hello");
    }
    let stopped = 0;
    const over = Promise.resolve("over" as const);
    const opening = await readOpening(thinking(), (since) => ({
      over: since === "begun" ? over : new Promise<never>(() => {}),
      stop: () => (stopped += 1),
    }));
    expect(opening.events).toEqual([START]);
    expect(stopped).toBe(2);
    goOn();
    expect((await opening.pending)?.value).toEqual({ type: "text-start", index: 0 });
  });
});

it("a head does not wait for ever for a vendor that has not begun, and loses nothing", async () => {
  const over = Promise.resolve("over" as const);
  const opening = await readOpening(script(START, ...textOf("hello")), () => ({ over, stop: () => undefined }));
  expect(opening.events).toEqual([]);
  expect((await opening.pending)?.value).toEqual(START);
});

describe("closing the server", () => {
  it("ends streams that go on for ever, and is done", async () => {
    let isClosed = false;
    async function* endless(call: CompletionCall): AsyncGenerator<StreamEvent> {
      try {
        yield START;
        yield { type: "text-start", index: 0 };
        await new Promise((resolve) => call.signal?.addEventListener("abort", resolve));
      } finally {
        isClosed = true;
      }
    }
    const [client] = INGRESS_CLIENTS;
    if (client === undefined) throw new Error("no client");
    const response = await post(await serve(endless), client, { model: "scripted:any", stream: true });
    const read = response.text().catch(() => "cut off");
    await server.close();
    expect(await read).toBe("cut off");
    await expect.poll(() => isClosed, POLL).toBe(true);
  });
});
