/**
 * Application default credentials, as Google's own libraries look for them. What a person or a service account leaves on a
 * machine is done here; the rarer kinds (workload identity federation, impersonation) are left to google-auth-library,
 * which is loaded only for them.
 */
import { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import type { GoogleToken, GoogleTokenSource, GoogleWorld } from "./google-credential.ts";
import { tokenOfServiceAccount } from "./service-account.ts";
import { CLOUD_SCOPE, METADATA_TOKEN, requestToken, TOKEN_ENDPOINT } from "./token-request.ts";

/** What the machine offers. `file`: a credential as JSON, and where it was found. */
export type FoundCredential =
  | { readonly type: "file"; readonly path: string; readonly json: JsonObject }
  | { readonly type: "metadata-server" };

/** Undefined where there is nothing. Asks nobody over the network. Throws `configuration` for a file that cannot be used. */
export async function findCredential(world: GoogleWorld): Promise<FoundCredential | undefined> {
  const named = world.environment.GOOGLE_APPLICATION_CREDENTIALS?.trim();
  if (named !== undefined && named !== "") {
    const text = await world.readFile(named);
    if (text === undefined) throw unusable(named, "it cannot be read");
    return { type: "file", path: named, json: parseCredential(text, named) };
  }
  const path = wellKnownFile(world);
  const text = path === undefined ? undefined : await world.readFile(path);
  if (path !== undefined && text !== undefined) return { type: "file", path, json: parseCredential(text, path) };
  return (await isGoogleMachine(world)) ? { type: "metadata-server" } : undefined;
}

/** Source: `gcloud auth application-default login` writes it there. */
function wellKnownFile({ environment }: GoogleWorld): string | undefined {
  const { CLOUDSDK_CONFIG: config, APPDATA: appData, HOME: home } = environment;
  const name = "application_default_credentials.json";
  if (config) return `${config}/${name}`;
  if (appData) return `${appData}/gcloud/${name}`;
  return home ? `${home}/.config/gcloud/${name}` : undefined;
}

/** Set by Cloud Run, App Engine, Cloud Functions, and by whoever emulates the metadata server. */
const GOOGLE_VARIABLES = ["K_SERVICE", "CLOUD_RUN_JOB", "GAE_SERVICE", "FUNCTION_NAME", "GCE_METADATA_HOST"] as const;

/** Compute Engine and Kubernetes Engine write their name into the machine's firmware tables. */
async function isGoogleMachine({ environment, readFile }: GoogleWorld): Promise<boolean> {
  if (GOOGLE_VARIABLES.some((name) => (environment[name] ?? "") !== "")) return true;
  return (await readFile("/sys/class/dmi/id/product_name"))?.includes("Google") ?? false;
}

export function parseCredential(text: string, path: string): JsonObject {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The cause is left out: it quotes the file.
    throw unusable(path, "it is not JSON");
  }
  if (!isJsonObject(json) || typeof json.type !== "string") throw unusable(path, "it names no type of credential");
  return json;
}

/** A function that gets a fresh token, by what was found. */
export function tokenOfFound(found: FoundCredential, world: GoogleWorld): GoogleTokenSource {
  if (found.type === "metadata-server") return () => tokenOfMetadataServer(world);
  switch (found.json.type) {
    case "service_account":
      return () => tokenOfServiceAccount(found.json, world);
    case "authorized_user":
      return () => tokenOfAuthorizedUser(found, world);
    default:
      return tokenOfLibrary(found, world);
  }
}

/** Source: "Authenticate applications with the metadata server" of Google Cloud's documentation. */
function tokenOfMetadataServer(world: GoogleWorld): Promise<GoogleToken> {
  const advice = "attach a service account with the role Vertex AI User to the machine";
  return requestToken({ url: METADATA_TOKEN, advice }, world);
}

/** A person's own login: a refresh token (RFC 6749, 6). */
function tokenOfAuthorizedUser({ json, path }: FoundCredential & { type: "file" }, world: GoogleWorld): Promise<GoogleToken> {
  const { client_id: clientId, client_secret: clientSecret, refresh_token: refreshToken } = json;
  if (typeof clientId !== "string" || typeof clientSecret !== "string" || typeof refreshToken !== "string") {
    throw unusable(path, "it lacks client_id, client_secret or refresh_token");
  }
  const form = { grant_type: "refresh_token", client_id: clientId, client_secret: clientSecret, refresh_token: refreshToken };
  return requestToken({ url: TOKEN_ENDPOINT, form, advice: "run gcloud auth application-default login" }, world);
}

/** The library keeps its own tokens, so each one counts as expiring at once here. */
function tokenOfLibrary({ json, path }: FoundCredential & { type: "file" }, world: GoogleWorld): GoogleTokenSource {
  let auth: Promise<{ getAccessToken(): Promise<string | null | undefined> }> | undefined;
  return async () => {
    auth ??= loadLibrary(json, path);
    const token = await (await auth).getAccessToken();
    if (token) return { token, expiresAt: world.now() };
    throw new DragomanError({ code: "authentication", detail: `${path} gave no access token` });
  };
}

async function loadLibrary(json: JsonObject, path: string) {
  try {
    const { GoogleAuth } = await import("google-auth-library");
    // It finds what the process's own variable names by itself; handing the file over makes it warn on the console.
    const findsIt = process.env.GOOGLE_APPLICATION_CREDENTIALS?.trim() === path;
    return new GoogleAuth({ scopes: CLOUD_SCOPE, ...(findsIt ? {} : { credentials: { ...json } }) });
  } catch (error) {
    throw new DragomanError({
      code: "configuration",
      detail: `${path} holds a credential of type ${String(json.type)}, for which google-auth-library is needed`,
      advice: "install google-auth-library beside @dragoman/llm, or use a service account",
      cause: error,
    });
  }
}

function unusable(path: string, why: string): DragomanError {
  return new DragomanError({
    code: "configuration",
    detail: `the credential file ${path} cannot be used: ${why}`,
    advice: "run gcloud auth application-default login, or correct GOOGLE_APPLICATION_CREDENTIALS",
  });
}
