/** The registry that every command uses: what the environment offers, or the simulator when it offers nothing. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Discovery, discoverProviders } from "@dragoman/gateway";
import { createRegistry, type Provider, type ProviderOptions, type Registry } from "@dragoman/llm";
import { readUserData } from "./user-data.ts";

export interface OpenedRegistry {
  readonly registry: Registry;
  readonly discovery: Discovery;
  /** The model that a command uses when none is named, as `provider:model`; undefined where no provider lists any. */
  readonly defaultModel: () => Promise<string | undefined>;
  /** True when only the simulator answers. */
  readonly simulated: boolean;
}

export async function openRegistry(
  options: { readonly environment?: NodeJS.ProcessEnv; readonly signal?: AbortSignal } = {},
): Promise<OpenedRegistry> {
  loadEnvironmentFile();
  const environment = options.environment ?? process.env;
  const discovery = await discoverProviders({
    environment,
    providers: await userOptions(environment),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const simulated = discovery.usable.length === 0;
  const providers: readonly Provider[] =
    simulated || environment.DRAGOMAN_SIMULATOR === "1" ? [...discovery.usable, await simulator()] : discovery.usable;
  const registry = createRegistry(providers);
  return { registry, discovery, simulated, defaultModel: () => chooseDefault(providers, environment) };
}

/** `.env` of the folder where the command runs; what is set already stays. */
function loadEnvironmentFile(): void {
  const file = join(process.cwd(), ".env");
  if (existsSync(file)) process.loadEnvFile(file);
}

async function simulator(): Promise<Provider> {
  const { createSimulator } = await import("@dragoman/llm/testing");
  return createSimulator();
}

/** Findings of `probe` and a refreshed catalogue, per provider. */
async function userOptions(environment: NodeJS.ProcessEnv): Promise<Readonly<Record<string, ProviderOptions>>> {
  const { capabilities, catalogues } = await readUserData(environment);
  const ids = new Set([...Object.keys(capabilities), ...Object.keys(catalogues)]);
  return Object.fromEntries(
    [...ids].map((id) => {
      const known = capabilities[id];
      const catalogue = catalogues[id];
      return [id, { ...(known === undefined ? {} : { capabilities: known }), ...(catalogue === undefined ? {} : { catalogue }) }];
    }),
  );
}

/** The alias that stands for a vendor's everyday model; a local engine's first model otherwise. */
const EVERYDAY: Readonly<Record<string, string>> = {
  anthropic: "claude-sonnet",
  openai: "gpt",
  gemini: "gemini-flash",
  moonshot: "kimi",
  sim: "echo",
};

async function chooseDefault(providers: readonly Provider[], environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const named = environment.DRAGOMAN_MODEL?.trim();
  if (named) return named;
  for (const provider of providers) {
    const everyday = EVERYDAY[provider.id];
    if (everyday !== undefined) return `${provider.id}:${everyday}`;
    const [first] = await provider.models().catch(() => []);
    if (first !== undefined) return `${provider.id}:${first.id}`;
  }
  return undefined;
}
