/** One model that a fake vendor offers, and what it can do. */
export interface FakeModel {
  readonly id: string;
  readonly tools: boolean;
  /** Thinks whenever it is asked to; `always` also unasked. */
  readonly reasoning: "no" | "on-request" | "always";
  /** Tokens. */
  readonly contextTokens: number;
}

/** A model that can do everything, but for what is said of it. */
export function fakeModel(id: string, abilities: Partial<FakeModel> = {}): FakeModel {
  return { id, tools: true, reasoning: "on-request", contextTokens: 128_000, ...abilities };
}
