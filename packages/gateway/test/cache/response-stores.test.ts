import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ResponseStore, StoredResponse } from "@dragoman/llm";
import { createMemoryResponseStore } from "@dragoman/llm";
import { responseStoreCases } from "@dragoman/llm/testing";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openKeyvResponseStore } from "../../src/cache/keyv-response-store.ts";
import { openResponseStore } from "../../src/cache/open-response-store.ts";
import { openSqliteResponseStore } from "../../src/cache/sqlite-response-store.ts";
import { type RedisServer, redisProgram, startRedis } from "./redis-server.ts";

const folder = mkdtempSync(join(tmpdir(), "dragoman-responses-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
const freshFile = (): string => join(folder, `${++files}.db`);
const HOUR_MS = 3_600_000;

describe("answers in memory", () => {
  for (const { name, run } of responseStoreCases({ open: () => createMemoryResponseStore() })) it(name, run);
});

describe("answers in a SQLite file", () => {
  const opened = new Map<ResponseStore, () => Promise<void>>();
  const cases = responseStoreCases({
    open: async () => {
      const store = await openSqliteResponseStore({ file: freshFile() });
      opened.set(store, store.close);
      return store;
    },
    close: async (store) => opened.get(store)?.(),
  });
  for (const { name, run } of cases) it(name, run);

  it("are there for another process, and after a restart", async () => {
    const file = freshFile();
    const [one, other] = [await openSqliteResponseStore({ file }), await openSqliteResponseStore({ file })];
    await one.set("key", answer("kept"));
    expect(await other.get("key")).toEqual(await one.get("key"));
    await Promise.all([one.close(), other.close()]);
    const later = await openSqliteResponseStore({ file });
    expect((await later.get("key"))?.completion.id).toBe("kept");
    await later.close();
  });

  it("take no more room than they may: those that end first go first", async () => {
    const store = await openSqliteResponseStore({ file: freshFile(), entriesMax: 10 });
    const ends = Date.now() + HOUR_MS;
    // What is too much goes with every 256th write.
    for (let number = 0; number < 512; number += 1)
      await store.set(`key ${number}`, { ...answer(`${number}`), expiresAt: ends + number });
    const left = await Promise.all(Array.from({ length: 512 }, (_, number) => store.get(`key ${number}`)));
    expect(left.flatMap((found, number) => (found === undefined ? [] : [number]))).toEqual(
      Array.from({ length: 10 }, (_, index) => 502 + index),
    );
    await store.close();
  });

  it("leave out one that is too large, and keep the one of before", async () => {
    const store = await openSqliteResponseStore({ file: freshFile(), entryBytesMax: 2_000 });
    await store.set("key", answer("small"));
    await store.set("other", answer("large", "x".repeat(2_000)));
    expect(await store.get("other")).toBeUndefined();
    expect((await store.get("key"))?.completion.id).toBe("small");
    await store.close();
  });
});

const program = redisProgram();

describe.skipIf(program === undefined)(`answers in Redis${program === undefined ? ": no redis-server on the path" : ""}`, () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis(program ?? "");
  });
  afterAll(() => redis.stop());

  const opened = new Map<ResponseStore, () => Promise<void>>();
  let namespaces = 0;
  const cases = responseStoreCases({
    open: async () => {
      const store = await openKeyvResponseStore({ address: redis.address, namespace: `case-${++namespaces}` });
      opened.set(store, store.close);
      return store;
    },
    close: async (store) => opened.get(store)?.(),
  });
  for (const { name, run } of cases) it(name, run);

  it("are there for another node", async () => {
    const one = await openKeyvResponseStore({ address: redis.address });
    const other = await openKeyvResponseStore({ address: redis.address });
    await one.set("key", answer("shared"));
    expect((await other.get("key"))?.completion.id).toBe("shared");
    await Promise.all([one.close(), other.close()]);
  });
});

describe("answers in Redis, without one", () => {
  it("say that it is not there, and leave nobody waiting once it is closed", async () => {
    const told: string[] = [];
    const store = await openKeyvResponseStore({ address: "redis://127.0.0.1:1", onError: (message) => told.push(message) });
    const asked = Promise.resolve(store.get("key")).catch(() => undefined);
    await vi.waitFor(() => expect(told).not.toEqual([]));
    await store.close();
    await expect(asked).resolves.toBeUndefined();
  });

  it("reject each question, so that it can be seen, and say why once", async () => {
    const told: string[] = [];
    const store = await openKeyvResponseStore({ address: "redis://127.0.0.1:1", onError: (message) => told.push(message) });
    for (let time = 0; time < 2; time++) {
      await expect(store.get("key")).rejects.toThrow();
      await expect(store.set("key", answer("kept"))).rejects.toThrow();
    }
    expect(told).toHaveLength(1);
    await store.close();
  });

  it.each(["memcached://127.0.0.1", "127.0.0.1:6379", "nowhere"])("refuse the address %s", async (address) => {
    await expect(openKeyvResponseStore({ address })).rejects.toMatchObject({ code: "configuration", field: "cache.store" });
  });
});

describe("where answers are kept", () => {
  const options = { time: Date.now, onError: () => {} };
  const cache = { enabled: true, timeToLiveMs: 1_000, scope: "team" } as const;

  it("is nowhere while the cache is off", async () => {
    expect(await openResponseStore({ ...cache, enabled: false, store: "store" }, { type: "memory" }, options)).toBeUndefined();
  });

  it("is a file beside the gateway's own, where the gateway's own store is asked for", async () => {
    const file = freshFile();
    const store = await openResponseStore({ ...cache, store: "store" }, { type: "sqlite", file }, options);
    await store?.set("key", answer("kept"));
    expect(statSync(`${file}.responses`).isFile()).toBe(true);
    await store?.close();
  });
});

describe("the end of a store that several nodes share", () => {
  /** Each write ends when it is told to. */
  async function opened() {
    const steps: string[] = [];
    const writes: PromiseWithResolvers<void>[] = [];
    const shared = () => ({
      ...createMemoryResponseStore(),
      set: () => {
        const write = Promise.withResolvers<void>();
        writes.push(write);
        return write.promise;
      },
      close: async () => void steps.push("closed"),
    });
    const cache = { enabled: true, timeToLiveMs: 1_000, scope: "team", store: "store" } as const;
    const kept = { type: "sqlite", file: freshFile() } as const;
    const store = await openResponseStore(cache, kept, { time: Date.now, onError: () => {}, shared });
    if (store === undefined) throw new Error("nothing is cached");
    return { store, steps, writes };
  }

  it("waits for what is being written, well or not", async () => {
    const { store, steps, writes } = await opened();
    const sets = [store.set("a", answer("a")), store.set("b", answer("b"))];
    const closing = store.close();
    writes[0]?.resolve();
    await sets[0];
    steps.push("written");
    writes[1]?.reject(new Error("gone"));
    await expect(sets[1]).rejects.toThrow("gone");
    await closing;
    expect(steps).toEqual(["written", "closed"]);
  });

  it("does not wait for what nobody wants any more", async () => {
    const { store, steps } = await opened();
    const controller = new AbortController();
    void store.set("a", answer("a"), { signal: controller.signal });
    controller.abort();
    await store.close();
    expect(steps).toEqual(["closed"]);
  });
});

function answer(id: string, text = "yes"): StoredResponse {
  const origin = { dialect: "openai-chat", provider: "p", model: "m" };
  return {
    completion: {
      id,
      origin,
      message: { role: "assistant", parts: [{ type: "text", text }], origin },
      finish: { reason: "stop" },
      usage: {},
      warnings: [],
    },
    storedAt: Date.now(),
    expiresAt: Date.now() + HOUR_MS,
  };
}
