/**
 * Two vendors of different makers behind one route, and a gateway with keys in front of them. The first may die and come back, in the
 * ways of `Death`; both check what they are sent as the real ones do: tool ids, signatures, roles.
 */
import { type FakeVendor, type RecordedRequest, type ScriptedFault, startFakeVendor } from "@dragoman/llm/testing";
import { expect } from "vitest";
import { completeConfiguration } from "../../src/config/complete-configuration.ts";
import { createGateway } from "../../src/create-gateway.ts";
import type { Gateway } from "../../src/gateway.ts";
import { createServer } from "../../src/http/server.ts";
import type { AttemptRecord, CallRecord } from "../../src/ledger/call-record.ts";
import { startRelay } from "../faults/relay.ts";

/** A vendor with its model, as a route names them; two of OpenAI's wires. */
export const MAKERS = {
  chat: { vendor: "openai", model: "gpt-4.1-mini", options: { wire: "chat" } },
  responses: { vendor: "openai", model: "gpt-5-mini", options: {} },
  anthropic: { vendor: "anthropic", model: "claude-sonnet-4-5", options: {} },
  "gemini without thoughts": { vendor: "gemini", model: "gemini-2.0-flash", options: {} },
  gemini: { vendor: "gemini", model: "gemini-3-flash-preview", options: {} },
} as const;
export type Maker = keyof typeof MAKERS;

/** How the first vendor dies. */
export const DEATHS = ["errors of 500", "refused connections", "a cut before the first token", "a cut in the middle"] as const;
export type Death = (typeof DEATHS)[number];

export const ROUTE = "talk";
export const VIRTUAL_KEY = "a-virtual-key-of-the-tests-0123456789";
const VENDOR_KEY = "sk-vendor-key-0123456789abcdef";
const OPEN_MS = 10_000;

export interface ConversationWorld {
  readonly url: string;
  readonly gateway: Gateway;
  readonly first: Party;
  readonly second: Party;
  /** From now on the first fails so. */
  die(death: Death): Promise<void>;
  /** The first is well again, and as much time has passed as it is left alone for. */
  recover(): Promise<void>;
  /** The record of the call that was made last, once it is settled. */
  lastCall(): Promise<CallRecord>;
  close(): Promise<void>;
}

/** One of the two vendors. */
export interface Party {
  readonly maker: Maker;
  /** As `provider:model`. */
  readonly target: string;
  /** Requests for an answer, oldest first. */
  readonly asked: readonly RecordedRequest[];
  /** Whether its breaker lets calls through. */
  isLeftAlone(): boolean;
}

export async function startConversationWorld(makers: {
  readonly first: Maker;
  readonly second: Maker;
}): Promise<ConversationWorld> {
  let fault: (() => ScriptedFault | undefined) | undefined;
  let shiftMs = 0;
  const dying = await startFakeVendor(MAKERS[makers.first].vendor, { script: () => fault?.() });
  const steady = await startFakeVendor(MAKERS[makers.second].vendor);
  const relay = await startRelay(dying.baseUrl);
  const [first, second] = [makers.first, makers.second].map((maker) => `${MAKERS[maker].vendor}:${MAKERS[maker].model}`);
  if (first === undefined || second === undefined) throw new Error("there are two");
  const configuration = completeConfiguration({
    store: { type: "memory" },
    server: { requireKey: true },
    keys: { sdk: { key: "env:VIRTUAL_KEY", team: "tests" } },
    teams: { tests: {} },
    providers: {
      [MAKERS[makers.first].vendor]: providerOf(makers.first, relay.url),
      [MAKERS[makers.second].vendor]: providerOf(makers.second, steady.baseUrl),
    },
    models: { [ROUTE]: { targets: [first], fallback: [second] } },
    limits: [{ name: "money", metric: "usd", amount: 1_000, window: { type: "rolling", ms: 3_600_000 } }],
    failing: { breaker: { failures: 3, share: 1, openMs: OPEN_MS } },
  });
  const gateway = await createGateway(configuration, {
    environment: { VIRTUAL_KEY, VENDOR_KEY },
    random: () => 0.5,
    time: () => Date.now() + shiftMs,
    sleep: async (delayMs) => {
      shiftMs += delayMs;
    },
  });
  const server = createServer({ gateway });
  const url = await server.listen({ port: 0 });

  function partyOf(maker: Maker, target: string, vendor: FakeVendor): Party {
    const isLeftAlone = (): boolean => gateway.health().some((one) => one.target === target && one.state === "open");
    return { maker, target, isLeftAlone, asked: vendor.requests };
  }

  return {
    url,
    gateway,
    first: partyOf(makers.first, first, dying),
    second: partyOf(makers.second, second, steady),
    die: async (death) => {
      if (death === "refused connections") await relay.shut();
      else fault = faultOf(death);
    },
    recover: async () => {
      fault = undefined;
      await relay.open();
      shiftMs += 2 * OPEN_MS;
    },
    lastCall: async () => {
      await expect.poll(() => gateway.running, { interval: 2 }).toBe(0);
      const [record] = (await gateway.ledger.calls({ countMax: 1 })).calls;
      if (record === undefined) throw new Error("the call is not in the ledger");
      return record;
    },
    close: async () => {
      await gateway.close();
      await server.close();
      await relay.close();
      await Promise.all([dying.close(), steady.close()]);
    },
  };
}

function providerOf(maker: Maker, baseUrl: string) {
  return { baseUrl, key: "env:VENDOR_KEY", options: MAKERS[maker].options } as const;
}

/** One that breaks off in the middle of an answer has none for anybody after it. */
function faultOf(death: Death): () => ScriptedFault {
  switch (death) {
    case "a cut before the first token":
      return () => ({ type: "delivery", how: "cut-at-once" });
    case "a cut in the middle": {
      let isFirst = true;
      return () => {
        if (!isFirst) return ERROR;
        isFirst = false;
        return { type: "delivery", how: "cut" };
      };
    }
    default:
      return () => ERROR;
  }
}

/** Asking again is not in vain, as each of them says by its silence but Anthropic's imitation. */
const ERROR: ScriptedFault = {
  type: "error",
  status: 500,
  message: "Internal server error",
  headers: { "x-should-retry": "true" },
};

/** As `provider code`, `provider answered` or `provider skipped`; a `~` where its cost had to be worked out, `free` where it cost nothing. */
export function inWords({ provider, outcome, code, costUsd, estimated }: AttemptRecord): string {
  if (outcome === "skipped") return `${provider} skipped`;
  const cost = costUsd === 0 ? " free" : estimated === true ? " ~" : "";
  return `${provider} ${outcome === "answered" ? "answered" : code}${cost}`;
}
