/** A client over HTTP that does not read what comes: for a while, or never. */
import { once } from "node:events";
import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { CallRecord } from "../../src/ledger/call-record.ts";
import {
  type FaultVendors,
  type FaultWorld,
  startFaultVendors,
  startFaultWorld,
  type WorldConfiguration,
} from "./fault-world.ts";
import { bodyOf, clientOf, ROUTE } from "./mounts.ts";
import { LONG_LENGTH, LONG_USAGE } from "./odd-vendor.ts";
import { isStreamed, type MountName, TARGETS } from "./scenario.ts";
import { footing } from "./scenarios/footing.ts";

let vendors: FaultVendors;
let world: FaultWorld;
beforeAll(async () => {
  vendors = await startFaultVendors();
});
afterEach(() => world.close());
afterAll(() => vendors.close());

const IDLE_MS = 100;

/** The vendor's own deadline is short: it must not be blamed for a client that does not read. */
async function start(more: Partial<WorldConfiguration> = {}): Promise<void> {
  world = await startFaultWorld(vendors, {
    instead: "long",
    route: { targets: [{ model: TARGETS[1], timeouts: { idleMs: IDLE_MS } }], fallback: [TARGETS[2]] },
    ...more,
  });
  vendors.play({}, "long");
}

interface Reader {
  readonly sent: ClientRequest;
  readonly response: IncomingMessage;
}

/** Has the head, and reads nothing yet. */
async function open(mount: MountName): Promise<Reader> {
  const client = clientOf(mount);
  const sent = httpRequest(`${world.url}${client.path({ model: ROUTE })}`, { method: "POST", agent: false });
  sent.on("error", () => {});
  sent.end(JSON.stringify(bodyOf(client, isStreamed(mount))));
  const [response]: IncomingMessage[] = await once(sent, "response");
  if (response === undefined) throw new Error("there is no answer");
  response.on("error", () => {});
  return { sent, response };
}

async function lengthOf(response: IncomingMessage): Promise<{ readonly length: number; readonly end: string }> {
  let length = 0;
  let end = "";
  for await (const piece of response.setEncoding("latin1")) {
    length += piece.length;
    end = `${end}${String(piece)}`.slice(-400);
  }
  return { length, end };
}

/** Until nobody takes more of the vendor's answer. */
async function untilHeld(): Promise<number> {
  let before = -1;
  const isSteady = (): boolean => {
    const isSame = vendors.odd.taken() === before;
    before = vendors.odd.taken();
    return isSame && before > 0;
  };
  await expect.poll(isSteady, { interval: 40, timeout: 10_000 }).toBe(true);
  return before;
}

async function settled(): Promise<CallRecord> {
  await expect.poll(() => world.gateway.running, { interval: 5, timeout: 10_000 }).toBe(0);
  const [record] = (await world.gateway.ledger.calls({ countMax: 1 })).calls;
  if (record === undefined) throw new Error("the call is not in the ledger");
  const standings = world.gateway.meter.standings();
  expect(standings.filter(({ reserved }) => reserved !== 0)).toEqual([]);
  expect(standings.find(({ rule }) => rule === "money")?.used).toBeCloseTo(record.costUsd ?? Number.NaN, 7);
  return record;
}

const STREAMS = ["chat stream", "messages stream"] as const;
const END: Readonly<Record<(typeof STREAMS)[number], string>> = { "chat stream": "[DONE]", "messages stream": "message_stop" };

describe.each(STREAMS)("over %s", (mount) => {
  test(footing("a client reads nothing of its stream for a while"), async () => {
    await start();
    const { response } = await open(mount);
    expect(await untilHeld()).toBeLessThan(LONG_LENGTH);
    await sleep(2 * IDLE_MS);
    const { length, end } = await lengthOf(response);
    expect(length).toBeGreaterThan(LONG_LENGTH);
    expect(end).toContain(END[mount]);
    const record = await settled();
    expect(record).toMatchObject({ outcome: "answered", estimated: false, attempts: [{ outcome: "answered" }] });
    expect(record.usage).toMatchObject({ inputTokens: LONG_USAGE.prompt_tokens, outputTokens: LONG_USAGE.completion_tokens });
    expect(vendors.asked()).toEqual({ 1: 1, 2: 0, 3: 0 });
  });

  test(footing("a client never reads its stream"), async () => {
    await start({ server: { unreadMsMax: 100 } });
    const { sent } = await open(mount);
    const record = await settled();
    await expect.poll(() => vendors.odd.wasLeft(), { interval: 5 }).toBe(true);
    expect(record).toMatchObject({ outcome: "aborted", estimated: true, attempts: [{ outcome: "aborted" }] });
    // By what had come, and that is not all.
    expect(record.usage.outputTokens).toBeGreaterThan(10_000);
    expect(record.usage.outputTokens).toBeLessThan(LONG_LENGTH / 3.6);
    expect(record.costUsd).toBeGreaterThan(0);
    expect(vendors.asked()).toEqual({ 1: 1, 2: 0, 3: 0 });
    expect(world.gateway.health().filter(({ failures }) => failures > 0)).toEqual([]);
    sent.destroy();
  });
});

test(footing("a client never reads its whole answer"), async () => {
  await start({ server: { unreadMsMax: 100 } });
  const { sent } = await open("chat");
  expect(await settled()).toMatchObject({ outcome: "answered", estimated: false });
  const connections = () =>
    new Promise<number>((resolve) => world.server.fastify.server.getConnections((_error, count) => resolve(count)));
  await expect.poll(connections, { interval: 10 }).toBe(0);
  sent.destroy();
});

test(footing("one of two clients that share a stream reads nothing"), async () => {
  await start({ more: { cache: { enabled: true } }, server: { unreadMsMax: 200 } });
  const still = await open("chat stream");
  const quick = await open("chat stream");
  const { length, end } = await lengthOf(quick.response);
  expect(length).toBeGreaterThan(LONG_LENGTH);
  expect(end).toContain("[DONE]");
  await expect.poll(() => world.gateway.running, { interval: 5, timeout: 10_000 }).toBe(0);
  expect(vendors.asked()).toEqual({ 1: 1, 2: 0, 3: 0 });
  // Whoever began it pays for it, once.
  const { calls } = await world.gateway.ledger.calls({});
  expect(calls.map(({ outcome, attempts }) => [outcome, attempts.length])).toEqual([
    ["answered", 0],
    ["aborted", 1],
  ]);
  expect(calls[0]?.costUsd).toBe(0);
  expect(calls[1]).toMatchObject({ estimated: false, usage: { outputTokens: LONG_USAGE.completion_tokens } });
  still.sent.destroy();
});
