/** The table of faults, row by row, on every mount: outcome, attempts, money, and the gateway alive afterwards. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AttemptRecord, CallRecord } from "../../src/ledger/call-record.ts";
import { type FaultVendors, type FaultWorld, startFaultVendors, startFaultWorld, WELL } from "./fault-world.ts";
import { ask, type Seen } from "./mounts.ts";
import {
  type AttemptWord,
  type Ending,
  endingOf,
  type FaultScenario,
  isWire,
  MOUNTS,
  type MountName,
  TARGET_NUMBERS,
  TARGETS,
  type TargetNumber,
} from "./scenario.ts";
import { FAULT_SCENARIOS } from "./scenarios.ts";

let vendors: FaultVendors;
/** What a good answer says. */
let goodText: string;

beforeAll(async () => {
  vendors = await startFaultVendors();
  const world = await startFaultWorld(vendors);
  goodText = (await ask("complete", world)).text;
  await world.close();
});
afterAll(() => vendors.close());

describe.each([...new Set(FAULT_SCENARIOS.map(({ group }) => group))])("%s", (group) => {
  test.each(FAULT_SCENARIOS.filter((scenario) => scenario.group === group))("$name", async (scenario) => {
    const world = await startFaultWorld(vendors, scenario);
    try {
      const spent: CallRecord[] = [];
      for (const mount of scenario.mounts ?? MOUNTS) spent.push(await runOn(mount, scenario, world));
      await checkAccounts(world, spent);
    } finally {
      await world.close();
    }
  });
});

async function runOn(mount: MountName, scenario: FaultScenario, world: FaultWorld): Promise<CallRecord> {
  vendors.play(scenario.meets, scenario.instead);
  const seen = await ask(mount, world, scenario.asks);
  const ending = endingOf(scenario, mount);
  await expect.poll(() => world.gateway.running, { interval: 2, message: mount }).toBe(0);
  const [record] = (await world.gateway.ledger.calls({ countMax: 1 })).calls;
  if (record === undefined) throw new Error("the call is not in the ledger");
  expect(told(record, ending), mount).toEqual(expectedRecord(ending, mount));
  checkAnswer(seen, ending, mount);
  if (ending.error?.inBand === true && scenario.instead === undefined) checkPart(seen, mount);
  if (scenario.instead !== "nobody") checkSent(vendors.asked(), ending, mount);
  checkWaits(world.waits(), ending, mount);
  const alone = world.gateway.health().flatMap(({ target, state }) => (state === "open" ? [target] : []));
  expect(alone, mount).toEqual((ending.leftAlone ?? []).map((number) => TARGETS[number]));
  // Whatever was left alone is asked again by the next.
  world.later(600_000);
  return record;
}

/** In our words, in OpenAI's and in Anthropic's. OpenAI's own refusal is a field beside `stop`, and passed on as it came. */
const FINISHES = {
  stop: { own: ["stop"], chat: ["stop"], messages: ["end_turn"] },
  length: { own: ["length"], chat: ["length"], messages: ["max_tokens"] },
  "tool-calls": { own: ["tool-calls"], chat: ["tool_calls"], messages: ["tool_use"] },
  "content-filter": { own: ["content-filter"], chat: ["content_filter", "stop"], messages: ["refusal"] },
} as const;

function finishesOn(mount: MountName, finish: keyof typeof FINISHES): readonly string[] {
  const { own, chat, messages } = FINISHES[finish];
  if (!isWire(mount)) return own;
  return mount.startsWith("chat") ? chat : messages;
}

function checkAnswer(seen: Seen, ending: Ending, mount: MountName): void {
  const { error, finish } = ending;
  const restarts = ending.restarts === true ? 1 : 0;
  if (error === undefined) {
    expect(seen, mount).toMatchObject({ complete: true, failure: undefined, restarts });
    expect(seen.model, mount).toBe(targetOf(answeredBy(ending)));
    expect(finishesOn(mount, finish ?? "stop"), mount).toContain(seen.finish);
    if (finish === undefined) expect(seen.text, mount).toBe(goodText);
    return;
  }
  expect(seen, mount).toMatchObject({ complete: false, restarts, inBand: error.inBand === true });
  expect(seen.failure, mount).toEqual(expect.any(String));
  // Anthropic's wire has the vendor's words and no code of ours.
  const code = isWire(mount) ? (error.wireCode ?? error.code) : error.code;
  if (!mount.startsWith("messages")) expect(seen.failure, mount).toContain(` ${code}`);
  if (error.wireCode !== undefined && isWire(mount)) expect(seen.failure, mount).not.toContain(`${error.code} (`);
  if (!isWire(mount)) return;
  expect(seen.status, mount).toBe(error.status);
  if (error.retryAfterSeconds !== undefined) expect(Number(seen.retryAfter), mount).toBe(error.retryAfterSeconds);
}

/** What was given out before it broke is the beginning of a good answer. */
function checkPart({ text }: Seen, mount: MountName): void {
  expect(goodText.startsWith(text), mount).toBe(true);
}

// What the ledger must say

function told(record: CallRecord, ending: Ending) {
  const { outcome, code, status, attempts, costUsd = Number.NaN, estimated, provider, model } = record;
  const sum = attempts.reduce((total, attempt) => total + (attempt.costUsd ?? 0), 0);
  return {
    outcome,
    status,
    ...(ending.error === undefined ? { answeredBy: `${provider}:${model}` } : { code }),
    attempts: attempts.map(wordOf),
    costIsTheSum: Math.abs(costUsd - sum) < 1e-12,
    estimated,
  };
}

function expectedRecord(ending: Ending, mount: MountName) {
  const { error, attempts } = ending;
  const outcome = error === undefined ? "answered" : error.inBand === true ? "cut" : "failed";
  return {
    outcome,
    status: isWire(mount) ? (error?.status ?? 200) : undefined,
    ...(error === undefined ? { answeredBy: targetOf(answeredBy(ending)) } : { code: error.code }),
    attempts,
    costIsTheSum: true,
    estimated: attempts.some((word) => word.endsWith("~")),
  };
}

/** An attempt of the ledger in the words of the table. */
function wordOf({ provider, model, outcome, code, costUsd, estimated }: AttemptRecord): string {
  const number = Object.entries(TARGETS).find(([, name]) => name === `${provider}:${model}`)?.[0] ?? "?";
  if (outcome === "skipped") return `${number} skipped`;
  const free = costUsd === 0 && estimated === false;
  const paid = costUsd !== undefined && costUsd > 0;
  if (outcome === "answered") return `${number} answered${paid && estimated === false ? "" : " at no known price"}`;
  return `${number} ${code}${free ? "" : paid && estimated === true ? " ~" : " at no known price"}`;
}

function answeredBy({ attempts }: Ending): AttemptWord {
  const word = attempts.find((one) => one.endsWith(" answered"));
  if (word === undefined) throw new Error("the scenario says neither who answers nor which error comes");
  return word;
}

function targetOf(word: AttemptWord): string | undefined {
  return Object.entries(TARGETS).find(([number]) => word.startsWith(number))?.[1];
}

/** Each attempt is one request. One that timed out may have been left before the vendor heard of it. */
function checkSent(asked: Readonly<Record<TargetNumber, number>>, { attempts }: Ending, mount: MountName): void {
  for (const number of TARGET_NUMBERS) {
    const sent = attempts.filter((word) => word.startsWith(`${number} `) && word !== `${number} skipped`);
    const unsure = sent.filter((word) => word.startsWith(`${number} timeout`));
    const where = `${mount}, target ${number}`;
    expect(asked[number], where).toBeLessThanOrEqual(sent.length);
    expect(asked[number], where).toBeGreaterThanOrEqual(sent.length - unsure.length);
  }
}

function checkWaits(waits: readonly number[], { waits: expected = [] }: Ending, mount: MountName): void {
  expect(waits, mount).toHaveLength(expected.length);
  for (const [index, bounds] of expected.entries()) {
    const [least, most] = typeof bounds === "number" ? [bounds, bounds] : bounds;
    expect(waits[index], mount).toBeGreaterThanOrEqual(least);
    expect(waits[index], mount).toBeLessThanOrEqual(most);
  }
}

/** Another call is answered, nothing is set aside any more, and what is used is what the ledger says. */
async function checkAccounts({ gateway }: FaultWorld, records: readonly CallRecord[]): Promise<void> {
  const { cost } = await gateway.complete({
    model: WELL,
    messages: [{ role: "user", parts: [{ type: "text", text: "hello" }] }],
  });
  const standings = gateway.meter.standings();
  expect(standings.filter(({ reserved, waiting }) => reserved !== 0 || waiting !== 0)).toEqual([]);
  const spentUsd = records.reduce((sum, { costUsd = 0 }) => sum + costUsd, cost?.totalUsd ?? 0);
  expect(standings.find(({ rule }) => rule === "money")?.used).toBeCloseTo(spentUsd, 7);
  expect(gateway.running).toBe(0);
}
