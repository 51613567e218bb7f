import { createScriptedProvider } from "@dragoman/llm/testing";
import { describe, expect, test } from "vitest";
import {
  anthropic,
  createRegistry,
  DragomanError,
  type LazyProvider,
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
    expect(failure(() => registry.resolve("antropic:claude")).code).toBe("unknown_model");
    expect(failure(() => registry.resolve("anthropic:")).code).toBe("unknown_model");
  });

  test("aliases stand for whole references", () => {
    const registry = createRegistry([claiming("one")], { aliases: { fast: "one:small" } });
    expect(registry.resolve("fast")).toMatchObject({ model: "small" });
  });
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
