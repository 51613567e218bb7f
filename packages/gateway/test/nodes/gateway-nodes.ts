/** Whole gateways that share a PostgreSQL, in this process, over one fake vendor. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FakeVendor, type FakeVendorOptions, startFakeVendor } from "@dragoman/llm/testing";
import type { Caller } from "../../src/caller.ts";
import { completeConfiguration, type PartialGatewayConfiguration } from "../../src/config/complete-configuration.ts";
import { createGateway } from "../../src/create-gateway.ts";
import type { Gateway } from "../../src/gateway.ts";
import type { Notice } from "../../src/telemetry/observer.ts";

export const PEPPER = "a pepper of the tests, the same on all nodes";
export const VENDOR_KEY = "sk-vendor-key-0123456789abcdef";
export const MODEL = "openai:gpt-4.1-mini";

export interface GatewayNodes {
  readonly vendor: FakeVendor;
  readonly notices: readonly (Notice & { readonly node: string })[];
  readonly folder: string;
  start(node: string, more?: StartOptions): Promise<Gateway>;
  close(): Promise<void>;
}

export interface StartOptions {
  readonly url?: string;
  readonly pepper?: string;
  readonly configuration?: Omit<PartialGatewayConfiguration, "providers" | "store">;
}

/** Each node has its own file; a limit, a cache and the like are given for all, or for one when it starts. */
export async function startGatewayNodes(
  url: string,
  shared: StartOptions["configuration"] = {},
  vendorOptions?: FakeVendorOptions,
): Promise<GatewayNodes> {
  const vendor = await startFakeVendor("openai", vendorOptions);
  const folder = mkdtempSync(join(tmpdir(), "dragoman-nodes-"));
  const gateways: Gateway[] = [];
  const notices: (Notice & { readonly node: string })[] = [];
  return {
    vendor,
    notices,
    folder,
    async start(node, more = {}) {
      const gateway = await createGateway(
        nodeConfiguration(
          { file: join(folder, `${node}.db`), node, baseUrl: vendor.baseUrl },
          {
            ...shared,
            ...more.configuration,
          },
        ),
        {
          environment: { VENDOR_KEY, DATABASE_URL: more.url ?? url, DRAGOMAN_PEPPER: more.pepper ?? PEPPER },
          observers: [{ noticed: (notice) => notices.push({ ...notice, node }) }],
        },
      );
      gateways.push(gateway);
      return gateway;
    },
    async close() {
      await Promise.all(gateways.map((gateway) => gateway.close()));
      await vendor.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface NodePlace {
  readonly file: string;
  readonly node: string;
  readonly baseUrl: string;
}

export function nodeConfiguration({ file, node, baseUrl }: NodePlace, more: StartOptions["configuration"] = {}) {
  return completeConfiguration({
    models: { smart: { targets: [MODEL] } },
    ...more,
    store: { type: "postgres", url: "env:DATABASE_URL", file, node, leaseMs: 1_000 },
    providers: { openai: { baseUrl, key: "env:VENDOR_KEY", options: { wire: "chat" } } },
  });
}

export function asking(text = "hello") {
  return { model: "smart", messages: [{ role: "user" as const, parts: [{ type: "text" as const, text }] }] };
}

export function caller(requestId: string, key = "k_1"): Caller {
  return { principal: { key, restrictions: {} }, requestId };
}

/** Looks until it holds. */
export async function until(holds: () => boolean | Promise<boolean>, what: string, withinMs = 10_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`it did not come to pass within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
