/**
 * Google's token endpoint and metadata server, as far as Vertex AI's clients use them: a service account's signed
 * assertion, a person's refresh token, a machine's own account. Sources: RFC 7523, RFC 6749, and Google's pages on OAuth.
 */
import { createVerify, generateKeyPairSync } from "node:crypto";
import type { JsonObject } from "../../../json.ts";
import { objectOf, parsedJson, stringOf } from "../json-reading.ts";
import { type FakeRequest, jsonReply, Refusal } from "../reply.ts";
import type { Route } from "../vendor-definition.ts";
import type { FakeWorld } from "../world.ts";

const AUDIENCE = "https://oauth2.googleapis.com/token";
const SCOPE = "https://www.googleapis.com/auth/cloud-platform";
const ACCOUNT = "fake@fake-project.iam.gserviceaccount.com";
const LIFE_SECONDS = 3600;

/** The only person that the fake knows; a credential file of type `authorized_user`. */
export const FAKE_USER = {
  type: "authorized_user",
  client_id: "fake-client.apps.googleusercontent.com",
  client_secret: "fake-client-secret",
  refresh_token: "1//fake-refresh-token",
} as const;

let pair: { readonly publicKey: string; readonly privateKey: string } | undefined;

/** Made at its first use, and short: it guards nothing, and a longer one takes a second. */
function keyPair() {
  pair ??= generateKeyPairSync("rsa", {
    modulusLength: 1024,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  return pair;
}

/** The only service account that the fake knows, as its key's JSON. */
export function fakeServiceAccount(): JsonObject {
  return {
    type: "service_account",
    project_id: "fake-project",
    private_key_id: "fake-key-1",
    private_key: keyPair().privateKey,
    client_email: ACCOUNT,
    token_uri: AUDIENCE,
  };
}

/** Tokens that a server has issued and not taken back. */
const ISSUED = new WeakMap<FakeWorld, Set<string>>();
const OWN_TOKEN = "ya29.fake";

function issuedBy(world: FakeWorld): Set<string> {
  const issued = ISSUED.get(world) ?? new Set();
  ISSUED.set(world, issued);
  return issued;
}

/** False for a token of the fake's own form that this server never issued or has taken back. */
export function isGoodToken(token: string, world: FakeWorld): boolean {
  return !token.startsWith(OWN_TOKEN) || issuedBy(world).has(token);
}

export const TOKEN_ROUTES: readonly Route[] = [
  {
    method: "POST",
    path: /^\/token$/,
    open: true,
    body: "any",
    handle: (request, world) => ({ reply: exchange(request, world) }),
  },
  {
    method: "POST",
    path: /^\/revoke$/,
    open: true,
    body: "any",
    handle: (request, world) => {
      issuedBy(world).delete(formOf(request).get("token") ?? "");
      return { reply: jsonReply(200, {}) };
    },
  },
  {
    method: "GET",
    path: /^\/computeMetadata\/v1\/instance\/service-accounts\/default\/token$/,
    open: true,
    handle: (request, world) => {
      if (request.headers["metadata-flavor"] !== "Google")
        throw refuse("missing_header", "Missing Metadata-Flavor:Google header.", 403);
      return { reply: issue(world) };
    },
  },
];

function exchange(request: FakeRequest, world: FakeWorld) {
  const form = formOf(request);
  const grant = form.get("grant_type");
  if (grant === "urn:ietf:params:oauth:grant-type:jwt-bearer") checkAssertion(form.get("assertion") ?? "");
  else if (grant === "refresh_token") checkUser(form);
  else throw refuse("unsupported_grant_type", `Invalid grant_type: ${grant ?? ""}`);
  return issue(world);
}

function issue(world: FakeWorld) {
  const token = world.id(OWN_TOKEN, 40);
  issuedBy(world).add(token);
  return jsonReply(200, { access_token: token, expires_in: LIFE_SECONDS, scope: SCOPE, token_type: "Bearer" });
}

function checkAssertion(assertion: string): void {
  const [head = "", claimed = "", signature = ""] = assertion.split(".");
  const header = partOf(head);
  const claims = partOf(claimed);
  if (header.alg !== "RS256" || claims.iss !== ACCOUNT) throw refuse("invalid_grant", "Invalid grant: account not found");
  const verifier = createVerify("RSA-SHA256").update(`${head}.${claimed}`);
  if (!verifier.verify(keyPair().publicKey, signature, "base64url")) throw refuse("invalid_grant", "Invalid JWT Signature.");
  if (claims.aud !== AUDIENCE) throw refuse("invalid_grant", "Invalid JWT: Failed audience check.");
  const life = Number(claims.exp) - Number(claims.iat);
  if (!(life > 0 && life <= LIFE_SECONDS)) {
    throw refuse("invalid_grant", "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.");
  }
  if (stringOf(claims.scope) !== SCOPE) throw refuse("invalid_scope", "Invalid OAuth scope or ID token audience provided.");
}

function checkUser(form: URLSearchParams): void {
  if (form.get("client_id") !== FAKE_USER.client_id || form.get("client_secret") !== FAKE_USER.client_secret) {
    throw refuse("invalid_client", "The OAuth client was not found.", 401);
  }
  // The real one does not repeat the token; a client must hide it all the same.
  const given = form.get("refresh_token") ?? "";
  if (given !== FAKE_USER.refresh_token) throw refuse("invalid_grant", `Token has been expired or revoked: ${given}`);
}

function refuse(error: string, description: string, status = 400): Refusal {
  return new Refusal(status, { error, error_description: description });
}

function formOf(request: FakeRequest): URLSearchParams {
  return new URLSearchParams(Buffer.from(request.bytes).toString("utf8"));
}

function partOf(text: string): JsonObject {
  return objectOf(parsedJson(Buffer.from(text, "base64url").toString("utf8")));
}
