/** What the tests of single vendors share: a provider over its fake server, and what went over the wire. */
import { type FakeVendor, type FakeVendorName, startFakeVendor } from "@dragoman/llm/testing";
import { afterEach } from "vitest";
import {
  type Completion,
  type CompletionCall,
  defineTool,
  fold,
  isJsonObject,
  type JsonObject,
  type Provider,
  type ProviderOptions,
  Secret,
} from "../../src/index.ts";

export interface OverFake {
  readonly fake: FakeVendor;
  readonly provider: Provider;
  /** The latest body that was sent. */
  readonly sent: () => JsonObject;
}

const opened: FakeVendor[] = [];

afterEach(async () => {
  for (const fake of opened.splice(0)) await fake.close();
});

export async function startOver(
  vendor: FakeVendorName,
  create: (options: ProviderOptions) => Provider,
  models: readonly string[] = [],
): Promise<OverFake> {
  const fake = await startFakeVendor(vendor, { models });
  opened.push(fake);
  return {
    fake,
    provider: create({ baseUrl: fake.baseUrl, key: new Secret("any-key") }),
    sent: () => {
      const body = fake.requests.at(-1)?.body;
      return isJsonObject(body) ? body : {};
    },
  };
}

export const WAYS = ["complete", "stream"] as const;

export function answer(provider: Provider, way: (typeof WAYS)[number], call: CompletionCall): Promise<Completion> {
  return way === "complete" ? provider.complete(call) : fold(provider.stream(call));
}

export const WEATHER = defineTool({
  name: "get_weather",
  description: "The weather of a city.",
  input: {
    type: "object",
    properties: { city: { type: "string" } },
    required: ["city"],
    additionalProperties: false,
  },
});

export const TIME = defineTool({
  name: "get_time",
  input: { type: "object", properties: { zone: { type: "string" } }, required: ["zone"] },
});
