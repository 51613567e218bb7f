/** `provider:model` -> provider. An object that the caller makes and owns; nothing registers itself. */
import { DragomanError } from "./errors.ts";
import type { ModelReference } from "./model-names.ts";
import type { Availability, CallOptions, ModelInfo, Provider } from "./provider.ts";

/** Makes a provider at its first use; `supports` is asked without making it. */
export interface LazyProvider {
  readonly id: string;
  /** As that of the provider. Must not do I/O. */
  readonly supports: (model: string) => boolean;
  /** Called once. */
  readonly load: () => Provider;
}

/** What a reference means. */
export interface ResolvedModel {
  readonly provider: Provider;
  /** The model's id at that provider. */
  readonly model: string;
}

/** What the owner settles between the providers. */
export interface RegistryOptions {
  /** Short names for whole references, as in `{ fast: "openai:gpt-5-mini" }`. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Which provider a bare model id means where several claim it, by model id. */
  readonly preferred?: Readonly<Record<string, string>>;
}

/** Providers by name. */
export interface Registry {
  /** Throws `configuration` for a name that is taken. */
  register(provider: Provider | LazyProvider): void;
  /** True when it was there. */
  unregister(id: string): boolean;
  /** By its id; made where it was lazy. */
  provider(id: string): Provider | undefined;
  /** All of them, made where they were lazy. */
  providers(): readonly Provider[];
  /**
   * `provider:model`, split at the first colon when what stands before it is a registered provider; else a bare model id,
   * for which every provider is asked. Throws `ambiguous_model` naming all that claim it, or `unknown_model` naming the
   * nearest known names.
   */
  resolve(reference: ModelReference): ResolvedModel;
  /** The models of all providers; a provider that cannot list them is left out of `models` and named in `failures`. */
  models(options?: CallOptions): Promise<{ readonly models: readonly ModelInfo[]; readonly failures: readonly ListingFailure[] }>;
  /** Whether each can be used now, by its id. */
  availability(options?: CallOptions): Promise<ReadonlyMap<string, Availability>>;
  /** Closes those that were made. */
  close(): Promise<void>;
}

/** A provider whose models could not be listed, and why. */
export interface ListingFailure {
  readonly provider: string;
  readonly error: DragomanError;
}

interface Entry {
  readonly id: string;
  readonly supports: (model: string) => boolean;
  readonly get: () => Provider;
  readonly loaded: () => Provider | undefined;
}

/** Makes a registry of providers. It belongs to the caller; nothing registers itself. */
export function createRegistry(providers: readonly (Provider | LazyProvider)[] = [], options: RegistryOptions = {}): Registry {
  const entries = new Map<string, Entry>();
  const aliases = new Map(Object.entries(options.aliases ?? {}));
  const preferences = new Map(Object.entries(options.preferred ?? {}));

  function register(provider: Provider | LazyProvider): void {
    if (entries.has(provider.id)) {
      throw new DragomanError({
        code: "configuration",
        detail: `a provider named ${provider.id} is registered already`,
        advice: "give one of the two another id",
      });
    }
    entries.set(provider.id, toEntry(provider));
  }

  function resolve(reference: string): ResolvedModel {
    const target = aliases.get(reference) ?? reference;
    const colon = target.indexOf(":");
    const named = colon > 0 ? entries.get(target.slice(0, colon)) : undefined;
    if (named !== undefined) {
      const model = target.slice(colon + 1);
      if (model === "") throw new DragomanError({ code: "unknown_model", detail: `${target} names no model`, model: target });
      return { provider: named.get(), model };
    }
    return resolveBare(target);
  }

  function resolveBare(model: string): ResolvedModel {
    const claims = [...entries.values()].filter((entry) => entry.supports(model));
    const preferred = claims.find((entry) => entry.id === preferences.get(model));
    const only = preferred ?? (claims.length === 1 ? claims[0] : undefined);
    if (only !== undefined) return { provider: only.get(), model };
    if (claims.length > 1) {
      const names = claims.map((entry) => `${entry.id}:${model}`);
      throw new DragomanError({
        code: "ambiguous_model",
        model,
        detail: `${names.length} providers claim ${model}`,
        advice: `write one of ${names.join(", ")}`,
      });
    }
    throw unknownModel(model);
  }

  function unknownModel(model: string): DragomanError {
    const known = [...entries.keys()];
    const colon = model.indexOf(":");
    const asked =
      colon > 0 ? `no provider is named ${model.slice(0, colon)}, and none claims ${model}` : `no provider claims ${model}`;
    const nearest = colon > 0 ? nearestProviders(model, colon) : nearestModels(model);
    return new DragomanError({
      code: "unknown_model",
      model,
      detail: known.length === 0 ? `${asked}; no provider is registered` : asked,
      advice: `name it as provider:model; providers: ${known.join(", ") || "none"}${nearest.length === 0 ? "" : `; nearest: ${nearest.join(", ")}`}`,
    });
  }

  function nearestProviders(model: string, colon: number): readonly string[] {
    const rest = model.slice(colon);
    return nearestNames(model.slice(0, colon), [...entries.keys()]).map((id) => `${id}${rest}`);
  }

  /** Among the aliases, and what the providers that are loaded know without asking. */
  function nearestModels(model: string): readonly string[] {
    const names = [...entries.values()].flatMap((entry) => entry.loaded()?.knownModels?.() ?? []);
    return nearestNames(model, [...Object.keys(options.aliases ?? {}), ...names]);
  }

  async function models(callOptions?: CallOptions) {
    const failures: ListingFailure[] = [];
    const lists = await Promise.all(
      [...entries.values()].map(async (entry) => {
        try {
          return await entry.get().models(callOptions);
        } catch (error) {
          if (!DragomanError.is(error)) throw error;
          failures.push({ provider: entry.id, error });
          return [];
        }
      }),
    );
    return { models: lists.flat(), failures };
  }

  async function availability(callOptions?: CallOptions) {
    const rows = await Promise.all(
      [...entries.values()].map(async (entry) => [entry.id, await entry.get().availability(callOptions)] as const),
    );
    return new Map(rows);
  }

  for (const provider of providers) register(provider);
  return {
    register,
    unregister: (id) => entries.delete(id),
    provider: (id) => entries.get(id)?.get(),
    providers: () => [...entries.values()].map((entry) => entry.get()),
    resolve,
    models,
    availability,
    close: async () => {
      await Promise.all([...entries.values()].map((entry) => entry.loaded()?.close?.()));
    },
  };
}

function toEntry(provider: Provider | LazyProvider): Entry {
  if (!("load" in provider)) {
    return { id: provider.id, supports: (model) => provider.supports(model), get: () => provider, loaded: () => provider };
  }
  let loaded: Provider | undefined;
  return {
    id: provider.id,
    supports: provider.supports,
    get: () => {
      loaded ??= provider.load();
      return loaded;
    },
    loaded: () => loaded,
  };
}

/** Up to three names that are close to what was asked, nearest first. */
export function nearestNames(asked: string, names: readonly string[]): readonly string[] {
  const limit = Math.max(2, Math.floor(Math.min(asked.length, NAME_LENGTH_MAX) / 3));
  return names
    .map((name) => ({ name, distance: editDistance(asked.toLowerCase(), name.toLowerCase()) }))
    .filter((candidate) => candidate.distance <= limit)
    .sort((left, right) => left.distance - right.distance)
    .slice(0, 3)
    .map((candidate) => candidate.name);
}

/** Names are compared up to here, so that a long one costs little. */
const NAME_LENGTH_MAX = 100;

/** Levenshtein's distance, over one row. */
function editDistance(left: string, right: string): number {
  const a = left.slice(0, NAME_LENGTH_MAX);
  const b = right.slice(0, NAME_LENGTH_MAX);
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substitution = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(substitution, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
