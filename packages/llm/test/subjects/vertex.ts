import { type ProviderOptions, vertex } from "../../src/index.ts";
import { overFakeVendor, type VendorSubject } from "./over-fake-vendor.ts";

/** The suite's key as an access token. */
function withToken({ key, ...options }: ProviderOptions) {
  const credentials = key === undefined ? {} : { credentials: { type: "token", token: key } as const };
  return vertex({ project: "fake-project", location: "us-central1", ...options, ...credentials });
}

export const vertexGeminiSubject = overFakeVendor("vertex, Gemini", "vertex", withToken, {
  models: {
    text: "gemini-2.5-flash",
    tools: "gemini-3-flash-preview",
    reasoning: "gemini-3-flash-preview",
    images: "gemini-2.5-flash",
    json: "gemini-2.5-flash",
    embedding: "gemini-embedding-001",
  },
  embeddingInputsMax: 1,
});

const CLAUDE = "claude-sonnet-4-5@20250929";

export const vertexClaudeSubject: VendorSubject = {
  ...overFakeVendor("vertex, Claude", "vertex", withToken, {
    models: { text: CLAUDE, tools: CLAUDE, reasoning: CLAUDE, images: CLAUDE, json: CLAUDE },
  }),
  faults: { vendor: "vertex", model: (fault) => `claude-${fault}` },
};
