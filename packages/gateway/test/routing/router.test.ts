import type { CompletionRequest, Message } from "@dragoman/llm";
import { describe, expect, it } from "vitest";
import type { Caller } from "../../src/caller.ts";
import { createRouterMemory } from "../../src/routing/create-router.ts";
import { createStickyTargets } from "../../src/routing/sticky-targets.ts";
import { asking, CALLER, routerFixture } from "./routing-fixture.ts";

function callerOf(fields: { readonly key?: string; readonly team?: string; readonly agent?: string }): Caller {
  const { key = "k_1", team, agent } = fields;
  return {
    principal: { key, restrictions: {}, ...(team === undefined ? {} : { team }) },
    ...(agent === undefined ? {} : { agent }),
  };
}

describe("names", () => {
  const fixture = routerFixture(
    { smart: ["a:one", "b:two"], cheap: "c:three" },
    {},
    { agents: { writer: "cheap", direct: "d:four" }, directModels: false },
  );
  const planned = (model: string, caller = CALLER) => fixture.router.plan(asking(model), caller);

  it("reads routes, agents by prefix and agents by what they say of themselves", () => {
    expect(planned("smart")).toMatchObject({ route: "smart", targets: [{ name: "a:one" }, { name: "b:two" }] });
    expect(planned("agent:writer").route).toBe("cheap");
    expect(planned("writer", callerOf({ agent: "writer" })).route).toBe("cheap");
    expect(planned("agent:direct").targets[0].name).toBe("d:four");
  });

  it("names the nearest route or agent where a name leads nowhere", () => {
    expect(() => planned("smrt")).toThrow(expect.objectContaining({ code: "unknown_model", advice: "did you mean smart?" }));
    expect(() => planned("agent:writre")).toThrow(expect.objectContaining({ advice: "did you mean agent:writer?" }));
    expect(() => planned("d:four")).toThrow(expect.objectContaining({ code: "unknown_model" }));
  });
});

describe("conditions", () => {
  const small = { facts: { contextWindowTokens: 100 } };
  const targets = [
    { model: "a:gold", when: { tags: { tier: "gold" } } },
    { model: "a:team", when: { teams: ["search"] } },
    { model: "a:agent", when: { agents: ["writer"] } },
    { model: "a:short", when: { inputTokensMax: 50 } },
    { model: "a:long", when: { inputTokensMin: 1_000 } },
    { model: "a:tools", when: { tools: true } },
    { model: "a:pictures", when: { images: true } },
    { model: "a:json", when: { output: "json" as const } },
    { model: "a:able", when: { capabilities: ["jsonSchema" as const] } },
    "b:rest",
  ];
  const fixture = routerFixture(
    { smart: { targets } },
    { known: { "b:rest": small, "a:able": { facts: { jsonSchema: true } }, "a:tools": { facts: { tools: true } } } },
    { teams: { search: {} }, agents: { writer: "smart" } },
  );
  const open = (request: Partial<CompletionRequest> = {}, caller?: Caller) => fixture.order(request, caller);

  it.each([
    ["a tag", "a:gold", { metadata: { tags: { tier: "gold" } } }, undefined],
    ["a team", "a:team", {}, callerOf({ team: "search" })],
    ["an agent", "a:agent", {}, callerOf({ agent: "writer" })],
    ["a short prompt", "a:short", {}, undefined],
    ["a long prompt", "a:long", { messages: asking("", "word ".repeat(1_000)).messages }, undefined],
    ["tools", "a:tools", { tools: [{ name: "now", description: "", inputSchema: { type: "object" } }] }, undefined],
    [
      "images",
      "a:pictures",
      { messages: [{ role: "user", parts: [{ type: "image", source: { type: "url", url: "https://a.example/b.png" } }] }] },
      undefined,
    ],
    ["an output", "a:json", { output: { type: "json" } }, undefined],
  ] as const)("lets a target in for %s, and not without", (_name, target, request, caller) => {
    expect(open(request as Partial<CompletionRequest>, caller)).toContain(target);
    const without = target === "a:short" ? { messages: asking("", "word ".repeat(1_000)).messages } : {};
    expect(open(without)).not.toContain(target);
  });

  it("lets in what is known to have a capability, and tells every reason against the others", () => {
    const { decision, targets: chosen } = fixture.router.plan(asking("smart", "word ".repeat(1_000)), CALLER);
    expect(chosen.map(({ name }) => name)).toEqual(["a:long", "a:able"]);
    const why = Object.fromEntries(decision.candidates.map(({ target, reasons }) => [target, reasons.join("; ")]));
    expect(why).toMatchObject({
      "a:gold": "wants the tag tier=gold",
      "a:team": "is for the team search",
      "a:agent": "is for the agent writer",
      "a:short": expect.stringMatching(/^takes 50 tokens at most, and the prompt is about \d+$/),
      "a:tools": "is for calls with tools",
      "b:rest": expect.stringMatching(/^holds 100 tokens, and the prompt is about \d+$/),
    });
    expect(decision.candidates.find(({ target }) => target === "b:rest")?.eligible).toBe(false);
  });

  it("refuses with every reason where nobody takes the request", () => {
    const none = routerFixture({ smart: { targets: [{ model: "a:gold", when: { tags: { tier: "gold" } } }] } });
    expect(() => none.order()).toThrow(
      expect.objectContaining({
        code: "unsupported",
        detail: "no target of the route smart takes this request: a:gold wants the tag tier=gold",
      }),
    );
  });

  it("goes to the larger windows at once where every other is too small", () => {
    const long = routerFixture({ smart: { targets: ["b:rest"], overflow: ["c:huge"] } }, { known: { "b:rest": small } });
    const { targets: chosen } = long.router.plan(asking("smart", "word ".repeat(1_000)), CALLER);
    expect(chosen).toMatchObject([{ name: "c:huge", role: "fallback" }]);
    expect(long.router.plan(asking("smart"), CALLER).targets).toMatchObject([
      { name: "b:rest", role: "candidate" },
      { name: "c:huge", role: "overflow" },
    ]);
  });
});

describe("who stands in", () => {
  it("is a model, or the targets of a route, each once, and never one that cannot take the request", () => {
    const fixture = routerFixture(
      {
        smart: { targets: ["a:one"], fallback: ["spare", "a:one", "d:four"] },
        spare: { targets: ["b:two", { model: "c:three", when: { tools: true } }] },
      },
      { known: { "d:four": { facts: { contextWindowTokens: 1 } } } },
    );
    expect(fixture.order()).toEqual(["a:one", "b:two"]);
  });

  it("is who the provider names, for a model that was named directly and for a route that names nobody", () => {
    const providers = { a: { type: "ollama", fallback: ["spare"] }, b: { type: "ollama" }, c: { type: "ollama" } };
    const fixture = routerFixture({ smart: "a:one", spare: ["b:two", "c:three"] }, {}, { providers, directModels: true });
    expect(fixture.order({ model: "a:other" })).toEqual(["a:other", "b:two", "c:three"]);
    expect(fixture.order()).toEqual(["a:one", "b:two", "c:three"]);
  });
});

describe("a target that is left alone", () => {
  it("goes to the end, behind who stands in, with the reason", () => {
    const away = new Set(["a:one"]);
    const leftAlone = (target: string) => (away.has(target) ? "5 calls in a row failed" : undefined);
    const fixture = routerFixture({ smart: { targets: ["a:one", "b:two"], fallback: ["c:three"] } }, { leftAlone });
    const { targets, decision } = fixture.router.plan(asking("smart"), CALLER);
    expect(targets.map(({ name }) => name)).toEqual(["b:two", "c:three", "a:one"]);
    expect(decision.candidates.find(({ target }) => target === "a:one")?.reasons).toEqual([
      "stands at place 1",
      "is left alone for now: 5 calls in a row failed",
    ]);
    for (const name of ["b:two", "c:three"]) away.add(name);
    expect(fixture.order()).toEqual(["a:one", "b:two", "c:three"]);
    away.clear();
    expect(fixture.order()).toEqual(["a:one", "b:two", "c:three"]);
  });
});

describe("a conversation", () => {
  const route = { smart: { targets: ["a:one", "b:two", "c:three"] } };
  const inSession = (session: string): Partial<CompletionRequest> => ({ metadata: { session } });

  /** Plans, and has this target answer. */
  function answerBy(
    fixture: ReturnType<typeof routerFixture>,
    target: string,
    request: Partial<CompletionRequest>,
    caller = CALLER,
  ) {
    const plan = fixture.router.plan({ ...asking("smart"), ...request }, caller);
    fixture.router.observe({ target, outcome: "answered", durationMs: 100, at: fixture.now() }, plan);
  }

  it("stays with who answered it, for an hour, within its tenant", () => {
    const fixture = routerFixture(route);
    answerBy(fixture, "c:three", inSession("s1"));
    const plan = fixture.router.plan({ ...asking("smart"), ...inSession("s1") }, CALLER);
    expect(plan.targets.map(({ name }) => name)).toEqual(["c:three", "a:one", "b:two"]);
    expect(plan.decision).toMatchObject({
      sticky: "c:three",
      candidates: [{ target: "c:three", reasons: ["has the session", "stands at place 3"] }, {}, {}],
    });
    expect(fixture.order(inSession("s2"))[0]).toBe("a:one");
    expect(fixture.order(inSession("s1"), callerOf({ key: "k_2" }))[0]).toBe("a:one");
    fixture.pass(3_700_000);
    expect(fixture.order(inSession("s1"))[0]).toBe("a:one");
  });

  it("leaves a target that is left alone, and moves to who answers then", () => {
    const away = new Set<string>();
    const fixture = routerFixture(route, { leftAlone: (target) => (away.has(target) ? "it fails" : undefined) });
    answerBy(fixture, "c:three", inSession("s1"));
    away.add("c:three");
    const plan = fixture.router.plan({ ...asking("smart"), ...inSession("s1") }, CALLER);
    expect(plan.targets.map(({ name }) => name)).toEqual(["a:one", "b:two", "c:three"]);
    expect(plan.decision.sticky).toBeUndefined();
    expect(plan.decision.candidates.at(-1)?.reasons).toEqual([
      "has the session",
      "stands at place 3",
      "is left alone for now: it fails",
    ]);
    fixture.router.observe({ target: "a:one", outcome: "answered", durationMs: 1, at: fixture.now() }, plan);
    away.clear();
    expect(fixture.order(inSession("s1"))[0]).toBe("a:one");
  });

  it("goes where what only its vendor can read was written, without a session", () => {
    const fixture = routerFixture(route);
    const origin = { dialect: "anthropic-messages", provider: "b", model: "two" };
    const history = (vendor: object): readonly Message[] => [
      ...asking("").messages,
      {
        role: "assistant",
        origin,
        parts: [
          { type: "reasoning", text: "", ...vendor },
          { type: "text", text: "Yes." },
        ],
      },
      { role: "user", parts: [{ type: "text", text: "And now?" }] },
    ];
    expect(fixture.order({ messages: history({ vendor: { "anthropic-messages": { signature: "x" } } }) })[0]).toBe("b:two");
    expect(fixture.order({ messages: history({}) })[0]).toBe("a:one");
    const elsewhere = { smart: { targets: ["a:one", "b:other"] } };
    const sameVendor = routerFixture(elsewhere);
    expect(sameVendor.order({ messages: history({ vendor: { "anthropic-messages": { signature: "x" } } }) })[0]).toBe("b:other");
  });

  it("is known again by its beginning where it has no session, once it is under way", () => {
    const fixture = routerFixture(route);
    const first: readonly Message[] = [
      { role: "system", parts: [{ type: "text", text: "You are a clerk." }] },
      { role: "user", parts: [{ type: "text", text: "Book a room." }] },
    ];
    const later: readonly Message[] = [
      ...first,
      { role: "assistant", parts: [{ type: "text", text: "For when?" }] },
      { role: "user", parts: [{ type: "text", text: "Monday." }] },
    ];
    answerBy(fixture, "c:three", { messages: first });
    expect(fixture.order({ messages: later })[0]).toBe("c:three");
    // The same question from the beginning is no conversation: equal calls must not all go one way.
    expect(fixture.order({ messages: first })[0]).toBe("a:one");
    expect(fixture.order({ messages: later }, callerOf({ key: "k_2" }))[0]).toBe("a:one");
    const other = later.map((message, index) => (index === 1 ? { ...message, parts: [{ type: "text", text: "Hi." }] } : message));
    expect(fixture.order({ messages: other as readonly Message[] })[0]).toBe("a:one");
  });

  it("goes its own way where the route is not sticky, and is kept over a reload where it is", () => {
    const memory = createRouterMemory();
    const before = routerFixture(route, { memory });
    answerBy(before, "c:three", inSession("s1"));
    expect(routerFixture(route, { memory }).order(inSession("s1"))[0]).toBe("c:three");
    expect(routerFixture({ smart: { ...route.smart, sticky: false } }, { memory }).order(inSession("s1"))[0]).toBe("a:one");
  });

  it("is remembered among so many, the one that was silent longest forgotten first", () => {
    const sticky = createStickyTargets(3);
    for (const name of ["one", "two", "three", "one", "four"]) sticky.answered(name, `t:${name}`, 0);
    expect(["one", "two", "three", "four"].map((name) => sticky.holder(name, 1))).toEqual([
      "t:one",
      undefined,
      "t:three",
      "t:four",
    ]);
  });
});

describe("complexity", () => {
  const simple = "Translate to French: The train leaves at nine.";
  const hard = "Prove that there are infinitely many primes congruent to 3 modulo 4.";
  const routeIn = (mode: "shadow" | "act") => ({ smart: { targets: ["a:one"], complexity: { mode, simple: "b:small" } } });

  it("only writes down in shadow mode", () => {
    const { targets, decision } = routerFixture(routeIn("shadow")).router.plan(asking("smart", simple), CALLER);
    expect(targets.map(({ name }) => name)).toEqual(["a:one"]);
    expect(decision.complexity).toMatchObject({
      verdict: "simple",
      acted: false,
      reasons: ["asks to translate (-1.9)", "is short (-0.4)"],
    });
  });

  it("sends what is simple to the simple target, and leaves the rest as it is", () => {
    const fixture = routerFixture(routeIn("act"));
    const easy = fixture.router.plan(asking("smart", simple), CALLER);
    expect(easy.targets.map(({ name }) => name)).toEqual(["b:small", "a:one"]);
    expect(easy.decision).toMatchObject({
      complexity: { acted: true },
      candidates: [{ target: "b:small", reasons: ["answers simple tasks"] }, {}],
    });
    const difficult = fixture.router.plan(asking("smart", hard), CALLER);
    expect(difficult.targets.map(({ name }) => name)).toEqual(["a:one"]);
    expect(difficult.decision.complexity).toMatchObject({ verdict: "hard", acted: false });
    const unclear = fixture.router.plan(asking("smart", "the usual for tomorrow, as we said"), CALLER);
    expect(unclear.decision.complexity).toMatchObject({ verdict: "abstained", acted: false });
  });

  it("asks no simple target that cannot take the request or is left alone, and stays with who has the conversation", () => {
    const lacking = routerFixture(routeIn("act"), { known: { "b:small": { facts: { contextWindowTokens: 1 } } } });
    const plan = lacking.router.plan(asking("smart", simple), CALLER);
    expect(plan.targets.map(({ name }) => name)).toEqual(["a:one"]);
    expect(plan.decision.complexity?.acted).toBe(false);
    expect(plan.decision.candidates[0]).toMatchObject({ target: "b:small", eligible: false });
    const away = routerFixture(routeIn("act"), { leftAlone: (target) => (target === "b:small" ? "it fails" : undefined) });
    expect(away.order({ messages: asking("", simple).messages })[0]).toBe("a:one");
    const held = routerFixture(routeIn("act"));
    const session = { metadata: { session: "s" }, messages: asking("", simple).messages };
    held.router.observe(
      { target: "a:one", outcome: "answered", durationMs: 1, at: held.now() },
      held.router.plan({ ...asking("smart"), ...session }, CALLER),
    );
    expect(held.order(session)).toEqual(["a:one"]);
  });
});
