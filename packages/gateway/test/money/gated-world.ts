/**
 * A gateway over two gated vendors and a SQLite file, on which a schedule is run: one step at a time, each in a turn of its own. A kill is
 * the file as it stands at that moment, with all that lies beside it, opened by another gateway: what the page cache has outlives a
 * process, so a copy is what the next process would find. (`killed.test.ts` kills real ones.)
 */
import { deepStrictEqual } from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type CompletionCall, createRegistry } from "@dragoman/llm";
import { completeConfiguration } from "../../src/config/complete-configuration.ts";
import { createGateway } from "../../src/create-gateway.ts";
import type { Gateway } from "../../src/gateway.ts";
import type { AttemptRecord, CallRecord, OpenCall } from "../../src/ledger/call-record.ts";
import { type Figures, NOTHING } from "./counted.ts";
import { completeCall, type MadeCall, readCall } from "./gated-calls.ts";
import { expectGatedBook, expectGatedSeen } from "./gated-laws.ts";
import { GATED_PRICES, gatedRules } from "./gated-limits.ts";
import type { PlannedCall, Schedule, Step } from "./gated-schedule.ts";
import { CALL_TAG, createGatedVendor, type Met, type VendorEntry } from "./gated-vendor.ts";
import { createGates } from "./gates.ts";
import { KEYS_AND_TEAMS, KEYS_ENVIRONMENT, principalOf } from "./keys.ts";
import {
  allRecords,
  beginCounts,
  expectAtRest,
  expectExactly,
  expectStandings,
  expectSumOfAttempts,
  expectSums,
  hold,
} from "./laws.ts";
import { createWitness } from "./witness.ts";

/** What a schedule came to, for whoever adds up. */
export interface Tally {
  calls: number;
  lives: number;
  readonly outcomes: Record<string, number>;
}

export async function runSchedule({ limits, cache, steps }: Schedule, tally: Tally): Promise<void> {
  const rules = gatedRules(limits);
  const root = mkdtempSync(join(tmpdir(), "dragoman-money-"));
  const witness = createWitness(rules, { strict: true, least: leastHeld });
  const made = new Map<string, MadeCall>();
  const book: VendorEntry[] = [];
  const vendorGates = createGates();
  const readerGates = createGates();
  /** Calls that were under way when their process was killed, and those that waited to be let in. */
  const killed = new Set<string>();
  const unheard = new Set<string>();
  /** Calls under a name that is taken: how many are under way, how many there were, and whether one was answered. */
  let repeats = 0;
  let repeatsMade = 0;
  let repeated = false;
  let lives = 0;
  let folder = join(root, "0");
  /** Answers from which this gateway has learned, by key and provider. */
  let learned = new Map<string, number>();
  let life = witness.watch();
  let gateway = await open();

  async function open(): Promise<Gateway> {
    lives += 1;
    learned = new Map();
    return createGateway(
      completeConfiguration(
        {
          store: { type: "sqlite", file: join(folder, "gateway.db") },
          models: {
            steady: { targets: ["cheap:m"], fallback: ["dear:m"], sticky: false },
            spread: { targets: ["cheap:m", "dear:m"], sticky: false },
            dear: { targets: ["dear:m"] },
          },
          ...KEYS_AND_TEAMS,
          limits: rules,
          cache: { enabled: cache },
          failing: { breaker: { failures: 1_000, share: 1 } },
        },
        { providers: Object.keys(GATED_PRICES) },
      ),
      {
        registry: createRegistry(
          Object.entries(GATED_PRICES).map(([id, price]) => createGatedVendor({ id, price, gates: vendorGates, meets, book })),
        ),
        environment: KEYS_ENVIRONMENT,
        random: () => 0.5,
        sleep: async () => {},
        observers: [life.observer, { attemptEnded: learn }],
      },
    );
  }

  function learn({ key }: OpenCall, { provider, outcome, estimated }: AttemptRecord): void {
    const pair = `${key} ${provider}`;
    if (outcome === "answered" && estimated === false) learned.set(pair, (learned.get(pair) ?? 0) + 1);
  }

  /** While few answers are known, as much is set aside as the call allows. */
  function leastHeld({ id, key }: OpenCall, provider: string): Figures {
    const tokens = cache ? undefined : made.get(id)?.plan.outputTokensMax;
    if (tokens === undefined || (learned.get(`${key} ${provider}`) ?? 0) >= ANSWERS_MIN) return NOTHING;
    return { requests: 1, tokens, usd: tokens * (GATED_PRICES[provider]?.output ?? 0) };
  }

  function meets(id: string): Met {
    const plan = made.get(id)?.plan;
    const met = plan?.meets[book.filter((entry) => entry.call === id).length];
    if (met === undefined) return WELL;
    return "told" in met ? { ...met, told: { ...met.told, outputTokens: within(met.told.outputTokens, plan) } } : met;
  }

  function begin(plan: PlannedCall): void {
    const call: MadeCall = { id: `call-${made.size}`, plan, controller: new AbortController(), hasLeft: false, seen: undefined };
    made.set(call.id, call);
    const provider = providerFor(call);
    const ending =
      plan.way === "complete" ? completeCall(provider, asked(call)) : readCall(provider, asked(call), call, readerGates);
    void ending.then((seen) => {
      call.seen = seen;
    });
  }

  function asked({ id, plan, controller }: MadeCall): CompletionCall {
    const text = `question ${plan.question} ${"word ".repeat(cache ? 10 : plan.words)}`;
    return {
      model: plan.route,
      messages: [{ role: "user", parts: [{ type: "text", text }] }],
      metadata: { tags: { [CALL_TAG]: id } },
      signal: controller.signal,
      ...(plan.outputTokensMax === undefined || cache ? {} : { maxOutputTokens: plan.outputTokensMax }),
    };
  }

  function providerFor({ id, plan: { key } }: MadeCall) {
    return gateway.as({ principal: principalOf(key), requestId: id });
  }

  const underWay = (): readonly MadeCall[] => [...made.values()].filter(({ seen }) => seen === undefined);

  async function take(step: Step): Promise<void> {
    switch (step.type) {
      case "call":
        begin(step);
        break;
      case "vendor":
        vendorGates.open(step.which);
        break;
      case "reader":
        readerGates.open(step.which);
        break;
      case "abort":
        chosen(step.which)?.controller.abort();
        break;
      case "leave":
        leave(chosen(step.which));
        break;
      case "again":
        callAgain(step.which);
        break;
      case "reopen":
        await close();
        await reopen();
        break;
      case "kill":
        await kill();
        await reopen();
    }
    await turn(cache);
    hold(witness.broken.length === 0, () => `limits hold: ${witness.broken.join("; ")}`);
  }

  /** It finds its name taken, or no room before: it is refused, and kept under a name of its own. It may wait in line until then. */
  function callAgain(which: number): void {
    const settledCalls = [...witness.closed.keys()];
    const call = made.get(settledCalls[which % Math.max(1, settledCalls.length)] ?? "");
    if (call === undefined) return;
    repeats += 1;
    repeatsMade += 1;
    void completeCall(providerFor(call), asked({ ...call, controller: new AbortController() })).then((seen) => {
      repeats -= 1;
      repeated ||= seen.type !== "failed";
    });
  }

  function chosen(which: number): MadeCall | undefined {
    const calls = underWay();
    return calls[which % Math.max(1, calls.length)];
  }

  function leave(call: MadeCall | undefined): void {
    if (call !== undefined) call.hasLeft = true;
  }

  /** In order. Readers that stand still would be waited for. */
  async function close(): Promise<void> {
    for (const call of underWay()) leave(call);
    while (readerGates.waiting > 0) readerGates.open(0);
    await gateway.close();
    await settled();
  }

  async function kill(): Promise<void> {
    for (const id of life.underWay()) killed.add(id);
    for (const { id } of underWay()) if (!killed.has(id) && !witness.closed.has(id)) unheard.add(id);
    life.die();
    const copy = join(root, String(lives));
    cpSync(folder, copy, { recursive: true });
    await close();
    folder = copy;
  }

  /** Until every caller has its end. */
  async function settled(): Promise<void> {
    for (let round = 0; underWay().length > 0 || repeats > 0; round += 1) {
      hold(round < ROUNDS_MAX, () => `every call ends (${underWay().map(({ id }) => id)})`);
      vendorGates.open(round);
      readerGates.open(round);
      await turn(cache);
    }
    await turn(cache);
  }

  async function reopen(): Promise<void> {
    life = witness.watch();
    gateway = await open();
    expectStandings(gateway.meter.standings(), rules, witness.closed);
  }

  async function expectLaws(): Promise<ReadonlyMap<string, CallRecord>> {
    const records = await allRecords(gateway.ledger);
    const others = [...records.values()].filter(({ id }) => !made.has(id));
    expectExactly(records, [...[...made.keys()].filter((id) => !unheard.has(id)), ...others.map(({ id }) => id)]);
    hold(others.length <= repeatsMade, () => `nobody made the calls ${others.map(({ id }) => id).join(" ")}`);
    for (const { id, outcome } of others) hold(outcome === "refused", () => `${id}, called under a taken name, is refused`);
    for (const id of killed) hold(records.get(id)?.outcome === "interrupted", () => `${id}, killed, was interrupted`);
    for (const record of records.values()) {
      expectSumOfAttempts(record);
      if (record.outcome === "interrupted") hold(killed.has(record.id), () => `${record.id} was interrupted by a kill`);
    }
    expectGatedBook(records, book);
    for (const call of made.values()) expectGatedSeen(call, records.get(call.id));
    hold(!repeated, () => "no call is made a second time under the name of another");
    witness.checkBounds();
    hold(witness.broken.length === 0, () => `limits hold: ${witness.broken.join("; ")}`);
    return records;
  }

  try {
    for (const step of steps) await take(step);
    await settled();
    expectAtRest(gateway);
    expectStandings(gateway.meter.standings(), rules, witness.closed);
    const records = await expectLaws();
    await close();
    await reopen();
    beginCounts(gateway, ["dear"]);
    expectStandings(gateway.meter.standings(), rules, records, { isComplete: true });
    deepStrictEqual(await allRecords(gateway.ledger), records);
    await expectSums(gateway.ledger, records);
    for (const { outcome } of records.values()) tally.outcomes[outcome] = (tally.outcomes[outcome] ?? 0) + 1;
    tally.calls += made.size;
    tally.lives += lives;
  } finally {
    for (const call of underWay()) call.controller.abort();
    await close();
    rmSync(root, { recursive: true, force: true });
  }
}

/** From so many answers on estimates are learned from them. Until then they are 1 000 tokens, which is more than any call here allows. */
const ANSWERS_MIN = 8;
/** Far more than any schedule has gates. */
const ROUNDS_MAX = 20_000;
const WELL: Met = {
  type: "answer",
  told: { inputTokens: 20, cacheReadTokens: 0, outputTokens: 20 },
  pieces: 1,
  tells: "all",
};

/** Lets everybody go on as far as they come. Keys of cached answers are hashed by a pool of threads: what is hashed after them is ready after them. */
async function turn(isHashing: boolean): Promise<void> {
  await nextTurn();
  if (!isHashing) return;
  await Promise.all(LATER_HASHES.map((bytes) => crypto.subtle.digest("SHA-256", bytes)));
  await nextTurn();
}

/** More of them than there are threads. */
const LATER_HASHES = Array.from({ length: 8 }, () => new Uint8Array(1_024));

function within(outputTokens: number, plan: PlannedCall | undefined): number {
  return Math.min(outputTokens, plan?.outputTokensMax ?? outputTokens);
}
