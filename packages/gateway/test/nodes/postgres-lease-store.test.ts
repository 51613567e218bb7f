/** The leases in PostgreSQL come to what the model comes to, and stay true whoever asks at the same time. */
import fc from "fast-check";
import { Pool } from "pg";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import type { LeaseAsked, LeaseStore } from "../../src/nodes/leases/lease-store.ts";
import { createPostgresLeaseStore } from "../../src/nodes/leases/postgres-lease-store.ts";
import { migrateSharedSchema } from "../../src/nodes/shared-schema.ts";
import { createLeaseModel } from "./memory-lease-store.ts";
import { startSharedDatabase } from "./shared-database.ts";

const { database, reason } = await startSharedDatabase();
afterAll(() => database?.stop());

/** No lease ends by itself here. */
const LEASE_MS = 3_600_000;
const NODES = ["a", "b", "c"];
const COUNTERS = ["x", "y"];

function asked(fields: Partial<LeaseAsked> & Pick<LeaseAsked, "counter">): LeaseAsked {
  const used = fields.used ?? 0;
  const need = Math.max(used, fields.need ?? used);
  const demand = Math.max(need, fields.demand ?? need);
  const wanted = fields.released === true ? used : Math.max(demand, fields.wanted ?? demand);
  return {
    label: fields.counter,
    name: `of ${fields.counter}`,
    amount: 100,
    leavesInMs: LEASE_MS,
    released: false,
    ...fields,
    used,
    need,
    demand,
    wanted,
  };
}

type Step =
  | {
      readonly type: "renew";
      readonly node: string;
      readonly leases: readonly LeaseAsked[];
      readonly looks: readonly string[];
      readonly countNodes: boolean;
    }
  | { readonly type: "repeat" | "leave" | "register" | "sweep" | "left"; readonly node: string };

const units = fc.integer({ min: 0, max: 60 });
const lease = fc.record({
  used: units,
  need: units,
  demand: units,
  wanted: units,
  amount: fc.constantFrom(100, 100, 100, 50),
  leavesInMs: fc.constantFrom(0, LEASE_MS),
  released: fc.constantFrom(false, false, false, true),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({
        node: fc.constantFrom(...NODES),
        all: fc.tuple(lease, fc.option(lease)),
        looks: fc.subarray([...COUNTERS, "z"]),
        countNodes: fc.boolean(),
      })
      .map(({ node, all, looks, countNodes }) => ({
        type: "renew" as const,
        node,
        countNodes,
        looks,
        leases: COUNTERS.flatMap((counter, index) => {
          const given = all[index];
          return given ? [asked({ counter, ...given })] : [];
        }),
      })),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constantFrom("repeat", "leave", "register", "sweep", "left"),
      node: fc.constantFrom(...NODES),
    }) as fc.Arbitrary<Step>,
  },
);

describe.skipIf(database === undefined)(`leases in PostgreSQL${reason ? ` (${reason})` : ""}`, () => {
  const pool = database?.pool ?? new Pool();

  const clear = () =>
    pool.query(`with a as (delete from dragoman.nodes), b as (delete from dragoman.counters) delete from dragoman.leases`);
  beforeEach(clear);

  async function sums() {
    const { rows } = await pool.query(`
      select c.counter, c.committed, c.used, coalesce(sum(l.units), 0)::bigint as units, coalesce(sum(l.used), 0)::bigint as told
      from dragoman.counters c left join dragoman.leases l on l.counter = c.counter group by c.counter`);
    for (const row of rows) expect([row.counter, row.committed, row.used]).toEqual([row.counter, row.units, row.told]);
    return rows;
  }

  async function heldNow() {
    const { rows } = await pool.query(
      "select counter, node, units::integer, used::integer, orphan from dragoman.leases order by counter, node",
    );
    return rows;
  }

  test("come to the same as the model, whatever is asked in whatever order", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 12 }), async (steps) => {
        await clear();
        let now = 0;
        const model = createLeaseModel({ leaseMs: LEASE_MS, now: () => now++ });
        const epochs = new Map<string, number>();
        const turns = new Map<string, number>();
        let last: Parameters<LeaseStore["renew"]>[0] | undefined;

        async function both<Result>(node: string, ask: (store: LeaseStore) => Promise<Result>): Promise<Result> {
          const expected = await ask(model.storeOf(node));
          expect(await ask(createPostgresLeaseStore({ pool, node, leaseMs: LEASE_MS }))).toEqual(expected);
          return expected;
        }
        for (const node of NODES) epochs.set(node, (await both(node, (store) => store.register(true)))?.epoch ?? 0);

        for (const one of steps) {
          const epoch = epochs.get(one.node) ?? 0;
          if (one.type === "renew") {
            const turn = (turns.get(one.node) ?? 0) + 1;
            turns.set(one.node, turn);
            last = { epoch, turn, nodes: 3, countNodes: one.countNodes, leases: one.leases, looks: one.looks };
            const renewal = last;
            await both(one.node, (store) => store.renew(renewal));
          } else if (one.type === "repeat" && last !== undefined) {
            // One that was delayed on its way, of this node or with the number of another.
            const renewal = { ...last, turn: Math.min(last.turn, turns.get(one.node) ?? 0) };
            await both(one.node, (store) => store.renew(renewal));
          } else if (one.type === "left") await both(one.node, (store) => store.left("", 10));
          else if (one.type === "leave") await both(one.node, (store) => store.leave(epoch));
          else if (one.type === "sweep")
            await model
              .storeOf(one.node)
              .sweep()
              .then(() => sweepAll(one.node));
          else if (one.type === "register") {
            const registered = await both(one.node, (store) => store.register(false));
            if (registered !== undefined) {
              epochs.set(one.node, registered.epoch);
              turns.set(one.node, 0);
            }
          }
        }
        const expected = model.leases.map(({ counter, node, units: held, used, orphan }) => ({
          counter,
          node,
          units: held,
          used,
          orphan,
        }));
        const order = (of: { counter: string; node: string }) => `${of.counter} ${of.node}`;
        expect(await heldNow()).toEqual(expected.toSorted((x, y) => (order(x) < order(y) ? -1 : 1)));
        await sums();
      }),
      { numRuns: 120 },
    );
  });

  async function sweepAll(node: string): Promise<void> {
    await createPostgresLeaseStore({ pool, node, leaseMs: LEASE_MS }).sweep();
  }

  test("hold no more than the amount, and lock one another out of nothing, when all ask at once", async () => {
    const counters = Array.from({ length: 20 }, (_, index) => `counter ${String(index).padStart(2, "0")}`);
    const random = seeded(7);
    async function node(name: string): Promise<void> {
      const store = createPostgresLeaseStore({ pool, node: name, leaseMs: LEASE_MS });
      const epoch = (await store.register(true))?.epoch ?? 0;
      for (let turn = 1; turn <= 25; turn += 1) {
        const leases = counters
          .filter(() => random() < 0.5)
          .map((counter) =>
            asked({ counter, need: Math.floor(random() * 20), wanted: Math.floor(random() * 60), leavesInMs: 0 }),
          );
        expect((await store.renew({ epoch, turn, nodes: 4, countNodes: false, leases, looks: [] })).fenced).toBe(false);
        if (turn % 5 === 0) await store.sweep();
      }
    }
    await Promise.all(["a", "b", "c", "d"].map(node));
    for (const { units: held } of await sums()) expect(Number(held)).toBeLessThanOrEqual(100);
  });

  test("of a node that slept are another's once they were taken back, and what it asks then changes nothing", async () => {
    const sleeper = createPostgresLeaseStore({ pool, node: "sleeper", leaseMs: 1 });
    const other = createPostgresLeaseStore({ pool, node: "other", leaseMs: LEASE_MS });
    const epoch = (await sleeper.register(true))?.epoch ?? 0;
    const everything = [asked({ counter: "x", used: 40, wanted: 100 })];
    await sleeper.renew({ epoch, turn: 1, nodes: 1, countNodes: false, leases: everything, looks: [] });
    // Of what is free beyond its need it has its share, and leaves that of one more.
    expect(await heldNow()).toMatchObject([{ node: "sleeper", units: 70, used: 40 }]);
    await expect.poll(() => other.sweep()).toBeGreaterThan(0);
    const own = (await other.register(true))?.epoch ?? 0;
    const wanted = [asked({ counter: "x", need: 60, wanted: 60 })];
    expect(await other.renew({ epoch: own, turn: 1, nodes: 1, countNodes: false, leases: wanted, looks: [] })).toMatchObject({
      leases: [{ units: 60, elsewhere: 40, free: 0 }],
    });
    expect(await sleeper.renew({ epoch, turn: 2, nodes: 1, countNodes: false, leases: everything, looks: [] })).toEqual({
      fenced: true,
    });
    expect(await heldNow()).toMatchObject([
      { node: "other", units: 60 },
      { node: "sleeper", units: 40, orphan: true },
    ]);
  });

  test("tables are made once, however many nodes start at once", async () => {
    const url = (await database?.server.createDatabase("started_together")) ?? "";
    const pools = Array.from({ length: 5 }, () => new Pool({ connectionString: url, max: 1 }));
    await Promise.all(pools.map(migrateSharedSchema));
    const { rows } = await (pools[0] ?? pool).query("select count(*)::integer as count from dragoman.schema_version");
    expect(rows).toEqual([{ count: 1 }]);
    await Promise.all(pools.map((one) => one.end()));
  });
});

/** The same chances for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
