/**
 * Credentials from where AWS's own tools look for them, in their order: the environment, the shared files, and whatever else
 * AWS's own library finds (a sign-in, a role, a container, an instance). The library is a peer that need not be installed;
 * it is loaded only when the first two have nothing.
 */
import { DragomanError } from "../../errors.ts";
import { type AwsCredentialSource, type AwsCredentials, type AwsWorld, isSet } from "./aws-credentials.ts";
import type { SharedProfile } from "./shared-files.ts";

export const CREDENTIAL_LIBRARY = "@aws-sdk/credential-providers";

export interface CredentialSearch {
  /** Throws `authentication` where there are none. */
  readonly find: AwsCredentialSource;
  /** Why none would be found, without asking anybody over the network; undefined where there are some. */
  missing(): Promise<string | undefined>;
}

/** A profile that is asked for by name goes before the environment's keys. */
export function createCredentialSearch(world: AwsWorld, profileName: string | undefined): CredentialSearch {
  let library: Promise<AwsCredentialSource> | undefined;

  async function atHand(): Promise<{ readonly credentials?: AwsCredentials; readonly profile?: SharedProfile | undefined }> {
    const fromEnvironment = profileName === undefined ? environmentCredentials(world) : undefined;
    if (fromEnvironment !== undefined) return { credentials: fromEnvironment };
    const { readSharedProfile } = await import("./shared-files.ts");
    const profile = await readSharedProfile(world, profileName);
    const credentials = profile?.elsewhere === undefined ? profile?.credentials : undefined;
    return { profile, ...(credentials === undefined ? {} : { credentials }) };
  }

  async function find(): Promise<AwsCredentials> {
    const { credentials, profile } = await atHand();
    if (credentials !== undefined) return credentials;
    library ??= loadChain(world, profileName, profile);
    try {
      return await (await library)();
    } catch (error) {
      library = undefined;
      if (DragomanError.is(error)) throw error;
      // The library's words may repeat what it was given, so only the kind of its error is told.
      const kind = error instanceof Error ? error.name : "an error";
      const detail = `no credentials for AWS: ${CREDENTIAL_LIBRARY} gave ${kind}`;
      throw new DragomanError({ code: "authentication", detail, advice: signInAdvice(profile) });
    }
  }

  return {
    find,
    async missing() {
      const { credentials, profile } = await atHand();
      if (credentials !== undefined) return undefined;
      const place = profile?.elsewhere ?? CHAIN_VARIABLES.find((name) => isSet(world.environment[name]));
      if (place === undefined) return nothingFound(profileName);
      return (await isInstalled(world)) ? undefined : needsLibrary(place);
    },
  };
}

function environmentCredentials({ environment }: AwsWorld): AwsCredentials | undefined {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = environment;
  if (!isSet(accessKeyId) || !isSet(secretAccessKey)) return undefined;
  return {
    accessKeyId: accessKeyId.trim(),
    secretAccessKey: secretAccessKey.trim(),
    ...(isSet(sessionToken) ? { sessionToken: sessionToken.trim() } : {}),
  };
}

/** Set for containers, functions and Kubernetes, whose credentials come over the network. */
const CHAIN_VARIABLES = [
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
] as const;

async function isInstalled(world: AwsWorld): Promise<boolean> {
  try {
    await world.importProviders();
    return true;
  } catch {
    return false;
  }
}

async function loadChain(
  world: AwsWorld,
  profileName: string | undefined,
  profile: SharedProfile | undefined,
): Promise<AwsCredentialSource> {
  let library: unknown;
  try {
    library = await world.importProviders();
  } catch (error) {
    const place = profile?.elsewhere;
    throw new DragomanError({
      code: "authentication",
      detail: place === undefined ? `no credentials for AWS: ${nothingFound(profileName)}` : needsLibrary(place),
      advice: place === undefined ? NEXT_STEP : `install ${CREDENTIAL_LIBRARY} beside @dragoman/llm`,
      cause: error,
    });
  }
  const make = typeof library === "object" && library !== null ? Reflect.get(library, "fromNodeProviderChain") : undefined;
  if (typeof make !== "function") {
    throw new DragomanError({
      code: "configuration",
      detail: `${CREDENTIAL_LIBRARY} has no fromNodeProviderChain`,
      advice: "update it",
    });
  }
  return make(profileName === undefined ? {} : { profile: profileName });
}

function nothingFound(profileName: string | undefined): string {
  const files = profileName === undefined ? "the shared files of AWS hold none" : `profile ${profileName} holds none`;
  return `AWS_BEARER_TOKEN_BEDROCK and AWS_ACCESS_KEY_ID are not set, and ${files}`;
}

function needsLibrary(place: string): string {
  return `the credentials come by ${place}, for which ${CREDENTIAL_LIBRARY} is needed`;
}

function signInAdvice(profile: SharedProfile | undefined): string {
  const isSso = profile?.elsewhere?.startsWith("sso") ?? false;
  return isSso ? `run aws sso login --profile ${profile?.name ?? "default"}` : NEXT_STEP;
}

export const NEXT_STEP = `set AWS_BEARER_TOKEN_BEDROCK, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or install ${CREDENTIAL_LIBRARY} for sign-ins, roles and instances`;
