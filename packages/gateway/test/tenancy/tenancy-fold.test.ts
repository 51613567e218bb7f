/** The fold of the events against the simplest model of it, over any history. */
import { createMemoryLog } from "@dragoman/events";
import { DragomanError } from "@dragoman/llm";
import fc from "fast-check";
import { describe, it } from "vitest";
import type { Tenancy } from "../../src/tenancy/tenancy.ts";
import { parseTenancyEvent, TENANCY_STREAM } from "../../src/tenancy/tenancy-events.ts";
import { createTenancyState } from "../../src/tenancy/tenancy-state.ts";
import { type MovableClock, movableClock, openTenancy } from "./tenancy-under-test.ts";

type Act =
  | { readonly type: "create"; readonly name: string; readonly team: string | undefined; readonly livesMs: number | undefined }
  | { readonly type: "rotate"; readonly name: string; readonly overlapMs: number }
  | { readonly type: "revoke" | "restrict"; readonly name: string }
  | { readonly type: "create-team" | "remove-team"; readonly name: string }
  | { readonly type: "wait"; readonly ms: number };

const name = fc.constantFrom("a", "b", "c");
const team = fc.constantFrom("red", "blue");
const ms = fc.constantFrom(0, 1, 10);
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    type: fc.constant("create" as const),
    name,
    team: fc.option(team, { nil: undefined }),
    livesMs: fc.option(fc.constantFrom(1, 10), { nil: undefined }),
  }),
  fc.record({ type: fc.constant("rotate" as const), name, overlapMs: ms }),
  fc.record({ type: fc.constantFrom("revoke" as const, "restrict" as const), name }),
  fc.record({ type: fc.constantFrom("create-team" as const, "remove-team" as const), name: team }),
  fc.record({ type: fc.constant("wait" as const), ms }),
);

/** A secret that was given out, and until when it holds. */
interface Given {
  readonly key: string;
  readonly id: string;
  until: number;
}

describe("any history of keys", () => {
  it("lets in exactly the secrets that hold, here and in a process that starts afterwards", async ({ expect }) => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 25 }), async (acts) => {
        const log = createMemoryLog();
        const clock = movableClock();
        const tenancy = await openTenancy({ log, clock });
        const given: Given[] = [];
        for (const one of acts) await perform(tenancy, clock, one, given);
        const fresh = await openTenancy({ log, clock });
        expect(fresh.keys()).toEqual(tenancy.keys());
        expect(fresh.teams()).toEqual(tenancy.teams());
        for (const { key, id, until } of given) {
          const expected = until > clock() ? id : undefined;
          expect([holderOf(tenancy, key), holderOf(fresh, key)]).toEqual([expected, expected]);
        }
        const active = tenancy.keys().filter(({ state }) => state === "active");
        expect(new Set(active.map((key) => key.name)).size).toBe(active.length);
        expect(tenancy.hasKeys).toBe(active.length > 0);
      }),
      { numRuns: 60 },
    );
  });

  it("folds to the same whatever other streams stand between, and however often it is folded", async ({ expect }) => {
    const log = createMemoryLog();
    const tenancy = await openTenancy({ log });
    await tenancy.createTeam({ name: "red" }, "test");
    await tenancy.createKey({ name: "a", team: "red" }, "test");
    await log.append("tenancy-of-others", [{ type: "key.created", data: {} }]);
    await tenancy.rotateKey("a", { overlapMs: 5 }, "test");
    const fold = async () => {
      const state = createTenancyState();
      for await (const stored of log.readStream(TENANCY_STREAM)) state.apply(parseTenancyEvent(stored));
      return [[...state.keys], [...state.teams]];
    };
    expect(await fold()).toEqual(await fold());
  });
});

async function perform(tenancy: Tenancy, clock: MovableClock, one: Act, given: Given[]): Promise<void> {
  try {
    await performed(tenancy, clock, one, given);
  } catch (error) {
    // What may not be done is refused, and has changed nothing: the model below is left as it was.
    if (!DragomanError.is(error) || (error.code !== "invalid_request" && error.code !== "not_found")) throw error;
  }
}

async function performed(tenancy: Tenancy, clock: MovableClock, one: Act, given: Given[]): Promise<void> {
  switch (one.type) {
    case "create": {
      const until = one.livesMs === undefined ? Number.POSITIVE_INFINITY : clock() + one.livesMs;
      const restrictions = one.livesMs === undefined ? {} : { expiresAt: until };
      const { key, entry } = await tenancy.createKey(
        { name: one.name, restrictions, ...(one.team === undefined ? {} : { team: one.team }) },
        "test",
      );
      given.push({ key, id: entry.id, until });
      break;
    }
    case "rotate": {
      const { key, entry } = await tenancy.rotateKey(one.name, { overlapMs: one.overlapMs }, "test");
      const same = given.filter(({ id }) => id === entry.id);
      const newest = same.at(-1);
      const until = entry.restrictions.expiresAt ?? Number.POSITIVE_INFINITY;
      for (const before of same) before.until = before === newest ? Math.min(until, clock() + one.overlapMs) : 0;
      given.push({ key, id: entry.id, until });
      break;
    }
    case "revoke": {
      const { id } = await tenancy.revokeKey(one.name, "test");
      for (const before of given) if (before.id === id) before.until = 0;
      break;
    }
    case "restrict": {
      const before = tenancy.keys().find((key) => key.name === one.name && key.state === "active");
      await tenancy.restrictKey(one.name, { ...before?.restrictions, models: ["x"] }, "test");
      break;
    }
    case "create-team":
      await tenancy.createTeam({ name: one.name }, "test");
      break;
    case "remove-team":
      await tenancy.removeTeam(one.name, "test");
      break;
    case "wait":
      clock.move(one.ms);
  }
}

function holderOf(tenancy: Tenancy, key: string): string | undefined {
  try {
    return tenancy.authenticate(key, {}).key;
  } catch (error) {
    // A removed team takes nothing that holds with it, so only the key itself can be the reason.
    if (DragomanError.is(error) && error.code === "authentication") return undefined;
    throw error;
  }
}
