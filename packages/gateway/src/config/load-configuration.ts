/** A configuration from its file. */
import { open } from "node:fs/promises";
import { dirname, extname, isAbsolute, resolve } from "node:path";
import type { GatewayConfiguration } from "../configuration.ts";
import { type ConfigurationFormat, type ParsedConfiguration, parseConfiguration } from "./parse-configuration.ts";
import { ConfigurationError } from "./problem.ts";
import { SOURCE_BYTES_MAX } from "./source.ts";

export interface LoadConfigurationOptions {
  /** Where `env:NAME` is looked up, to tell of what is not set. Default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export interface LoadedConfiguration extends ParsedConfiguration {
  /** Absolute. */
  readonly file: string;
  readonly text: string;
}

/**
 * Throws a `ConfigurationError`. Paths in the file (the store's, and those of keys) count from the file's own folder. A key whose
 * variable is not set is a warning: the provider is then refused when it is called.
 */
export async function loadConfiguration(file: string, options: LoadConfigurationOptions = {}): Promise<LoadedConfiguration> {
  const path = resolve(file);
  const text = await readText(file, path);
  const folder = dirname(path);
  const environment = options.environment ?? process.env;
  const parsed = parseConfiguration(text, { format: formatOf(file), file, folder, environment });
  return { ...parsed, configuration: withAbsolutePaths(parsed.configuration, folder), file: path, text };
}

export function formatOf(file: string): ConfigurationFormat {
  return extname(file).toLowerCase() === ".toml" ? "toml" : "yaml";
}

/** A device or a pipe could give bytes without end. */
async function readText(file: string, path: string): Promise<string> {
  try {
    await using handle = await open(path, "r");
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(SOURCE_BYTES_MAX + 1), 0, SOURCE_BYTES_MAX + 1, null);
    return buffer.toString("utf8", 0, bytesRead);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    const message = code === "ENOENT" ? "there is no such file" : `it cannot be read (${code})`;
    const advice = code === "ENOENT" ? "write one with dragoman init, or name it with --config" : undefined;
    throw new ConfigurationError(
      [{ severity: "error", file, path: "", message, ...(advice !== undefined && { advice }) }],
      error,
    );
  }
}

function withAbsolutePaths(configuration: GatewayConfiguration, folder: string): GatewayConfiguration {
  const { store, providers, keys } = configuration;
  const reference = (key: string) => (key.startsWith("file:") ? `file:${absolute(key.slice("file:".length), folder)}` : key);
  return {
    ...configuration,
    store: store.type === "memory" ? store : { ...store, file: absolute(store.file, folder) },
    providers: mapped(providers, (entry) => (entry.key === undefined ? entry : { ...entry, key: reference(entry.key) })),
    keys: mapped(keys, (entry) => ({ ...entry, key: reference(entry.key) })),
  };
}

function absolute(path: string, folder: string): string {
  return isAbsolute(path) || path === ":memory:" ? path : resolve(folder, path);
}

function mapped<Value>(table: Readonly<Record<string, Value>>, change: (value: Value) => Value): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(table).map(([name, value]) => [name, change(value)]));
}
