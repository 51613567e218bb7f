/**
 * The files that AWS's own tools share: `~/.aws/credentials` and `~/.aws/config`, of which one profile counts. Source: the
 * AWS SDKs and Tools Reference Guide, "Shared config and credentials files".
 */
import { type AwsCredentials, type AwsWorld, isSet } from "./aws-credentials.ts";

export interface SharedProfile {
  readonly name: string;
  /** Undefined where the profile holds no key of its own. */
  readonly credentials: AwsCredentials | undefined;
  /** The setting by which the profile gets its credentials elsewhere: `sso_session`, `role_arn`, … */
  readonly elsewhere: string | undefined;
  readonly region: string | undefined;
}

type Settings = Readonly<Record<string, string>>;

/** Settings that need more than a file: a sign-in, another role, a command. */
const ELSEWHERE = [
  "sso_session",
  "sso_start_url",
  "role_arn",
  "web_identity_token_file",
  "credential_process",
  "credential_source",
  "login_session",
] as const;

/** Undefined where neither file has the profile. */
export async function readSharedProfile(world: AwsWorld, asked: string | undefined): Promise<SharedProfile | undefined> {
  const { environment } = world;
  const name = asked ?? (isSet(environment.AWS_PROFILE) ? environment.AWS_PROFILE.trim() : "default");
  const [credentialText, configText] = await Promise.all([
    readShared(world, environment.AWS_SHARED_CREDENTIALS_FILE, "credentials"),
    readShared(world, environment.AWS_CONFIG_FILE, "config"),
  ]);
  if (credentialText === undefined && configText === undefined) return undefined;
  const { parse } = await import("ini");
  const inCredentials = sectionOf(parse(credentialText ?? ""), name);
  const inConfig = sectionOf(parse(configText ?? ""), name === "default" ? "default" : `profile ${name}`);
  if (inCredentials === undefined && inConfig === undefined) return undefined;
  const settings: Settings = { ...inConfig, ...inCredentials };
  return {
    name,
    credentials: credentialsIn(settings),
    elsewhere: ELSEWHERE.find((setting) => isSet(settings[setting])),
    region: settings.region,
  };
}

async function readShared(world: AwsWorld, named: string | undefined, file: string): Promise<string | undefined> {
  if (isSet(named)) return world.readFile(named.trim());
  const home = world.environment.HOME ?? world.environment.USERPROFILE;
  return isSet(home) ? world.readFile(`${home}/.aws/${file}`) : undefined;
}

/** The strings of a section. A dot in a name nests, as `[profile a.b]` becomes `b` within `profile a`. */
function sectionOf(parsed: object, name: string): Settings | undefined {
  let section: unknown = Reflect.get(parsed, name);
  if (section === undefined) for (const step of ["", ...name.split(".")]) section = step === "" ? parsed : fieldOf(section, step);
  if (typeof section !== "object" || section === null) return undefined;
  return Object.fromEntries(Object.entries(section).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function credentialsIn(settings: Settings): AwsCredentials | undefined {
  const { aws_access_key_id: accessKeyId, aws_secret_access_key: secretAccessKey, aws_session_token: sessionToken } = settings;
  if (!isSet(accessKeyId) || !isSet(secretAccessKey)) return undefined;
  return { accessKeyId, secretAccessKey, ...(isSet(sessionToken) ? { sessionToken } : {}) };
}
