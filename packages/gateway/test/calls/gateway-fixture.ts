/** A gateway over fake vendors, all in memory, with the time and the chances in the test's hands. */
import { type FakeVendor, type FakeVendorOptions, startFakeVendor } from "@dragoman/llm/testing";
import { onTestFinished } from "vitest";
import { completeConfiguration, type PartialGatewayConfiguration } from "../../src/config/complete-configuration.ts";
import { createGateway, type GatewayOptions } from "../../src/create-gateway.ts";
import type { Gateway } from "../../src/gateway.ts";

export const VENDOR_KEY = "sk-vendor-key-0123456789abcdef";

export interface GatewayFixture {
  readonly gateway: Gateway;
  readonly openai: FakeVendor;
  readonly anthropic: FakeVendor;
}

/** `configure` is given the providers to be named in routes: `openai` and `anthropic`. */
export async function startGatewayFixture(
  configuration: Omit<PartialGatewayConfiguration, "providers"> = {},
  options: GatewayOptions & { readonly vendor?: FakeVendorOptions } = {},
): Promise<GatewayFixture> {
  const { vendor, ...own } = options;
  const [openai, anthropic] = await Promise.all([startFakeVendor("openai", vendor), startFakeVendor("anthropic", vendor)]);
  const gateway = await createGateway(
    completeConfiguration({
      store: { type: "memory" },
      ...configuration,
      providers: {
        openai: { baseUrl: openai.baseUrl, key: "env:VENDOR_KEY", options: { wire: "chat" } },
        anthropic: { baseUrl: anthropic.baseUrl, key: "env:VENDOR_KEY" },
      },
    }),
    {
      environment: { VENDOR_KEY },
      random: () => 0.5,
      ...own,
    },
  );
  onTestFinished(async () => {
    await gateway.close();
    await Promise.all([openai.close(), anthropic.close()]);
  });
  return { gateway, openai, anthropic };
}

export function asking(model: string, text = "hello", more: object = {}) {
  return { model, messages: [{ role: "user" as const, parts: [{ type: "text" as const, text }] }], ...more };
}
