/** The same suite that every provider of Dragoman runs, offline, against a fake server. */
import test from "node:test";
import { Secret } from "@dragoman/llm";
import { conformance, startFakeVendor } from "@dragoman/llm/testing";
import { createProvider } from "dragoman-provider-acme";

const secret = "sk-acme-0123456789abcdef";

conformance(
  {
    name: "acme",
    secret,
    models: { text: "plain-model", tools: "plain-model", reasoning: "plain-reasoner", json: "plain-model" },
    faults: { vendor: "openai-compatible", model: (fault) => fault },
    open: async (variant) => {
      const acme = await startFakeVendor("openai-compatible");
      const key = new Secret(variant === "bad-key" ? "bad-key" : secret);
      return {
        provider: createProvider({ baseUrl: acme.baseUrl, key }),
        waitForAbort: () => acme.waitForAbort(),
        requestCount: () => acme.requests.length,
        close: () => acme.close(),
      };
    },
  },
  { test },
);
