import { createScriptedProvider } from "@dragoman/llm/testing";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  anthropic,
  createRegistry,
  DragomanError,
  type LazyProvider,
  nearestNames,
  openai,
  openaiCompatible,
  type Provider,
  wrapProvider,
} from "../src/index.ts";

function claiming(id: string, ...models: string[]): Provider {
  const scripted = createScriptedProvider([], { id });
  return wrapProvider(scripted, { supports: (model) => models.includes(model), stream: (call) => scripted.stream(call) });
}

function failure(run: () => unknown): DragomanError {
  try {
    run();
  } catch (error) {
    if (DragomanError.is(error)) return error;
    throw error;
  }
  throw new Error("it succeeded");
}

describe("resolving a model", () => {
  test("splits provider:model at the first colon", () => {
    const registry = createRegistry([claiming("ollama")]);
    expect(registry.resolve("ollama:qwen3-coder:30b").model).toBe("qwen3-coder:30b");
  });

  test("asks every provider for a bare id", () => {
    const registry = createRegistry([anthropic(), openai()]);
    expect(registry.resolve("claude-opus-5").provider.id).toBe("anthropic");
    expect(registry.resolve("gpt-5-mini").provider.id).toBe("openai");
    expect(registry.resolve("claude-sonnet").provider.id).toBe("anthropic");
  });

  test("takes a bare id with a colon when a provider claims it", () => {
    const registry = createRegistry([claiming("local", "llama3.2:latest")]);
    expect(registry.resolve("llama3.2:latest")).toMatchObject({ model: "llama3.2:latest" });
  });

  test("two claims are ambiguous and both are named", () => {
    const error = failure(() => createRegistry([claiming("one", "m"), claiming("two", "m")]).resolve("m"));
    expect(error.code).toBe("ambiguous_model");
    expect(error.message).toContain("one:m, two:m");
  });

  test("the configuration settles an ambiguity", () => {
    const registry = createRegistry([claiming("one", "m"), claiming("two", "m")], { preferred: { m: "two" } });
    expect(registry.resolve("m").provider.id).toBe("two");
  });

  test("an unknown model names the nearest names", () => {
    const registry = createRegistry([claiming("anthropic")], { aliases: { fast: "anthropic:x" } });
    expect(failure(() => registry.resolve("fasst")).advice).toContain("nearest: fast");
    expect(failure(() => registry.resolve("antropic:claude-x"))).toMatchObject({
      code: "unknown_model",
      advice: expect.stringContaining("nearest: anthropic:claude-x"),
    });
    expect(failure(() => registry.resolve("z".repeat(300))).advice).not.toContain("nearest");
    expect(failure(() => registry.resolve("anthropic:")).code).toBe("unknown_model");
  });

  test("aliases stand for whole references", () => {
    const registry = createRegistry([claiming("one")], { aliases: { fast: "one:small" } });
    expect(registry.resolve("fast")).toMatchObject({ model: "small" });
  });
});

describe("the nearest names", () => {
  const word = fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom("a", "b", "-", "4") });

  test("are among the names, at most three, and the name itself comes first", () => {
    fc.assert(
      fc.property(word, fc.uniqueArray(word, { maxLength: 8 }), (asked, names) => {
        const nearest = nearestNames(asked, names);
        expect(nearest.length).toBeLessThanOrEqual(3);
        for (const name of nearest) expect(names).toContain(name);
        if (names.includes(asked)) expect(nearest[0]).toBe(asked);
      }),
    );
  });

  test("find a name with one letter wrong, missing or too many", () => {
    fc.assert(
      fc.property(word, fc.nat(11), fc.constantFrom("x", ""), (name, at, letter) => {
        expect(nearestNames(name.slice(0, at) + letter + name.slice(at + 1), [name])).toEqual([name]);
        expect(nearestNames(`${name}x`, [name])).toEqual([name]);
      }),
    );
  });

  test("are none for a long name that is like nothing", () => {
    expect(nearestNames("q".repeat(1_000_000), ["gpt-5-mini", "claude-sonnet-5"])).toEqual([]);
  });
});

test("names of the language are no aliases", () => {
  const registry = createRegistry([anthropic(), openai()], { aliases: {}, preferred: {} });
  for (const name of ["constructor", "toString", "__proto__"])
    expect(failure(() => registry.resolve(name)).code).toBe("unknown_model");
});

describe("registering", () => {
  test("refuses a second provider of one name", () => {
    expect(failure(() => createRegistry([claiming("one"), claiming("one")])).code).toBe("configuration");
  });

  test("unregisters", () => {
    const registry = createRegistry([claiming("one", "m")]);
    expect(registry.unregister("one")).toBe(true);
    expect(registry.unregister("one")).toBe(false);
    expect(failure(() => registry.resolve("m")).code).toBe("unknown_model");
  });

  test("makes a lazy provider at its first use, once", () => {
    let made = 0;
    const lazy: LazyProvider = {
      id: "lazy",
      supports: (model) => model === "m",
      load: () => {
        made += 1;
        return claiming("lazy", "m");
      },
    };
    const registry = createRegistry([lazy]);
    expect(made).toBe(0);
    expect(registry.resolve("m").provider).toBe(registry.resolve("lazy:m").provider);
    expect(made).toBe(1);
  });

  test("a provider that cannot list its models does not keep the others from it", async () => {
    const broken = openaiCompatible({ id: "broken", baseUrl: "http://127.0.0.1:9", key: "env:NOT_SET_ANYWHERE" });
    const { models, failures } = await createRegistry([claiming("one"), broken]).models();
    expect(models.map((model) => model.provider)).toEqual(["one"]);
    expect(failures).toMatchObject([{ provider: "broken", error: { code: "authentication" } }]);
  });

  test("says of each provider whether it can be used, and why not", async () => {
    const keyless = openaiCompatible({ id: "keyless", baseUrl: "http://127.0.0.1:9", key: "env:NOT_SET_ANYWHERE" });
    const closed = openaiCompatible({ id: "closed", baseUrl: "http://127.0.0.1:9", startHint: "start it" });
    const availability = await createRegistry([keyless, closed]).availability();
    expect(availability.get("keyless")).toMatchObject({
      available: false,
      reason: "no-key",
      nextStep: "set NOT_SET_ANYWHERE in the environment or in .env",
    });
    expect(availability.get("closed")).toMatchObject({ available: false, reason: "not-reachable", nextStep: "start it" });
  });
});
