/**
 * JSON was asked for as LM Studio refuses it, and at Perplexity in a system message at the end, where the vendor wants the
 * system's words to lead.
 */
import { startFakeVendor } from "@dragoman/llm/testing";
import { expect, test } from "vitest";
import { lmStudio, perplexity, Secret, systemMessage, userMessage } from "../../src/index.ts";

test.each([
  ["lmstudio", lmStudio, "qwen3-4b", []],
  ["perplexity", perplexity, "sonar", []],
  ["perplexity", perplexity, "sonar", [systemMessage("Be brief.")]],
] as const)("%s is asked for any JSON in words that it takes", async (name, create, model, before) => {
  const vendor = await startFakeVendor(name);
  const provider = create({ baseUrl: vendor.baseUrl, key: new Secret("any-key") });
  const call = { model, messages: [...before, userMessage("A river.")], output: { type: "json" } } as const;
  const { warnings } = await provider.complete(call);
  expect(warnings.map(({ path }) => path)).toContain("output");
  expect(JSON.stringify(vendor.requests.at(-1)?.body)).toContain("one JSON object");
  await vendor.close();
});
