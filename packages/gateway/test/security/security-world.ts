/**
 * A gateway on loopback with two tenants, an administrator and keys of every kind that does not hold; fake vendors behind it; and a client
 * that sends what no well-bred library would.
 */
import { type IncomingHttpHeaders, request as sendRequest } from "node:http";
import { connect, type Socket } from "node:net";
import { type FakeVendor, type FakeVendorOptions, startFakeVendor } from "@dragoman/llm/testing";
import { completeConfiguration, type PartialGatewayConfiguration } from "../../src/config/complete-configuration.ts";
import {
  createGateway,
  createMetrics,
  createServer,
  type Gateway,
  type GatewayOptions,
  type ServerSettings,
} from "../../src/index.ts";

export const VENDOR_KEYS = {
  openai: "sk-proj-Q7rT2vXw9ZyB4dFh6JkL8mN0pS",
  anthropic: "sk-ant-api03-u5Wc1eRt7Yh3Nq9Kz2Lp",
} as const;

/** The keys by what they are. */
export interface KeysOfWorld {
  readonly admin: string;
  readonly red: string;
  readonly blue: string;
  readonly expired: string;
  readonly revoked: string;
  /** Of nobody, in the shape of a key. */
  readonly unknown: string;
  /** With the id of the red tenant's key. */
  readonly wrongSecret: string;
}

export interface World {
  readonly url: string;
  readonly port: number;
  readonly gateway: Gateway;
  readonly openai: FakeVendor;
  readonly anthropic: FakeVendor;
  readonly keys: KeysOfWorld;
  /** Ids of the tenants' keys. */
  readonly ids: { readonly red: string; readonly blue: string };
  /** Every failure that a client was told of, as the owner is told. */
  readonly reported: unknown[];
  send(request: Sent): Promise<Answer>;
  open(): Promise<RawConnection>;
  close(): Promise<void>;
}

export interface Sent {
  readonly method?: string;
  /** As it is to stand in the request line. */
  readonly path: string;
  readonly key?: string | undefined;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** An object goes as JSON. */
  readonly body?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly trailers: NodeJS.Dict<string>;
  readonly text: string;
}

export interface WorldOptions {
  readonly configuration?: Omit<PartialGatewayConfiguration, "providers">;
  readonly gateway?: GatewayOptions;
  readonly server?: ServerSettings;
  readonly vendor?: FakeVendorOptions;
  readonly providers?: NonNullable<PartialGatewayConfiguration["providers"]>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly host?: string;
}

export const MODELS = {
  fast: { targets: [{ model: "openai:gpt-4.1-mini" }] },
  deep: { targets: [{ model: "anthropic:claude-sonnet-4-5" }] },
} as const;

const NEVER_MADE = `dgm_${"abcdefgh".repeat(2)}_${"x".repeat(43)}`;

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const [openai, anthropic] = await Promise.all([
    startFakeVendor("openai", options.vendor),
    startFakeVendor("anthropic", options.vendor),
  ]);
  let now = Date.now();
  const metrics = createMetrics({
    targets: () => gateway.health(),
    standings: () => gateway.meter.standings(),
    running: () => gateway.running,
  });
  const gateway: Gateway = await createGateway(
    completeConfiguration({
      store: { type: "memory" },
      models: MODELS,
      directModels: true,
      ...options.configuration,
      providers: {
        openai: { baseUrl: openai.baseUrl, key: "env:OPENAI_TEST_KEY" },
        chat: { type: "openai", baseUrl: openai.baseUrl, key: "env:OPENAI_TEST_KEY", options: { wire: "chat" } },
        anthropic: { baseUrl: anthropic.baseUrl, key: "env:ANTHROPIC_TEST_KEY" },
        ...options.providers,
      },
    }),
    {
      environment: {
        OPENAI_TEST_KEY: VENDOR_KEYS.openai,
        ANTHROPIC_TEST_KEY: VENDOR_KEYS.anthropic,
        ...options.environment,
      },
      time: () => now,
      random: () => 0.5,
      sleep: async () => {},
      ...options.gateway,
      observers: [...(options.gateway?.observers ?? []), metrics.observer],
    },
  );
  const { keys, ids } = await makeKeys(gateway, () => now);
  // Past the end of the key that expires.
  now += 10_000;
  const reported: unknown[] = [];
  const server = createServer({
    gateway,
    metrics,
    version: "1.2.3",
    ...options.server,
    onError: (error) => reported.push(error),
  });
  const url = await server.listen({ port: 0, ...(options.host === undefined ? {} : { host: options.host }) });
  const port = Number(new URL(url).port);
  return {
    url,
    port,
    gateway,
    openai,
    anthropic,
    keys,
    ids,
    reported,
    send: (request) => send(port, request),
    open: () => openRaw(port),
    close: async () => {
      await server.close();
      await gateway.close();
      await Promise.all([openai.close(), anthropic.close()]);
    },
  };
}

async function makeKeys({ tenancy }: Gateway, now: () => number) {
  const admin = await tenancy.createKey({ name: "root", restrictions: { admin: true } }, "test");
  for (const name of ["red", "blue"]) await tenancy.createTeam({ name }, "test");
  const red = await tenancy.createKey({ name: "red-key", team: "red" }, "test");
  const blue = await tenancy.createKey({ name: "blue-key", team: "blue" }, "test");
  const expired = await tenancy.createKey({ name: "old", restrictions: { expiresAt: now() + 5_000 } }, "test");
  const revoked = await tenancy.createKey({ name: "lost" }, "test");
  await tenancy.revokeKey(revoked.entry.id, "test");
  const last = red.key.at(-1) === "A" ? "B" : "A";
  const keys: KeysOfWorld = {
    admin: admin.key,
    red: red.key,
    blue: blue.key,
    expired: expired.key,
    revoked: revoked.key,
    unknown: NEVER_MADE,
    wrongSecret: `${red.key.slice(0, -1)}${last}`,
  };
  return { keys, ids: { red: red.entry.id, blue: blue.entry.id } };
}

export function chat(model: string, text = "hello", more: object = {}): object {
  return { model, messages: [{ role: "user", content: text }], ...more };
}

function send(port: number, { method = "GET", path, key, headers = {}, body }: Sent): Promise<Answer> {
  const bytes = body === undefined ? undefined : Buffer.isBuffer(body) || typeof body === "string" ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const sent = sendRequest({
      host: "127.0.0.1",
      port,
      method,
      path,
      agent: false,
      headers: {
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(bytes === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(bytes) }),
        ...headers,
      },
    });
    sent.once("error", reject);
    sent.once("response", (response) => {
      const chunks: Buffer[] = [];
      const done = () => {
        const { statusCode = 0, headers: answered, trailers } = response;
        resolve({ status: statusCode, headers: answered, trailers, text: Buffer.concat(chunks).toString("utf8") });
      };
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      // A stream that was cut has said something all the same.
      response.once("error", done);
      response.once("end", done);
    });
    sent.end(bytes);
  });
}

export interface RawConnection {
  readonly socket: Socket;
  /** Everything that came, once the connection is closed. */
  readonly closed: Promise<string>;
  /** Resolves once this has come. */
  until(found: RegExp): Promise<string>;
}

function openRaw(port: number): Promise<RawConnection> {
  const socket = connect(port, "127.0.0.1");
  let received = "";
  const waiting = new Set<() => void>();
  socket.setEncoding("latin1");
  socket.on("data", (text: string) => {
    received += text;
    for (const check of waiting) check();
  });
  // A reset is one of the ways to end a bad connection.
  socket.on("error", () => undefined);
  const closed = new Promise<string>((resolve) => socket.once("close", () => resolve(received)));
  function until(found: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        if (found.test(received)) resolve(received);
      };
      waiting.add(check);
      check();
      void closed.then(() => reject(new Error(`closed without ${found}: ${received.slice(0, 500)}`)));
    });
  }
  return new Promise((resolve) => socket.once("connect", () => resolve({ socket, closed, until })));
}
