/** `docs/providers.md`: every provider that is found by itself, described by asking the provider, not by a second list. */
import { DISCOVERY_VARIABLES } from "@dragoman/gateway";
import {
  BUILT_IN_PROVIDERS,
  DragomanError,
  type Provider,
  type ProviderOptions,
  Secret,
  type Transport,
  UNKNOWN_CAPABILITIES,
  userMessage,
} from "@dragoman/llm";
import {
  createAnthropicMessagesDialect,
  createGeminiDialect,
  createOllamaDialect,
  createOpenAIChatDialect,
  createOpenAIResponsesDialect,
} from "@dragoman/llm/dialects";
import { code, page, table } from "./markdown.ts";

const DIALECTS = [
  createAnthropicMessagesDialect(),
  createOpenAIResponsesDialect(),
  createOpenAIChatDialect(),
  createGeminiDialect(),
  createOllamaDialect(),
];

export async function providersPage(): Promise<string> {
  const rows = await Promise.all(DISCOVERY_VARIABLES.map((row) => describe(row)));
  return page(
    "# Providers",
    "What `dragoman` and `discoverProviders()` find by themselves. A provider in the cloud counts as usable when its key is set, " +
      "a local one when it answers. The base URL variable moves a provider elsewhere. A model is named `id:model`, as in " +
      "`anthropic:claude-sonnet`.",
    table(["id", "where", "wire", "key variable", "base URL", "base URL variable", "how to start"], rows),
    "Any other server that speaks OpenAI's chat wire: [one call](providers/adding-an-openai-compatible-vendor.md).",
  );
}

async function describe(row: (typeof DISCOVERY_VARIABLES)[number]): Promise<string[]> {
  const known = BUILT_IN_PROVIDERS.find(({ id }) => id === row.provider);
  if (known === undefined) throw new Error(`${row.provider} is discovered but not among BUILT_IN_PROVIDERS`);
  const { create } = known;
  const { wire, baseUrl } = await whereItCalls(create);
  const local = new URL(baseUrl).hostname === "127.0.0.1";
  const unset = await create({ secrets: { environment: {} }, transport: unreachable() }).availability();
  return [
    code(row.provider),
    local ? "this machine" : "cloud",
    code(wire),
    row.keyVariable === undefined ? "none needed" : code(row.keyVariable),
    code(baseUrl),
    code(row.urlVariable),
    unset.available ? "" : unset.nextStep,
  ];
}

/** One call into a transport that keeps the address: the path tells the wire, the rest is the base URL. */
async function whereItCalls(create: (options: ProviderOptions) => Provider): Promise<{ wire: string; baseUrl: string }> {
  const urls: string[] = [];
  // With a size given, Ollama does not ask the engine for one first.
  const vendorOptions = { ollama: { options: { num_ctx: 4_096 } } };
  const request = { model: "model", messages: [userMessage("Hello")] };
  const provider = create({ key: new Secret("key"), transport: unreachable((url) => urls.push(url)) });
  await provider.complete({ ...request, vendorOptions }).catch(() => undefined);
  const [url = ""] = urls;
  for (const dialect of DIALECTS) {
    const { path } = dialect.renderRequest(request, { stream: false, capabilities: UNKNOWN_CAPABILITIES });
    if (url.endsWith(path)) return { wire: dialect.id, baseUrl: url.slice(0, -path.length) };
  }
  throw new Error(`${provider.id} calls ${url || "nothing"}, which is no path of a known wire`);
}

function unreachable(onUrl: (url: string) => void = () => undefined): Transport {
  return {
    send: async ({ url }) => {
      onUrl(url);
      throw new DragomanError({ code: "connection_failed", detail: "nothing is called while documentation is written" });
    },
    close: async () => undefined,
  };
}
