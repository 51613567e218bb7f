/** The ways to a token, each as a function that gets a fresh one. */
import { DragomanError } from "../../errors.ts";
import { isJsonObject } from "../../json.ts";
import { describeSecret, resolveSecret, type SecretSources } from "../../secret.ts";
import type { Transport } from "../../transport/transport.ts";
import type {
  AccessToken,
  ClientSecret,
  EntraCredential,
  ManagedIdentity,
  TokenCredential,
  TokenReference,
  TokenSource,
} from "./entra-credential.ts";
import { requestToken } from "./token-request.ts";

export interface TokenWorld {
  readonly transport: Transport | undefined;
  readonly sources: SecretSources | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export function tokenSource(credential: EntraCredential, world: TokenWorld): TokenSource {
  if ("getToken" in credential) return (scope) => fromCredential(credential, scope);
  switch (credential.type) {
    case "token":
      return () => fromReference(credential, world);
    case "client-secret":
      return (scope) => fromClientSecret(credential, scope, world);
    case "managed-identity":
      return (scope) => fromManagedIdentity(credential, scope, world);
  }
}

async function fromCredential(credential: TokenCredential, scope: string): Promise<AccessToken> {
  const token = await credential.getToken(scope);
  if (token === null) throw missing("the credential gave no token", "check the credential");
  return token;
}

/** How long a token is kept that does not tell its end. Milliseconds. */
const UNTOLD_LIFE_MS = 300_000;

async function fromReference({ token: reference }: TokenReference, { sources, now }: TokenWorld): Promise<AccessToken> {
  const secret = await resolveSecret(reference, sources);
  const described = describeSecret(reference);
  if (secret === undefined) throw missing(`no token: ${described} is not set`, `put an Entra token into ${described}`);
  const token = secret.reveal();
  return { token, expiresOnTimestamp: expiryIn(token) ?? now() + UNTOLD_LIFE_MS };
}

/** The `exp` claim of a JSON Web Token (RFC 7519, 4.1.4). Only read, never trusted. */
function expiryIn(token: string): number | undefined {
  const claims = token.split(".")[1];
  if (claims === undefined) return undefined;
  try {
    const body: unknown = JSON.parse(Buffer.from(claims, "base64url").toString("utf8"));
    return isJsonObject(body) && typeof body.exp === "number" ? body.exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}

const LOGIN = "https://login.microsoftonline.com";

/** Source: Microsoft identity platform, "OAuth 2.0 client credentials flow": one form, to the tenant's own endpoint. */
async function fromClientSecret(credential: ClientSecret, scope: string, world: TokenWorld): Promise<AccessToken> {
  const tenantId = credential.tenantId ?? setIn(world, "AZURE_TENANT_ID");
  const clientId = credential.clientId ?? setIn(world, "AZURE_CLIENT_ID");
  const reference = credential.clientSecret ?? "env:AZURE_CLIENT_SECRET";
  const secret = (await resolveSecret(reference, { environment: world.environment }))?.reveal();
  const advice = "check AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET";
  if (secret === undefined) throw missing(`no client secret: ${describeSecret(reference)} is not set`, advice);
  if (!/^[\w.-]+$/.test(tenantId)) throw missing("the tenant is neither an id nor a domain", advice);
  const host = (credential.authorityHost ?? LOGIN).replace(/\/+$/, "");
  const form = { grant_type: "client_credentials", client_id: clientId, client_secret: secret, scope };
  return requestToken({
    transport: world.transport,
    request: {
      method: "POST",
      url: `${host}/${tenantId}/oauth2/v2.0/token`,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(form).toString(),
    },
    secret,
    advice,
    now: world.now,
  });
}

const METADATA_SERVICE = "http://169.254.169.254/metadata/identity/oauth2/token";

/**
 * Source: "How to use managed identities to acquire an access token" (virtual machines) and "… for App Service": the same
 * question, elsewhere and under another header. App Service sets `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`.
 */
async function fromManagedIdentity({ clientId }: ManagedIdentity, scope: string, world: TokenWorld): Promise<AccessToken> {
  const { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: header } = world.environment;
  const isApp = endpoint !== undefined && endpoint !== "" && header !== undefined && header !== "";
  const url = new URL(isApp ? endpoint : METADATA_SERVICE);
  url.searchParams.set("api-version", isApp ? "2019-08-01" : "2018-02-01");
  url.searchParams.set("resource", scope.replace(/\/\.default$/, ""));
  if (clientId !== undefined) url.searchParams.set("client_id", clientId);
  return requestToken({
    transport: world.transport,
    request: { method: "GET", url: url.href, headers: isApp ? { "x-identity-header": header } : { metadata: "true" } },
    ...(isApp ? { secret: header } : {}),
    advice: "give the machine a managed identity with the role Cognitive Services OpenAI User",
    now: world.now,
  });
}

function setIn({ environment }: TokenWorld, name: string): string {
  const value = environment[name]?.trim();
  if (value === undefined || value === "") throw missing(`${name} is not set`, `set ${name} in the environment or in .env`);
  return value;
}

function missing(detail: string, advice: string): DragomanError {
  return new DragomanError({ code: "authentication", detail, advice });
}
