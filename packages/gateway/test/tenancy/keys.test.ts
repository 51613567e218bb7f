/** Keys: what lets in, what does not, and that a key is nowhere but with its holder. */
import { createMemoryLog, type EventLog } from "@dragoman/events";
import { Secret } from "@dragoman/llm";
import fc from "fast-check";
import { describe, it } from "vitest";
import type { Notice } from "../../src/telemetry/observer.ts";
import { allEvents, movableClock, openTenancy, rejectionOf, START, thrownBy } from "./tenancy-under-test.ts";

const HERE = { address: "127.0.0.1" };

describe("a key", () => {
  it("lets in whoever holds it", async ({ expect }) => {
    const tenancy = await openTenancy();
    const { key, entry } = await tenancy.createKey({ name: "ci", restrictions: { models: ["fast"] } }, "test");
    expect(key).toMatch(/^dgm_[a-z2-7]{16}_[A-Za-z0-9_-]{43}$/);
    expect(entry).toMatchObject({ name: "ci", state: "active", source: "created", createdBy: "test", createdAt: START });
    expect(tenancy.authenticate(key, HERE)).toEqual({ key: entry.id, restrictions: { models: ["fast"] } });
    expect(key).toContain(entry.id.slice(2));
  });

  it("is in no event, and neither is its secret", async ({ expect }) => {
    const log = createMemoryLog();
    const tenancy = await openTenancy({ log });
    const { key } = await tenancy.createKey({ name: "ci" }, "test");
    const rotated = await tenancy.rotateKey("ci", { overlapMs: 1_000 }, "test");
    tenancy.authenticate(key, HERE);
    await tenancy.close();
    const text = JSON.stringify(await allEvents(log));
    for (const one of [key, rotated.key]) {
      expect(text).not.toContain(one);
      expect(text).not.toContain(one.slice(21));
    }
    expect(JSON.stringify(tenancy.keys())).not.toContain("digest");
  });

  it("is refused in the same words whether it is missing, malformed, unknown or wrong", async ({ expect }) => {
    const tenancy = await openTenancy();
    const { key } = await tenancy.createKey({ name: "ci" }, "test");
    const wrong = key.slice(0, -1) + (key.endsWith("A") ? "B" : "A");
    const unknown = key.replace(/^dgm_./, (start) => (start.endsWith("a") ? "dgm_b" : "dgm_a"));
    const refusals = [undefined, "", "dgm_", "nonsense", "x".repeat(5_000), wrong, unknown].map((one) =>
      thrownBy(() => tenancy.authenticate(one, HERE)),
    );
    expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set(["authentication"]));
    expect(new Set(refusals.map(({ message }) => message)).size).toBe(1);
    expect(refusals[0]?.message).not.toContain(key.slice(4, 20));
  });

  it("of any other text is refused", async ({ expect }) => {
    const tenancy = await openTenancy();
    const { key } = await tenancy.createKey({ name: "ci" }, "test");
    const mutated = fc
      .tuple(fc.nat(key.length - 1), fc.constantFrom(..."abcXYZ019_-. \u0000é"), fc.boolean())
      .map(([at, letter, isInserted]) => key.slice(0, at) + letter + key.slice(isInserted ? at : at + 1))
      .filter((text) => text !== key);
    fc.assert(
      fc.property(fc.oneof(mutated, fc.string()), (text) => {
        expect(thrownBy(() => tenancy.authenticate(text, HERE)).code).toBe("authentication");
      }),
      { numRuns: 300 },
    );
  });

  it("says that it is revoked or expired only to its holder", async ({ expect }) => {
    const clock = movableClock();
    const tenancy = await openTenancy({ clock });
    const revoked = await tenancy.createKey({ name: "revoked" }, "test");
    const expiring = await tenancy.createKey({ name: "expiring", restrictions: { expiresAt: START + 1_000 } }, "test");
    await tenancy.revokeKey("revoked", "test");
    clock.move(999);
    expect(tenancy.authenticate(expiring.key, HERE).key).toBe(expiring.entry.id);
    clock.move(1);
    expect(thrownBy(() => tenancy.authenticate(revoked.key, HERE)).message).toContain("is revoked");
    expect(thrownBy(() => tenancy.authenticate(expiring.key, HERE)).message).toContain("has expired");
    const forged = revoked.key.slice(0, 21) + "A".repeat(43);
    expect(thrownBy(() => tenancy.authenticate(forged, HERE)).message).not.toContain("revoked");
    expect(tenancy.keys().map(({ state }) => state)).toEqual(["revoked", "expired"]);
  });

  it("works only from the addresses that it is given for", async ({ expect }) => {
    const tenancy = await openTenancy();
    const { key } = await tenancy.createKey(
      { name: "office", restrictions: { addresses: ["10.1.0.0/16", "2001:db8::/32"] } },
      "test",
    );
    for (const address of ["10.1.2.3", "::ffff:10.1.2.3", "::ffff:a01:203", "2001:db8::7"]) {
      expect(tenancy.authenticate(key, { address }).restrictions.addresses).toHaveLength(2);
    }
    for (const address of ["10.2.0.1", "::ffff:10.2.0.1", "2001:db9::7", "nonsense", undefined]) {
      expect(thrownBy(() => tenancy.authenticate(key, { address })).code).toBe("permission_denied");
    }
  });

  it("may call the models and paths that it and its team are given, and is told which", async ({ expect }) => {
    const tenancy = await openTenancy();
    await tenancy.createTeam({ name: "research", models: ["openai:*", "fast"] }, "test");
    const { key } = await tenancy.createKey(
      { name: "narrow", team: "research", restrictions: { models: ["openai:gpt-*", "claude"], paths: ["/v1/*"] } },
      "test",
    );
    const principal = tenancy.authenticate(key, HERE);
    expect(principal).toMatchObject({ team: "research", teamModels: ["openai:*", "fast"] });
    tenancy.authoriseModel(principal, "openai:gpt-5");
    const denied = thrownBy(() => tenancy.authoriseModel(principal, "fast"));
    expect(denied.code).toBe("permission_denied");
    expect(denied.message).toContain("openai:gpt-*, claude");
    expect(thrownBy(() => tenancy.authoriseModel(principal, "claude")).message).toContain("openai:*, fast");
    tenancy.authorisePath(principal, "/v1/messages");
    expect(thrownBy(() => tenancy.authorisePath(principal, "/api/chat")).code).toBe("permission_denied");
  });

  it("that may use nothing is not one that may use all", async ({ expect }) => {
    const tenancy = await openTenancy();
    const { key } = await tenancy.createKey({ name: "none", restrictions: { models: [], paths: [] } }, "test");
    const principal = tenancy.authenticate(key, HERE);
    expect(thrownBy(() => tenancy.authoriseModel(principal, "fast")).code).toBe("permission_denied");
    expect(thrownBy(() => tenancy.authorisePath(principal, "/")).code).toBe("permission_denied");
  });

  it("is rotated under the same id, and the old one ends with the overlap", async ({ expect }) => {
    const clock = movableClock();
    const tenancy = await openTenancy({ clock });
    const first = await tenancy.createKey({ name: "ci" }, "test");
    const second = await tenancy.rotateKey(first.entry.id, { overlapMs: 1_000 }, "test");
    expect(second.entry).toMatchObject({ id: first.entry.id, overlapUntil: START + 1_000 });
    expect(tenancy.authenticate(first.key, HERE)).toEqual(tenancy.authenticate(second.key, HERE));
    clock.move(1_000);
    expect(thrownBy(() => tenancy.authenticate(first.key, HERE)).code).toBe("authentication");
    expect(tenancy.keys()[0]).not.toHaveProperty("overlapUntil");
    const third = await tenancy.rotateKey("ci", {}, "test");
    expect(thrownBy(() => tenancy.authenticate(second.key, HERE)).code).toBe("authentication");
    expect(tenancy.authenticate(third.key, HERE).key).toBe(first.entry.id);
  });

  it("that leaked twice does not live on through an overlap", async ({ expect }) => {
    const tenancy = await openTenancy();
    const first = await tenancy.createKey({ name: "ci" }, "test");
    const second = await tenancy.rotateKey("ci", { overlapMs: 100_000 }, "test");
    await tenancy.rotateKey("ci", { overlapMs: 100_000 }, "test");
    expect(thrownBy(() => tenancy.authenticate(first.key, HERE)).code).toBe("authentication");
    expect(tenancy.authenticate(second.key, HERE).key).toBe(first.entry.id);
    await tenancy.revokeKey("ci", "test");
    expect(thrownBy(() => tenancy.authenticate(second.key, HERE)).code).toBe("authentication");
  });

  it("takes new restrictions at once, in place of the old ones", async ({ expect }) => {
    const tenancy = await openTenancy();
    const { key } = await tenancy.createKey({ name: "ci", restrictions: { models: ["a"], admin: true } }, "test");
    await tenancy.restrictKey("ci", { paths: ["/v1/*"] }, "test");
    expect(tenancy.authenticate(key, HERE).restrictions).toEqual({ paths: ["/v1/*"] });
  });

  it("is refused with a reason where it cannot be made or changed", async ({ expect }) => {
    const tenancy = await openTenancy({ configuration: { keys: { file: { key: "env:A", restrictions: {} } }, teams: {} } });
    await tenancy.createKey({ name: "ci" }, "test");
    const refused = [
      tenancy.createKey({ name: "ci" }, "test"),
      tenancy.createKey({ name: "file" }, "test"),
      tenancy.createKey({ name: "\u001b[2J" }, "test"),
      tenancy.createKey({ name: " " }, "test"),
      tenancy.createKey({ name: "a", restrictions: { addresses: ["10.0.0.0/33"] } }, "test"),
      tenancy.createKey({ name: "a", restrictions: { paths: ["v1"] } }, "test"),
      tenancy.createKey({ name: "a", restrictions: { expiresAt: START } }, "test"),
      tenancy.revokeKey("file", "test"),
      tenancy.rotateKey("ci", { overlapMs: -1 }, "test"),
    ];
    for (const { code } of await Promise.all(refused.map(rejectionOf))) expect(code).toBe("invalid_request");
    const missing = await rejectionOf(tenancy.rotateKey("ciu", {}, "test"));
    expect([missing.code, missing.advice]).toEqual(["not_found", "did you mean ci?"]);
    expect((await rejectionOf(tenancy.createKey({ name: "a", team: "nobody" }, "test"))).code).toBe("not_found");
    await tenancy.revokeKey("ci", "test");
    const id = tenancy.keys()[1]?.id ?? "";
    expect((await rejectionOf(tenancy.restrictKey(id, {}, "test"))).detail).toContain("is revoked");
    expect((await tenancy.createKey({ name: "ci" }, "test")).entry.state).toBe("active");
  });

  it("that comes back to life does not take a name that was given away", async ({ expect }) => {
    const clock = movableClock();
    const tenancy = await openTenancy({ clock });
    const { entry } = await tenancy.createKey({ name: "ci", restrictions: { expiresAt: START + 1 } }, "test");
    clock.move(1);
    await tenancy.createKey({ name: "ci" }, "test");
    expect((await rejectionOf(tenancy.restrictKey(entry.id, {}, "test"))).detail).toContain("named");
  });
});

describe("whether keys exist", () => {
  it("counts those that hold, and apart from them those that are not for administration alone", async ({ expect }) => {
    const clock = movableClock();
    const tenancy = await openTenancy({ clock });
    const exists = () => [tenancy.hasKeys, tenancy.hasCallerKeys];
    expect(exists()).toEqual([false, false]);
    await tenancy.createKey({ name: "root", restrictions: { admin: true } }, "test");
    expect(exists()).toEqual([true, false]);
    await tenancy.createKey({ name: "ci", restrictions: { expiresAt: START + 5 } }, "test");
    expect(exists()).toEqual([true, true]);
    clock.move(5);
    expect(exists()).toEqual([true, false]);
    await tenancy.revokeKey("root", "test");
    expect(exists()).toEqual([false, false]);
  });
});

describe("several processes", () => {
  it("give one name to one key", async ({ expect }) => {
    const log = createMemoryLog();
    const tenancies = await Promise.all(Array.from({ length: 4 }, () => openTenancy({ log })));
    const results = await Promise.allSettled(tenancies.map((tenancy) => tenancy.createKey({ name: "ci" }, "test")));
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected", "rejected", "rejected"]);
  });

  it("lose nothing that each decides", async ({ expect }) => {
    const log = createMemoryLog();
    const tenancies = await Promise.all(Array.from({ length: 3 }, () => openTenancy({ log })));
    const made = await Promise.all(
      Array.from({ length: 12 }, (_, index) => tenancies[index % 3]?.createKey({ name: `key ${index}` }, "test")),
    );
    for (const tenancy of tenancies) {
      await tenancy.refresh();
      for (const one of made) expect(tenancy.authenticate(one?.key, HERE).key).toBe(one?.entry.id);
    }
  });

  it("hear of each other's keys", async ({ expect }) => {
    const log = createMemoryLog();
    const serving = await openTenancy({ log, follow: true });
    const { key, entry } = await (await openTenancy({ log })).createKey({ name: "made elsewhere" }, "cli:anna");
    await until(() => serving.keys().length === 1);
    expect(serving.authenticate(key, HERE).key).toBe(entry.id);
    await (await openTenancy({ log })).revokeKey(entry.id, "cli:anna");
    await until(() => serving.keys()[0]?.state === "revoked");
    expect(thrownBy(() => serving.authenticate(key, HERE)).detail).toContain("is revoked");
    await serving.close();
  });

  it("do not remove a team under a key that is made in it", async ({ expect }) => {
    const log = createMemoryLog();
    const [one, other] = await Promise.all([openTenancy({ log }), openTenancy({ log })]);
    await one.createTeam({ name: "research" }, "test");
    const results = await Promise.allSettled([
      one.createKey({ name: "ci", team: "research" }, "test"),
      other.removeTeam("research", "test"),
    ]);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });
});

describe("teams", () => {
  it("are created, counted, and removed when they are empty", async ({ expect }) => {
    const tenancy = await openTenancy({ configuration: { keys: {}, teams: { fixed: { models: ["a"] } } } });
    await tenancy.createTeam({ name: "research", models: ["b"] }, "test");
    await tenancy.createKey({ name: "ci", team: "research" }, "test");
    expect(tenancy.teams()).toEqual([
      { name: "fixed", models: ["a"], source: "configuration", keys: 0 },
      { name: "research", models: ["b"], source: "created", keys: 1 },
    ]);
    for (const name of ["fixed", "research"])
      expect((await rejectionOf(tenancy.removeTeam(name, "test"))).code).toBe("invalid_request");
    await tenancy.revokeKey("ci", "test");
    await tenancy.removeTeam("research", "test");
    expect(tenancy.teams().map(({ name }) => name)).toEqual(["fixed"]);
    expect((await rejectionOf(tenancy.createTeam({ name: "fixed" }, "test"))).code).toBe("invalid_request");
  });

  it("that are gone from the configuration take their created keys with them, rather than setting them free", async ({
    expect,
  }) => {
    const tenancy = await openTenancy({ configuration: { keys: {}, teams: { fixed: { models: ["a"] } } } });
    const { key } = await tenancy.createKey({ name: "ci", team: "fixed" }, "test");
    await tenancy.configure({ keys: {}, teams: {} });
    expect(thrownBy(() => tenancy.authenticate(key, HERE)).code).toBe("permission_denied");
    expect(tenancy.keys()[0]?.problem).toContain("its team fixed is gone");
    await tenancy.configure({ keys: {}, teams: { fixed: { models: ["c"] } } });
    expect(tenancy.authenticate(key, HERE).teamModels).toEqual(["c"]);
  });
});

describe("keys of the configuration", () => {
  const secrets = (keys: Readonly<Record<string, string>>) => async (reference: string) => {
    const found = keys[reference];
    return found === undefined ? undefined : new Secret(found);
  };
  const CI_KEY = "any-text-of-twenty-characters";

  it("let in whoever holds them, by the name that they have there", async ({ expect }) => {
    const tenancy = await openTenancy({
      configuration: {
        keys: { ci: { key: "env:CI_KEY", team: "t", restrictions: { admin: true } } },
        teams: { t: { models: ["m"] } },
      },
      secrets: secrets({ "env:CI_KEY": CI_KEY }),
    });
    expect(tenancy.authenticate(CI_KEY, HERE)).toEqual({
      key: "ci",
      team: "t",
      restrictions: { admin: true },
      teamModels: ["m"],
    });
    expect(thrownBy(() => tenancy.authenticate(`${CI_KEY}x`, HERE)).code).toBe("authentication");
    expect(tenancy.keys()[0]).toMatchObject({ id: "ci", source: "configuration", state: "active", lastUsedAt: START });
  });

  it("change with the configuration, or stay when it is wrong", async ({ expect }) => {
    const tenancy = await openTenancy({
      configuration: { keys: { ci: { key: "env:A", restrictions: {} } }, teams: {} },
      secrets: secrets({ "env:A": CI_KEY, "env:B": `${CI_KEY}-other` }),
    });
    const wrong = await rejectionOf(tenancy.configure({ keys: { next: { key: "env:C", restrictions: {} } }, teams: {} }));
    expect(wrong.code).toBe("configuration");
    expect(tenancy.authenticate(CI_KEY, HERE).key).toBe("ci");
    await tenancy.configure({ keys: { next: { key: "env:B", restrictions: {} } }, teams: {} });
    expect(thrownBy(() => tenancy.authenticate(CI_KEY, HERE)).code).toBe("authentication");
    expect(tenancy.authenticate(`${CI_KEY}-other`, HERE).key).toBe("next");
  });

  it.for([
    ["too short", { ci: "env:SHORT" }, "20 to 512"],
    ["not set", { ci: "env:NONE" }, "holds no key"],
    ["with a space in it", { ci: "env:SPACE" }, "header"],
    ["the same twice", { ci: "env:GOOD", other: "env:GOOD" }, "same key as keys.ci"],
    ["named as calls without a key", { local: "env:GOOD" }, "calls without a key"],
    ["named as a created key", { k_abc: "env:GOOD" }, "created key"],
  ] as const)("are refused when %s, without being told", async ([, keys, expected], { expect }) => {
    const values = { "env:SHORT": "short", "env:SPACE": "a key with spaces in it", "env:GOOD": CI_KEY };
    const entries = Object.entries(keys).map(([name, key]) => [name, { key, restrictions: {} }]);
    const configuration = { keys: Object.fromEntries(entries), teams: {} };
    const error = await rejectionOf(openTenancy({ configuration, secrets: secrets(values) }));
    expect(error.code).toBe("configuration");
    expect(error.message).toContain(expected);
    for (const value of Object.values(values)) expect(error.message.split(/[\s:;,]+/)).not.toContain(value);
  });

  it("are listed, and do not work, where nobody reads them", async ({ expect }) => {
    const tenancy = await openTenancy({
      configuration: { keys: { ci: { key: "exec:never-run", restrictions: {} } }, teams: {} },
    });
    expect(tenancy.keys()).toHaveLength(1);
    expect(thrownBy(() => tenancy.authenticate(CI_KEY, HERE)).code).toBe("authentication");
  });
});

describe("another pepper", () => {
  it("makes created keys useless, and says so", async ({ expect }) => {
    const log = createMemoryLog();
    const { key } = await (await openTenancy({ log })).createKey({ name: "ci" }, "test");
    const notices: Notice[] = [];
    const later = await openTenancy({ log, pepper: new Secret("p".repeat(40)), notice: (notice) => notices.push(notice) });
    expect(thrownBy(() => later.authenticate(key, HERE)).code).toBe("authentication");
    expect(later.keys()[0]?.problem).toContain("another pepper");
    expect(notices.map(({ event }) => event)).toEqual(["keys.unusable"]);
    const rotated = await later.rotateKey("ci", {}, "test");
    expect(rotated.entry).not.toHaveProperty("problem");
    expect(later.authenticate(rotated.key, HERE).key).toBe(rotated.entry.id);
  });
});

describe("the last use of a key", () => {
  it("is kept at most once a minute, as no event", async ({ expect }) => {
    const writes: number[] = [];
    const log = countingWrites(createMemoryLog(), writes);
    const clock = movableClock();
    const tenancy = await openTenancy({ log, clock });
    const { key, entry } = await tenancy.createKey({ name: "ci" }, "test");
    const events = await log.lastPosition();
    for (let second = 0; second < 90; second++) {
      tenancy.authenticate(key, HERE);
      clock.move(1_000);
    }
    expect(tenancy.keys()[0]?.lastUsedAt).toBe(START + 89_000);
    await tenancy.close();
    expect(writes.length).toBeLessThanOrEqual(3);
    expect(await log.lastPosition()).toBe(events);
    const later = await openTenancy({ log, clock });
    expect(later.keys()[0]).toMatchObject({ id: entry.id, lastUsedAt: START + 89_000 });
  });

  it("is the latest of what several processes saw", async ({ expect }) => {
    const log = createMemoryLog();
    const clock = movableClock();
    const [one, other] = await Promise.all([openTenancy({ log, clock }), openTenancy({ log, clock })]);
    const made = await one.createKey({ name: "ci" }, "test");
    await other.refresh();
    one.authenticate(made.key, HERE);
    clock.move(10);
    other.authenticate(made.key, HERE);
    await Promise.all([one.close(), other.close()]);
    expect((await openTenancy({ log, clock })).keys()[0]?.lastUsedAt).toBe(START + 10);
  });
});

describe("an event of a later version", () => {
  it("stops the gateway from starting, rather than being passed over", async ({ expect }) => {
    const log = createMemoryLog();
    await log.append("tenancy", [{ type: "key.suspended", data: { id: "k_a" } }]);
    expect((await rejectionOf(openTenancy({ log }))).code).toBe("configuration");
  });
});

function countingWrites(log: EventLog, writes: number[]): EventLog {
  const { read, write } = log.checkpoints;
  return {
    ...log,
    checkpoints: {
      read,
      write: (projection, checkpoint, expected) => {
        if (projection.includes("last-used")) writes.push(checkpoint.position);
        return write(projection, checkpoint, expected);
      },
    },
  };
}

/** Lets what is under way go on until it is so. */
async function until(isSo: () => boolean): Promise<void> {
  for (let turns = 0; !isSo(); turns++) {
    if (turns > 10_000) throw new Error("it never came to be");
    await new Promise((resolve) => setImmediate(resolve));
  }
}
