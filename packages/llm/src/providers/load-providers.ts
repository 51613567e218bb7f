/**
 * Providers by name, from configuration: a built-in one by its id, a stranger's by its package. What configuration may say
 * is checked before anything is loaded; an unknown key is an error that names the nearest known one.
 */
import type { JsonObject } from "../json.ts";
import type { Provider } from "../provider.ts";
import type { ProviderOptions } from "../provider-definition.ts";
import type { Registry } from "../registry.ts";

/** One provider in configuration. All of it is JSON, and no key stands in it: only where the key is. */
export interface ProviderConfiguration {
  /** The id of a built-in provider, `openai-compatible`, or the name of an installed package. Default: the provider's own name in the configuration. */
  readonly type?: string;
  /** False leaves it out. Default true. */
  readonly enabled?: boolean;
  /** Where the key is: `env:NAME`, `file:PATH` or `exec:COMMAND`. Default: the vendor's usual variable. */
  readonly key?: string;
  readonly baseUrl?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeouts?: NonNullable<ProviderOptions["timeouts"]>;
  /** The longest streamed answer. Bytes, after decompression. Default 128 MiB. */
  readonly streamBytesMax?: number;
  readonly prices?: NonNullable<ProviderOptions["prices"]>;
  readonly aliases?: Readonly<Record<string, string>>;
  readonly capabilities?: NonNullable<ProviderOptions["capabilities"]>;
  /** What only this type of provider takes, as a region or deployments. Checked by the provider itself. */
  readonly options?: JsonObject;
}

/** Providers by name, as a file holds them. */
export interface ProvidersConfiguration {
  /** By the name before the colon in `provider:model`. */
  readonly providers: Readonly<Record<string, ProviderConfiguration>>;
  /** Short names for whole references, as in `{ fast: "groq:llama-3.3-70b-versatile" }`. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Which provider a bare model id means where several claim it, by model id. */
  readonly preferred?: Readonly<Record<string, string>>;
}

/** What loading may use. */
export interface LoadProvidersOptions {
  /** The folder whose `node_modules` packages are looked for in, and above it. Default: the working directory. */
  readonly folder?: string;
  /** Default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** What a package of a stranger exports. */
export interface ProviderPackage {
  /** Makes the provider of its configuration. */
  readonly createProvider: (options: ProviderOptions) => Provider;
}

/** The options of `openai-compatible`. */
export const COMPATIBLE_OPTIONS = [
  "name",
  "quirks",
  "keyOptional",
  "modelPrefixes",
  "modelsPath",
  "embeddings",
  "rerank",
] as const;

/** Throws `configuration` with the path of what is wrong; nothing is half loaded. */
export async function loadProviders(
  configuration: ProvidersConfiguration,
  options: LoadProvidersOptions = {},
): Promise<Registry> {
  const { configuredProviders } = await import("./configured-providers.ts");
  return configuredProviders(configuration, options);
}
