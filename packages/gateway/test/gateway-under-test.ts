/** A server in front of the simulator and one fake vendor of each wire, and the table of what stands behind it. */
import {
  anthropic,
  type CompletionCall,
  createRegistry,
  gemini,
  ollama,
  openai,
  type Provider,
  type ProviderOptions,
  type Registry,
  Secret,
  wrapProvider,
} from "@dragoman/llm";
import { createSimulator, type FakeVendor, startFakeVendor } from "@dragoman/llm/testing";
import { completeConfiguration, createGateway, createServer, type Gateway, type ServerSettings } from "../src/index.ts";

export const BACKENDS = ["sim", "anthropic", "openai", "openai-chat", "gemini", "ollama"] as const;
export type Backend = (typeof BACKENDS)[number];

interface BackendModels {
  readonly text: string;
  /** Thinks, and shows what it thinks. */
  readonly reasoning: string;
}

const MODELS: Readonly<Record<Backend, BackendModels>> = {
  sim: { text: "bare", reasoning: "reasoner" },
  anthropic: { text: "claude-sonnet-4-5", reasoning: "claude-sonnet-4-5" },
  openai: { text: "gpt-4.1-mini", reasoning: "gpt-5-mini" },
  "openai-chat": { text: "gpt-4.1-mini", reasoning: "gpt-5-mini" },
  gemini: { text: "gemini-2.5-flash", reasoning: "gemini-3-flash-preview" },
  ollama: { text: "qwen3:4b", reasoning: "qwen3:4b" },
};

/** Vendors that give vectors, each with a model of its own. */
export const EMBEDDERS = [
  ["openai", "openai:text-embedding-3-small"],
  ["gemini", "gemini:gemini-embedding-001"],
  ["ollama", "ollama:nomic-embed-text:latest"],
] as const;

export interface GatewayUnderTest {
  readonly url: string;
  readonly vendors: Readonly<Record<Exclude<Backend, "sim">, FakeVendor>>;
  text(backend: Backend): string;
  reasoning(backend: Backend): string;
  /** The model that has this fault of `FAULTS`. */
  fault(backend: Backend, name: string): string;
  /** Whether what stands behind has seen its latest caller go away. */
  wasAborted(backend: Backend): boolean;
  /** Every failure that a client was told of, as code and message. */
  readonly reported: readonly string[];
  close(): Promise<void>;
}

export const VENDOR_KEY = "sk-vendor-key-0123456789abcdef";

/** What a client of a governed gateway sends. */
export const VIRTUAL_KEY = "a-virtual-key-of-the-tests-0123456789";

export interface GatewayUnderTestOptions extends Omit<ServerSettings, "onError"> {
  /** True: behind keys, a limit, a budget and the ledger; every request needs `VIRTUAL_KEY`. Default: providers as they are. */
  readonly governed?: boolean;
}

export async function startGateway({ governed = false, ...options }: GatewayUnderTestOptions = {}): Promise<GatewayUnderTest> {
  const [anthropicVendor, openaiVendor, geminiVendor, ollamaVendor] = await Promise.all([
    startFakeVendor("anthropic"),
    startFakeVendor("openai"),
    startFakeVendor("gemini"),
    startFakeVendor("ollama"),
  ]);
  const vendors = {
    anthropic: anthropicVendor,
    openai: openaiVendor,
    "openai-chat": openaiVendor,
    gemini: geminiVendor,
    ollama: ollamaVendor,
  };
  const at = (vendor: FakeVendor): ProviderOptions => ({ baseUrl: vendor.baseUrl, key: new Secret(VENDOR_KEY) });
  const simulator = watched(createSimulator());
  const registry = createRegistry(
    [
      simulator.provider,
      anthropic(at(anthropicVendor)),
      openai(at(openaiVendor)),
      openai({ ...at(openaiVendor), wire: "chat" }),
      gemini(at(geminiVendor)),
      ollama({ baseUrl: ollamaVendor.url }),
    ],
    { aliases: { fast: "sim:bare" } },
  );
  const reported: string[] = [];
  const governing = governed ? await governedBy(registry) : undefined;
  const server = createServer({
    ...(governing === undefined ? { registry } : { gateway: governing }),
    version: "1.2.3",
    ...options,
    onError: (error) => reported.push(`${error.code} ${error.message}`),
  });
  const url = await server.listen({ port: 0 });
  return {
    url,
    vendors,
    text: (backend) => `${backend}:${MODELS[backend].text}`,
    reasoning: (backend) => `${backend}:${MODELS[backend].reasoning}`,
    fault: (backend, name) => `${backend}:${name}`,
    wasAborted: (backend) => (backend === "sim" ? simulator.wasAborted() : vendors[backend].requests.at(-1)?.aborted === true),
    reported,
    close: async () => {
      await server.close();
      await governing?.close();
      await registry.close();
      await Promise.all([anthropicVendor, openaiVendor, geminiVendor, ollamaVendor].map((vendor) => vendor.close()));
    },
  };
}

function governedBy(registry: Registry): Promise<Gateway> {
  const configuration = completeConfiguration({
    store: { type: "memory" },
    server: { requireKey: true },
    keys: { sdk: { key: "env:VIRTUAL_KEY", team: "tests" } },
    teams: { tests: {} },
    limits: [
      { name: "rate", metric: "requests", amount: 1_000_000, window: { type: "rolling", ms: 60_000 }, each: ["key"] },
      {
        name: "budget",
        metric: "usd",
        amount: 1_000,
        window: { type: "calendar", unit: "month", timeZone: "UTC" },
        unknownPrice: "allow",
      },
    ],
    // Faults are the tests' own matter: none is retried, none shuts a target.
    failing: { attemptsPerTarget: 1, breaker: { failures: 10_000, share: 1 } },
  });
  return createGateway(configuration, { registry, environment: { VIRTUAL_KEY } });
}

/** The provider, and whether its latest caller went away. */
export function watched(provider: Provider): { readonly provider: Provider; readonly wasAborted: () => boolean } {
  let signal: AbortSignal | undefined;
  function watch(call: CompletionCall): CompletionCall {
    signal = call.signal;
    return call;
  }
  return {
    provider: wrapProvider(provider, {
      complete: (call) => provider.complete(watch(call)),
      stream: (call) => provider.stream(watch(call)),
    }),
    wasAborted: () => signal?.aborted === true,
  };
}
