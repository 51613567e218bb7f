/**
 * A service account's key against a token: an assertion signed with the key (RS256), exchanged at Google's token endpoint.
 * Source: "Using OAuth 2.0 for Server to Server Applications"; RFC 7523.
 */
import { DragomanError } from "../../errors.ts";
import type { JsonObject } from "../../json.ts";
import type { GoogleToken, GoogleWorld } from "./google-credential.ts";
import { CLOUD_SCOPE, requestToken, TOKEN_ENDPOINT } from "./token-request.ts";

/** Longest that Google takes an assertion for. Seconds. */
const ASSERTION_LIFE_SECONDS = 3600;

const ADVICE = "check the service account's key: it may be deleted, disabled or of another project";

export async function tokenOfServiceAccount(key: JsonObject, world: GoogleWorld): Promise<GoogleToken> {
  const assertion = await signAssertion(key, Math.floor(world.now() / 1000));
  const form = { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion };
  return requestToken({ url: TOKEN_ENDPOINT, form, advice: ADVICE }, world);
}

async function signAssertion(key: JsonObject, now: number): Promise<string> {
  const { client_email: account, private_key: privateKey, private_key_id: keyId } = key;
  if (typeof account !== "string" || typeof privateKey !== "string") {
    throw new DragomanError({
      code: "configuration",
      detail: "the service account's key has no client_email or no private_key",
      advice: "download the key as JSON from the console's page of service accounts",
    });
  }
  const header = { alg: "RS256", typ: "JWT", ...(typeof keyId === "string" ? { kid: keyId } : {}) };
  const claims = { iss: account, scope: CLOUD_SCOPE, aud: TOKEN_ENDPOINT, iat: now, exp: now + ASSERTION_LIFE_SECONDS };
  const content = `${base64Url(header)}.${base64Url(claims)}`;
  const { createSign } = await import("node:crypto");
  try {
    return `${content}.${createSign("RSA-SHA256").update(content).sign(privateKey, "base64url")}`;
  } catch {
    // The cause is left out: it may quote the key.
    throw new DragomanError({
      code: "configuration",
      detail: "the service account's private_key cannot be read",
      advice: "check that its line breaks have survived as \\n",
    });
  }
}

function base64Url(value: object): string {
  return Buffer.from(JSON.stringify(value), "utf8").toString("base64url");
}
