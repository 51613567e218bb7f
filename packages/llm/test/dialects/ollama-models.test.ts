import { describe, expect, test } from "vitest";
import { UNKNOWN_CAPABILITIES, withCapabilities } from "../../src/capabilities.ts";
import {
  createOllamaDialect,
  type OllamaLoadedModel,
  parsePs,
  parseShow,
  parseShowRequest,
  parseTags,
  parseVersion,
  renderPs,
  renderShow,
  renderTags,
  renderVersion,
} from "../../src/dialects/ollama/index.ts";
import { DragomanError } from "../../src/errors.ts";
import type { ModelInfo } from "../../src/provider.ts";

const CREATED_AT = Date.UTC(2026, 0, 2) / 1000;

function modelInfo(more: Partial<ModelInfo> = {}): ModelInfo {
  return { id: "m", provider: "p", capabilities: UNKNOWN_CAPABILITIES, source: "vendor", ...more };
}

describe("tags", () => {
  test("name the models, and vision where a family shows it", () => {
    const body = {
      models: [
        { name: "qwen3:4b", model: "qwen3:4b", modified_at: "2026-01-02T00:00:00.5Z", details: { families: ["qwen3"] } },
        { name: "llava:7b", details: { families: ["llama", "clip"] } },
        { size: 3 },
      ],
    };
    expect(parseTags(body)).toEqual([
      { id: "qwen3:4b", createdAt: CREATED_AT },
      { id: "llava:7b", facts: { images: true } },
    ]);
  });

  test("of an empty disk are null or an empty list, and anything else is refused", () => {
    expect(parseTags({ models: null })).toEqual([]);
    expect(parseTags({ models: [] })).toEqual([]);
    for (const body of [null, [], "x", { models: "x" }]) expect(() => parseTags(body)).toThrow(DragomanError);
  });

  test("come back as they were", () => {
    const capabilities = withCapabilities(UNKNOWN_CAPABILITIES, { tools: true, images: true, reasoning: true }, "vendor");
    expect(parseTags(renderTags([modelInfo({ createdAt: CREATED_AT, capabilities })]))).toEqual([
      { id: "m", createdAt: CREATED_AT, facts: { tools: true, images: true, audio: false, reasoning: true } },
    ]);
    expect(parseTags(renderTags([modelInfo()]))[0]).not.toHaveProperty("createdAt");
  });

  test("are the dialect's listing", () => {
    expect(createOllamaDialect().models?.path).toBe("/api/tags");
  });
});

describe("show", () => {
  test("tells capabilities and the context window", () => {
    const body = {
      capabilities: ["completion", "tools", "thinking"],
      model_info: { "general.architecture": "qwen3", "qwen3.context_length": 40960, "other.context_length": 1 },
    };
    expect(parseShow(body, "qwen3:4b")).toEqual({
      id: "qwen3:4b",
      facts: { tools: true, images: false, audio: false, reasoning: true, contextWindowTokens: 40960 },
    });
  });

  test("of an older server tells tools by the template and vision by the projector", () => {
    expect(parseShow({ template: "{{ if .Tools }}x{{ end }}", projector_info: {} }, "m").facts).toEqual({
      tools: true,
      images: true,
    });
    expect(parseShow({ template: "{{ .Prompt }}" }, "m")).toEqual({ id: "m" });
  });

  test("comes back as it was, unknown staying unknown", () => {
    const capabilities = withCapabilities(UNKNOWN_CAPABILITIES, { tools: true, contextWindowTokens: 8192 }, "vendor");
    const shown = parseShow(renderShow(modelInfo({ capabilities })), "m");
    expect(shown.facts).toMatchObject({ tools: true, contextWindowTokens: 8192 });
    expect(parseShow(renderShow(modelInfo()), "m").facts).not.toHaveProperty("contextWindowTokens");
  });

  test("is asked for by model, or by name as older clients do", () => {
    expect(parseShowRequest({ model: "a" })).toBe("a");
    expect(parseShowRequest({ name: "b" })).toBe("b");
    expect(() => parseShowRequest({})).toThrow(DragomanError);
  });
});

describe("ps and version", () => {
  test("loaded models come back as they were", () => {
    const loaded: readonly OllamaLoadedModel[] = [
      { id: "a", sizeBytes: 10, videoMemoryBytes: 0, contextTokens: 4096, expiresAt: CREATED_AT, digest: "d" },
      { id: "b" },
    ];
    expect(parsePs(renderPs(loaded))).toEqual(loaded);
    expect(parsePs({ models: [] })).toEqual([]);
  });

  test("the version is a word, or unknown", () => {
    expect(parseVersion(renderVersion("0.12.3"))).toBe("0.12.3");
    expect(parseVersion({})).toBeUndefined();
  });
});
