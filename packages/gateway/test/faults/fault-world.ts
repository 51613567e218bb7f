/** A gateway over two fake vendors that do what a scenario says, its server, and a time that a test may turn. */
import { type FakeVendor, type FakeVendorOptions, type ScriptedFault, startFakeVendor } from "@dragoman/llm/testing";
import { completeConfiguration, type PartialGatewayConfiguration } from "../../src/config/complete-configuration.ts";
import { createGateway, type GatewayOptions } from "../../src/create-gateway.ts";
import type { Gateway } from "../../src/gateway.ts";
import { createServer, type DragomanServer, type ServerSettings } from "../../src/http/server.ts";
import { ROUTE } from "./mounts.ts";
import { LATE_MS, type OddVendor, startOddVendor } from "./odd-vendor.ts";
import { type FaultScenario, type Met, TARGET_NUMBERS, TARGETS, type TargetNumber } from "./scenario.ts";

export interface FaultVendors {
  readonly openai: FakeVendor;
  readonly anthropic: FakeVendor;
  /** Stands where OpenAI should be, for the scenarios that say so. */
  readonly odd: OddVendor;
  /** From now on requests meet this, from its beginning. */
  play(meets: FaultScenario["meets"], instead?: FaultScenario["instead"]): void;
  /** Requests for an answer that each target has had since. */
  asked(): Readonly<Record<TargetNumber, number>>;
  close(): Promise<void>;
}

export type FaultVendorOptions = Pick<FakeVendorOptions, "chunkDelayMs">;

export async function startFaultVendors(options: FaultVendorOptions = {}): Promise<FaultVendors> {
  let meets: FaultScenario["meets"] = {};
  let counts = { 1: 0, 2: 0, 3: 0 };

  function script(provider: string) {
    return (model: string): ScriptedFault | undefined => {
      const number = TARGET_NUMBERS.find((one) => TARGETS[one] === `${provider}:${model}`);
      if (number === undefined) return undefined;
      const list = meets[number] ?? [];
      const met = list[Math.min(counts[number], list.length - 1)];
      counts[number] += 1;
      return met === undefined || met === "well" ? undefined : scripted(met);
    };
  }

  const all = { ...options, slowMs: LATE_MS, promptCache: false };
  const [openai, anthropic, odd] = await Promise.all([
    startFakeVendor("openai", { ...all, script: script("openai") }),
    startFakeVendor("anthropic", { ...all, script: script("anthropic") }),
    startOddVendor(),
  ]);
  return {
    openai,
    anthropic,
    odd,
    play: (next, instead) => {
      meets = next;
      counts = { 1: 0, 2: 0, 3: 0 };
      odd.play(instead === "nobody" ? undefined : instead);
    },
    asked: () => ({ ...counts, 1: counts[1] + odd.asked() }),
    close: async () => {
      await Promise.all([openai.close(), anthropic.close(), odd.close()]);
    },
  };
}

function scripted(met: Exclude<Met, "well">): ScriptedFault {
  if (met.type !== "error") return met;
  const { headers = {}, ...rest } = met;
  const written = Object.entries(headers).map(([name, value]) => [name, typeof value === "string" ? value : value(Date.now())]);
  return { ...rest, headers: Object.fromEntries(written) };
}

export interface FaultWorld {
  readonly gateway: Gateway;
  readonly url: string;
  readonly server: DragomanServer;
  /** What it waited between attempts since it was last asked. Milliseconds. */
  waits(): readonly number[];
  /** Turns the time on, or back. */
  later(ms: number): void;
  close(): Promise<void>;
}

/** A port that only the system may take, and nobody has taken since the last century. */
const NOBODY = "http://127.0.0.1:1/v1";

/** The route beside the one at fault, which answers at any time. */
export const WELL = "well";

export type WorldConfiguration = Pick<FaultScenario, "route" | "failing" | "capabilities" | "instead"> & {
  readonly more?: PartialGatewayConfiguration;
  readonly options?: GatewayOptions;
  readonly server?: Omit<ServerSettings, "onError">;
};

export async function startFaultWorld(vendors: FaultVendors, given: WorldConfiguration = {}): Promise<FaultWorld> {
  let shiftMs = 0;
  let waited: number[] = [];
  const configuration = completeConfiguration({
    store: { type: "memory" },
    limits: [
      { name: "money", metric: "usd", amount: 1_000, window: { type: "rolling", ms: 3_600_000 } },
      { name: "tokens", metric: "tokens", amount: 1e9, window: { type: "rolling", ms: 3_600_000 } },
      { name: "at once", metric: "concurrency", amount: 100, each: ["model"] },
    ],
    ...given.more,
    providers: {
      openai: {
        baseUrl: firstVendor(vendors, given.instead),
        key: "env:VENDOR_KEY",
        options: { wire: "chat" },
        ...capabilitiesOf(given, "openai"),
      },
      anthropic: { baseUrl: vendors.anthropic.baseUrl, key: "env:VENDOR_KEY", ...capabilitiesOf(given, "anthropic") },
    },
    models: {
      [ROUTE]: given.route ?? { targets: [TARGETS[1]], fallback: [TARGETS[2]] },
      [WELL]: { targets: ["anthropic:claude-3-5-haiku-20241022"] },
    },
    // Only what a scenario says leaves a target alone.
    failing: { ...given.failing, breaker: { failures: 1_000, ...given.failing?.breaker } },
  });
  const gateway = await createGateway(configuration, {
    environment: { VENDOR_KEY: "sk-vendor-key-0123456789abcdef" },
    random: () => 0.5,
    time: () => Date.now() + shiftMs,
    sleep: async (delayMs) => {
      waited.push(delayMs);
      shiftMs += delayMs;
    },
    ...given.options,
  });
  const server = createServer({ gateway, ...given.server });
  const url = await server.listen({ port: 0 });
  return {
    gateway,
    url,
    server,
    waits: () => {
      const list = waited;
      waited = [];
      return list;
    },
    later: (ms) => {
      shiftMs += ms;
    },
    close: async () => {
      await gateway.close();
      await server.close();
    },
  };
}

function firstVendor({ openai, odd }: FaultVendors, instead: FaultScenario["instead"]): string {
  if (instead === undefined) return openai.baseUrl;
  return instead === "nobody" ? NOBODY : odd.baseUrl;
}

function capabilitiesOf({ capabilities = {} }: WorldConfiguration, provider: string) {
  const rows = TARGET_NUMBERS.flatMap((number) => {
    const [of, model = ""] = TARGETS[number].split(":");
    return of === provider && capabilities[number] !== undefined ? [[model, capabilities[number]] as const] : [];
  });
  return rows.length === 0 ? {} : { capabilities: Object.fromEntries(rows) };
}
