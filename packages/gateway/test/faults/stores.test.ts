/** What the gateway itself stands on fails: a full disk, a cache that never answers. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type StreamEvent, systemClock, toDragomanError } from "@dragoman/llm";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { LOCAL } from "../../src/caller.ts";
import { guardedStore } from "../../src/calls/guarded-store.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite-ledger.ts";
import { redisProgram, startRedis } from "../cache/redis-server.ts";
import { type FaultVendors, startFaultVendors, startFaultWorld } from "./fault-world.ts";
import { ask, callOf } from "./mounts.ts";
import { startRelay } from "./relay.ts";
import { FOOTING_FAULTS, footing } from "./scenarios/footing.ts";

let vendors: FaultVendors;
beforeAll(async () => {
  vendors = await startFaultVendors();
});
afterAll(() => vendors.close());

test(footing("the disk is full"), async () => {
  const folder = mkdtempSync(join(tmpdir(), "dragoman-full-"));
  const ledger = await openSqliteLedger({ file: join(folder, "gateway.sqlite"), journalBytesMax: 12_000, fileBytesMax: 1 });
  const world = await startFaultWorld(vendors, { options: { ledger } });
  vendors.play({});
  let answered = 0;
  let refusal = "";
  for (let call = 0; call < 40 && refusal === ""; call++) {
    const before = vendors.asked()[1];
    await world.gateway.complete(callOf(undefined)).then(
      () => {
        answered += 1;
      },
      (thrown: unknown) => {
        refusal = toDragomanError(thrown).message;
        expect(vendors.asked()[1]).toBe(before);
      },
    );
  }
  expect(answered).toBeGreaterThan(0);
  expect(refusal).toContain("provider_unavailable");
  expect(refusal).toContain("ledger");
  const seen = await ask("chat", world);
  expect(seen).toMatchObject({ status: 503, complete: false });
  expect(world.gateway.running).toBe(0);
  expect(world.gateway.meter.standings().filter(({ reserved }) => reserved !== 0)).toEqual([]);
  await world.close();
  await ledger.end();
  rmSync(folder, { recursive: true, force: true });
});

test(footing("the cache's Redis never answers"), async () => {
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    // The greetings are answered, and no question.
    socket.on("data", (piece) => {
      const commands = piece.toString("latin1").split(/(?=\*\d+\r\n)/);
      for (const command of commands) if (!/\r\n(?:GET|SET|MGET)\r\n/i.test(command)) socket.write("+OK\r\n");
    });
  });
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const address = silent.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const notices: string[] = [];
  const world = await startFaultWorld(vendors, {
    more: { cache: { enabled: true, store: { keyv: `redis://127.0.0.1:${port}` } } },
    options: { observers: [{ noticed: ({ event }) => notices.push(event) }] },
  });
  vendors.play({});
  for (let call = 0; call < 6; call++) expect(await ask("complete", world)).toMatchObject({ complete: true });
  expect(vendors.asked()[1]).toBe(6);
  expect(notices.filter((event) => event === "cache.store-left-alone")).toHaveLength(1);
  await world.close();
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => silent.close(resolve));
});

const program = redisProgram();

test.skipIf(program === undefined)(footing("the cache's Redis is gone"), async () => {
  const redis = await startRedis(program ?? "");
  const relay = await startRelay(redis.address);
  const notices: string[] = [];
  const world = await startFaultWorld(vendors, {
    more: { cache: { enabled: true, store: { keyv: relay.url } } },
    options: { observers: [{ noticed: ({ event }) => notices.push(event) }] },
  });
  vendors.play({});
  for (let call = 0; call < 3; call++) await world.gateway.complete(callOf(undefined));
  expect(vendors.asked()[1]).toBe(1);
  await relay.shut();
  for (let call = 0; call < 4; call++) expect(await ask("chat", world)).toMatchObject({ status: 200, complete: true });
  expect(vendors.asked()[1]).toBe(1 + 4);
  expect(notices).toEqual(["cache.store-failed", "cache.store-left-alone"]);
  const { calls } = await world.gateway.ledger.calls({});
  expect(calls.map(({ outcome, cached }) => [outcome, cached !== undefined])).toEqual([
    ...Array(4).fill(["answered", false]),
    ["answered", true],
    ["answered", true],
    ["answered", false],
  ]);
  expect(calls.filter(({ costUsd }) => costUsd === 0)).toHaveLength(2);
  await relay.open();
  const now = systemClock.now;
  const clock = vi.spyOn(systemClock, "now");
  // It may connect again only after some of the waits that it is left alone for.
  let restsMs = 0;
  clock.mockImplementation(() => {
    restsMs += 10_000;
    return now() + restsMs;
  });
  const isCached = async () => (await world.gateway.complete(callOf(undefined))).cached !== undefined;
  await expect.poll(isCached, { interval: 20, timeout: 10_000 }).toBe(true);
  clock.mockRestore();
  expect(notices.filter((event) => event === "cache.store-answers")).toHaveLength(1);
  await world.close();
  await relay.close();
  await redis.stop();
});

test.each(FOOTING_FAULTS)("$name: its test is where the table says", ({ name, test: file }) => {
  expect(readFileSync(join(import.meta.dirname, file), "utf8")).toContain(`footing("${name}")`);
});

describe("a store that fails", () => {
  function failing() {
    let now = 0;
    let asked = 0;
    let isWell = false;
    const changes: string[] = [];
    const store = guardedStore(
      {
        get: async () => {
          asked += 1;
          if (!isWell) throw new Error("gone");
          return undefined;
        },
        set: async () => {},
        delete: async () => false,
      },
      { now: () => now, onChange: (state) => changes.push(state) },
    );
    const later = (ms: number): void => {
      now += ms;
    };
    const recover = (): void => {
      isWell = true;
    };
    return { store, changes, later, recover, asked: () => asked };
  }

  test("three times in a row is left alone for ten seconds, then asked again", async () => {
    const { store, changes, later, recover, asked } = failing();
    for (let time = 0; time < 3; time++) await expect(store.get("key")).rejects.toThrow("gone");
    expect(await store.get("key")).toBeUndefined();
    expect(asked()).toBe(3);
    later(10_000);
    await expect(store.get("key")).rejects.toThrow("gone");
    expect(await store.get("key")).toBeUndefined();
    later(10_000);
    recover();
    await store.get("key");
    expect(asked()).toBe(5);
    expect(changes).toEqual(["left-alone", "answers"]);
  });
});

test("a client that shares the stream of a program is given an error where the program's begins anew", async () => {
  const world = await startFaultWorld(vendors, { more: { cache: { enabled: true } } });
  vendors.play({ 1: [{ type: "delivery", how: "cut" }] });
  const program = foldEnd(world.gateway.stream(callOf(undefined)));
  const client = foldEnd(world.gateway.as({ principal: LOCAL, dialect: "openai-chat" }).stream(callOf(undefined)));
  const ends = await Promise.all([program, client]);
  expect(ends).toEqual(["finish", "error"]);
  expect(vendors.asked()).toEqual({ 1: 1, 2: 1, 3: 0 });
  const { calls } = await world.gateway.ledger.calls({});
  expect(calls.map(({ outcome }) => outcome).toSorted()).toEqual(["answered", "cut"]);
  expect(world.gateway.running).toBe(0);
  await world.close();
});

async function foldEnd(events: AsyncIterable<StreamEvent>): Promise<string | undefined> {
  let last: string | undefined;
  for await (const { type } of events) last = type;
  return last;
}
