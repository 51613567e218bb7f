/** The models that each fake vendor offers, and what they can do. */
import type { FakeVendorName } from "./fake-vendor.ts";
import { findFault } from "./faults.ts";

export interface FakeModel {
  readonly id: string;
  readonly tools: boolean;
  /** Thinks whenever it is asked to; `always` also unasked. */
  readonly reasoning: "no" | "on-request" | "always";
  readonly contextTokens: number;
}

const REASONER = "reasoner";

function model(id: string, abilities: Partial<FakeModel> = {}): FakeModel {
  return { id, tools: true, reasoning: "on-request", contextTokens: 128_000, ...abilities };
}

const MODELS: Readonly<Record<FakeVendorName, readonly FakeModel[]>> = {
  openai: [
    model("gpt-4.1-mini", { reasoning: "no" }),
    model("gpt-5-mini", { reasoning: "always" }),
    model("gpt-5-chat-latest", { reasoning: "no", tools: false }),
  ],
  anthropic: [model("claude-sonnet-4-5"), model("claude-opus-5"), model("claude-3-5-haiku-20241022", { reasoning: "no" })],
  gemini: [
    model("gemini-2.5-flash"),
    model("gemini-3-flash-preview", { reasoning: "always" }),
    model("gemini-2.0-flash", { reasoning: "no" }),
  ],
  ollama: [
    model("qwen3:4b"),
    model("llama3.2:latest", { reasoning: "no" }),
    model("gemma3:1b", { reasoning: "no", tools: false }),
  ],
  lmstudio: [model("qwen3-4b"), model("openai/gpt-oss-20b", { reasoning: "always" })],
  llamacpp: [model("qwen3-1.7b-q4_k_m", { contextTokens: 40_960 })],
  huggingface: [model("Qwen/Qwen3-4B"), model("meta-llama/Llama-3.1-8B-Instruct", { reasoning: "no" })],
  moonshot: [
    model("kimi-k2-thinking", { reasoning: "always" }),
    model("moonshot-v1-8k", { reasoning: "no", contextTokens: 8192 }),
  ],
  "openai-compatible": [model("plain-model"), model("plain-reasoner", { reasoning: "always" })],
};

export function listModels(vendor: FakeVendorName, others: readonly string[]): readonly FakeModel[] {
  return [...MODELS[vendor], ...others.map((id) => named(id))];
}

/** The model of a name: one of the list, or one whose name asks for a fault or for thinking. Undefined: unknown. */
export function findModel(vendor: FakeVendorName, others: readonly string[], id: string): FakeModel | undefined {
  const listed = listModels(vendor, others).find((candidate) => candidate.id === id);
  const asksForSomething = id.includes(REASONER) || findFault(vendor, id) !== undefined;
  return listed ?? (asksForSomething ? named(id) : undefined);
}

/** A model that only its name describes: `reasoner` in it thinks unasked. */
function named(id: string): FakeModel {
  return model(id, id.includes(REASONER) ? { reasoning: "always" } : {});
}
