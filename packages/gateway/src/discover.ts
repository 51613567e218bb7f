/**
 * Which providers this machine offers: those whose key is in the environment, and local engines that answer on their usual
 * port. Each one that cannot be used is named with its reason and the next step.
 */
import { type Availability, BUILT_IN_PROVIDERS, type Provider, type ProviderOptions } from "@dragoman/llm";

export interface Discovery {
  readonly usable: readonly Provider[];
  readonly findings: readonly Finding[];
}

export interface Finding {
  readonly provider: string;
  readonly availability: Availability;
}

export interface DiscoveryOptions {
  /** Default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Per provider id, as for another base URL. */
  readonly providers?: Readonly<Record<string, ProviderOptions>>;
  readonly signal?: AbortSignal;
  /** Look only for these provider ids. Default: all that are known. */
  readonly only?: readonly string[];
  /** The address of the server that will use what is found: a provider that leads back to it is left out. */
  readonly ownUrl?: string;
}

export const KNOWN_PROVIDERS: readonly string[] = BUILT_IN_PROVIDERS.map((known) => known.id);

/** The variables that `discoverProviders` reads, for documentation. */
export const DISCOVERY_VARIABLES = BUILT_IN_PROVIDERS.map(({ id, keyVariable, urlVariable }) => ({
  provider: id,
  keyVariable,
  urlVariable,
}));

export async function discoverProviders(options: DiscoveryOptions = {}): Promise<Discovery> {
  const environment = options.environment ?? process.env;
  const findings = await Promise.all(
    BUILT_IN_PROVIDERS.filter(({ id }) => options.only?.includes(id) ?? true).map(
      async ({ id, create, keyVariable, credentialVariables = [], urlVariable }) => {
        const baseUrl = environment[urlVariable];
        const provider = create({
          secrets: { environment },
          ...(baseUrl === undefined || baseUrl === "" ? {} : { baseUrl }),
          ...options.providers?.[id],
        });
        const availability = leadsTo(baseUrl, options.ownUrl)
          ? loop(urlVariable)
          : await availabilityOf(provider, [keyVariable, credentialVariables], environment, options.signal);
        return { provider, finding: { provider: id, availability } };
      },
    ),
  );
  return {
    usable: findings.filter(({ finding }) => finding.availability.available).map(({ provider }) => provider),
    findings: findings.map(({ finding }) => finding),
  };
}

/**
 * A vendor in the cloud counts as usable when its key is there: serving must not wait for, or depend on, the network.
 * `dragoman doctor` asks it. A local engine has to answer.
 */
async function availabilityOf(
  provider: Provider,
  [keyVariable, credentialVariables]: readonly [string | undefined, readonly string[]],
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal | undefined,
): Promise<Availability> {
  if (keyVariable !== undefined && environment[keyVariable]?.trim()) return { available: true, detail: `${keyVariable} is set` };
  if (credentialVariables.length > 0 && credentialVariables.every((name) => environment[name]?.trim())) {
    return { available: true, detail: `${credentialVariables.join(" and ")} are set` };
  }
  return provider.availability(signal === undefined ? {} : { signal });
}

/** The names under which this machine's loopback is addressed. */
const LOOPBACK: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]", "0.0.0.0", "[::]"]);

function leadsTo(baseUrl: string | undefined, ownUrl: string | undefined): boolean {
  if (baseUrl === undefined || ownUrl === undefined || !URL.canParse(baseUrl) || !URL.canParse(ownUrl)) return false;
  const [there, own] = [new URL(baseUrl), new URL(ownUrl)];
  return there.port === own.port && LOOPBACK.has(there.hostname) && LOOPBACK.has(own.hostname);
}

function loop(urlVariable: string): Availability {
  return {
    available: false,
    reason: "not-configured",
    detail: `${urlVariable} points to this very server, which would call itself`,
    nextStep: `start it with ${urlVariable} unset; the variable is for its clients`,
  };
}
