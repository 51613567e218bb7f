/** Every provider of the package over its fake vendor, and the providers that have none. */
import { conformance, createSimulator } from "@dragoman/llm/testing";
import { test } from "vitest";
import { anthropic, createFetchTransport } from "../src/index.ts";
import { VENDOR_SUBJECTS } from "./subjects/index.ts";
import { overFakeVendor } from "./subjects/over-fake-vendor.ts";

for (const subject of VENDOR_SUBJECTS) conformance(subject, { test: test.concurrent });

conformance(
  overFakeVendor("anthropic over fetch", "anthropic", (options) => anthropic({ ...options, transport: createFetchTransport() }), {
    models: { text: "claude-sonnet-4-5", tools: "claude-sonnet-4-5", reasoning: "claude-sonnet-4-5", json: "claude-sonnet-4-5" },
  }),
  { test: test.concurrent },
);
conformance(
  {
    name: "simulator",
    open: async () => ({ provider: createSimulator(), close: async () => undefined }),
    models: { text: "bare", tools: "bare", reasoning: "reasoner", images: "bare", json: "bare" },
    faults: { vendor: "simulator", model: (fault) => fault },
    lacks: { keys: "the simulator has no keys" },
  },
  { test: test.concurrent },
);
