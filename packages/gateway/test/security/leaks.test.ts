/**
 * Hundreds of requests, good and bad, some to a vendor that repeats the key it was sent; then every place where words of the gateway end up
 * is searched for every secret, in every spelling.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { trace } from "@opentelemetry/api";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { afterAll, beforeAll, describe, it } from "vitest";
import { renderConfiguration } from "../../src/config/render-configuration.ts";
import { createLog, createTraces } from "../../src/index.ts";
import { type HostileVendor, startHostileVendor, TRICKS } from "./hostile-vendor.ts";
import { type Answer, chat, startWorld, VENDOR_KEYS, type World } from "./security-world.ts";

const REQUESTS = 320;
const TRICK_NAMES = Object.keys(TRICKS) as [string, ...string[]];
/** Of no vendor's shape, so that only who sent them can know them. */
const PLAIN = {
  file: "Jx4mQv81ZtLr0Kd7Yw2Bs6Hn",
  exec: "w9PzR3uTq7VnE1cXk5MaG8Fj",
  pepper: "pepper-W2d8Nf6Xb0Lq4Rz7Tv1Ky9Ms3Hc5Gp",
};

let world: World;
let hostile: HostileVendor;
const folder = mkdtempSync(join(tmpdir(), "dragoman-leaks-"));
const exporter = new InMemorySpanExporter();
const logged: string[] = [];
const answers: Answer[] = [];

beforeAll(async () => {
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  const keyFile = join(folder, "secrets", "key");
  mkdirSync(join(folder, "secrets"));
  writeFileSync(keyFile, `${PLAIN.file}\n`);
  writeFileSync(`${keyFile}-2`, `${PLAIN.exec}\n`);
  hostile = await startHostileVendor();
  const write = (line: string): void => void logged.push(line);
  const observers = [
    await createLog({ logLevel: "debug", format: "json", write }),
    await createLog({ logLevel: "debug", format: "text", write }),
    await createTraces(),
  ];
  const echoing = { type: "openai-compatible", baseUrl: hostile.baseUrl } as const;
  world = await startWorld({
    configuration: {
      store: { type: "sqlite", file: join(folder, "store", "gateway.db") },
      cache: { enabled: true, store: "store" },
    },
    gateway: { observers },
    environment: { DRAGOMAN_PEPPER: PLAIN.pepper, SHAPED_KEY: VENDOR_KEYS.openai },
    providers: {
      shaped: { ...echoing, key: "env:SHAPED_KEY" },
      filed: { ...echoing, key: `file:${keyFile}` },
      run: { ...echoing, key: `exec:cat ${keyFile}-2` },
    },
  });
  const random = seeded(20_260_101);
  const waiting = Array.from({ length: REQUESTS }, () => request(random, world));
  await Promise.all(
    Array.from({ length: 12 }, async () => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) answers.push(await world.send(next));
    }),
  );
}, 60_000);

afterAll(async () => {
  await world.close();
  await hostile.close();
  trace.disable();
  rmSync(folder, { recursive: true, force: true });
});

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function request(random: () => number, { keys }: World) {
  const pick = <Value>(values: readonly [Value, ...Value[]]): Value => values[Math.floor(random() * values.length)] ?? values[0];
  const hostileModel = `${pick(["shaped", "filed", "run"])}:${pick(TRICK_NAMES)}`;
  const model =
    random() < 0.7
      ? hostileModel
      : pick(["fast", "deep", "no-such", "openai:fault-cut", "chat:fault-empty", "\u202e💥", "x".repeat(3_000)]);
  const text = pick(["hello", "ünïcødé 💥 \u0000\u001b[31m", "y".repeat(20_000), "{jndi:ldap://x}", ""]);
  const stream = random() < 0.5;
  const key = pick<string | undefined>([
    keys.red,
    keys.red,
    keys.blue,
    keys.revoked,
    keys.expired,
    keys.wrongSecret,
    keys.admin,
    undefined,
  ]);
  const [path, body] = pick<readonly [string, unknown]>([
    ["/v1/chat/completions", chat(model, text, { stream })],
    ["/v1/chat/completions", chat(model, text, { stream })],
    ["/v1/responses", { model, input: text, stream }],
    ["/v1/messages", { model, max_tokens: 9, stream, messages: [{ role: "user", content: text }] }],
    [
      `/v1beta/models/${encodeURIComponent(model.slice(0, 200))}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
      { contents: [{ role: "user", parts: [{ text }] }] },
    ],
    ["/api/chat", { model, stream, messages: [{ role: "user", content: text }] }],
    ["/v1/embeddings", { model, input: text }],
    ["/v1/messages/count_tokens", { model, messages: [{ role: "user", content: text }] }],
    ["/v1/chat/completions", pick(["{", "[]", '"x"', '{"model":7}', "\u0000", `{"model":"${"a".repeat(500)}`])],
    ["/nowhere", {}],
  ]);
  // A client may put its key into the query, as Gemini's do.
  const inQuery = key !== undefined && random() < 0.2;
  const to = inQuery ? `${path}${path.includes("?") ? "&" : "?"}key=${key}` : path;
  return { method: "POST", path: to, ...(inQuery ? {} : { key }), body };
}

/** The secret itself, and what may be made of it on the way. */
function spellings(secret: string): readonly string[] {
  return [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64").replace(/=+$/, ""), secret.slice(0, 12)];
}

function secrets(): readonly string[] {
  const { unknown: _made, wrongSecret, ...keys } = world.keys;
  // Of our own keys the beginning is their public id, which may be shown.
  const ours = Object.values(keys).flatMap((key) => [key, key.slice(21), Buffer.from(key).toString("base64")]);
  return [
    ...Object.values(VENDOR_KEYS).flatMap(spellings),
    ...Object.values(PLAIN).flatMap((secret) => [secret, Buffer.from(secret).toString("base64").replace(/=+$/, "")]),
    ...ours,
    wrongSecret,
  ].map((secret) => secret.replace(/=+$/, ""));
}

/** Which secrets stand in a text, with what stands around them. */
function found(text: string): readonly string[] {
  return secrets().flatMap((secret) => {
    const at = text.indexOf(secret);
    return at === -1 ? [] : [text.slice(Math.max(0, at - 80), at + 80)];
  });
}

describe("no secret is", () => {
  it("sent where it should not be: the vendor really was given the keys, and repeated them", async ({ expect }) => {
    const sent = new Set(hostile.requests.map(({ headers }) => headers.authorization));
    expect(sent).toEqual(new Set([VENDOR_KEYS.openai, PLAIN.file, PLAIN.exec].map((key) => `Bearer ${key}`)));
    expect(hostile.requests.filter(({ path }) => path.includes("elsewhere"))).toEqual([]);
    expect(new Set(answers.map(({ status }) => status)).size).toBeGreaterThan(4);
    expect(answers.filter(({ text }) => text.includes("***")).length).toBeGreaterThan(10);
  });

  it("in an answer, its headers or its trailers", async ({ expect }) => {
    expect(answers.length).toBe(REQUESTS);
    expect(answers.flatMap((answer) => found(JSON.stringify(answer)))).toEqual([]);
  });

  it("in a line of the log, as JSON or as text, at any level", async ({ expect }) => {
    expect(logged.length).toBeGreaterThan(200);
    expect(logged.flatMap(found)).toEqual([]);
  });

  it("in a span", async ({ expect }) => {
    const spans = exporter.getFinishedSpans();
    expect(spans.length).toBeGreaterThan(100);
    expect(spans.flatMap((span) => found(JSON.stringify([span.name, span.attributes, span.events, span.status])))).toEqual([]);
  });

  it("in the figures", async ({ expect }) => {
    const { status, text } = await world.send({ path: "/metrics", key: world.keys.admin });
    expect([status, text]).toEqual([200, expect.stringContaining("dragoman_calls_total{")]);
    expect(found(text)).toEqual([]);
  });

  it("in what the owner is told of a failure: message, stack, JSON, causes", async ({ expect }) => {
    expect(world.reported.length).toBeGreaterThan(100);
    expect(
      world.reported.flatMap((error) => found(`${inspect(error, { depth: 10 })}${JSON.stringify(error)}${String(error)}`)),
    ).toEqual([]);
  });

  it("in an answer of the admin API", async ({ expect }) => {
    const { admin: key } = world.keys;
    const paths = [
      "calls?count=200",
      "usage?by=model,key",
      "keys",
      "teams",
      "audit?count=200",
      "audit/head",
      "limits",
      "targets",
      "configuration",
      "openapi.json",
    ];
    for (const path of paths) {
      const { status, text } = await world.send({ path: `/admin/v1/${path}`, key });
      expect([path, status]).toEqual([path, 200]);
      expect(found(text), path).toEqual([]);
    }
  });

  it("in the configuration as it is shown, or inspected", async ({ expect }) => {
    const { configuration } = world.gateway;
    expect(found(JSON.stringify(renderConfiguration(configuration)))).toEqual([]);
    expect(found(inspect(configuration, { depth: 20 }) + JSON.stringify(configuration))).toEqual([]);
    expect(found(inspect(world.gateway, { depth: 8, showHidden: true }))).toEqual([]);
  });

  it("in a file of the store: ledger, journals, events, answers, and what SQLite keeps beside them", async ({ expect }) => {
    const store = join(folder, "store");
    const files = readdirSync(store);
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) expect(found(readFileSync(join(store, file), "latin1")), file).toEqual([]);
  });
});
