/** `docs/providers.md`: every provider that is found by itself, described by asking the provider, not by a second list. */
import { DISCOVERY_VARIABLES } from "@dragoman/gateway";
import {
  BUILT_IN_PROVIDERS,
  type Completion,
  type CompletionCall,
  DragomanError,
  type Provider,
  type ProviderOptions,
  Secret,
  type Transport,
  textOf,
  UNKNOWN_CAPABILITIES,
  userMessage,
} from "@dragoman/llm";
import { DIALECT_SUBJECTS } from "../../packages/llm/test/subjects/dialects.ts";
import { code, page, table } from "./markdown.ts";

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

/** Calls that are answered in one wire after the other: the one that is understood is its own, and the address is kept. */
async function whereItCalls(create: (options: ProviderOptions) => Provider): Promise<{ wire: string; baseUrl: string }> {
  // With a size given, Ollama does not ask the engine for one first.
  const vendorOptions = { ollama: { options: { num_ctx: 4_096 } } };
  const request = { model: "model", messages: [userMessage("Hello")] };
  for (const { dialect } of DIALECT_SUBJECTS) {
    const urls: string[] = [];
    const { body } = dialect.renderResponse(ANSWER, { model: "model", echo: {} });
    const transport = answering(JSON.stringify(body), (url) => urls.push(url));
    const options = { key: new Secret("key"), transport };
    const completion = await callOf(create, options, { ...request, vendorOptions });
    const wire = completion?.origin.dialect;
    const own = DIALECT_SUBJECTS.find(({ name }) => name === wire)?.dialect;
    if (wire === undefined || own === undefined || textOf(completion?.message ?? ANSWER.message) !== SAID) continue;
    const { path } = own.renderRequest(request, { stream: false, capabilities: UNKNOWN_CAPABILITIES });
    const [url = ""] = urls;
    return { wire, baseUrl: url.endsWith(path) ? url.slice(0, -path.length) : new URL(url).origin };
  }
  throw new Error("a provider understands no answer of a known wire");
}

/** A vendor whose address is its customer's own has none to begin with. */
async function callOf(
  create: (options: ProviderOptions) => Provider,
  options: ProviderOptions,
  call: CompletionCall,
): Promise<Completion | undefined> {
  for (const address of [{}, { baseUrl: OWN_ADDRESS }]) {
    try {
      return await create({ ...options, ...address }).complete(call);
    } catch (error) {
      if (!DragomanError.is(error) || error.code !== "configuration") return undefined;
    }
  }
  return undefined;
}

const OWN_ADDRESS = "https://your-own.example";

const SAID = "Hello from the wire.";
const ORIGIN = { dialect: "any", provider: "any", model: "model" };
const ANSWER: Completion = {
  id: "answer-1",
  origin: ORIGIN,
  message: { role: "assistant", origin: ORIGIN, parts: [{ type: "text", text: SAID }] },
  finish: { reason: "stop" },
  usage: { inputTokens: 1, outputTokens: 1 },
  warnings: [],
};

function answering(body: string, onUrl: (url: string) => void): Transport {
  return {
    send: async ({ url }) => {
      onUrl(url);
      return {
        status: 200,
        headers: { "content-type": "application/json" },
        body: (async function* () {
          yield new TextEncoder().encode(body);
        })(),
        text: async () => body,
        cancel: () => undefined,
      };
    },
    close: async () => undefined,
  };
}

function unreachable(): Transport {
  return {
    send: async () => {
      throw new DragomanError({ code: "connection_failed", detail: "nothing is called while documentation is written" });
    },
    close: async () => undefined,
  };
}
