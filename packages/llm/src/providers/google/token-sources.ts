/** The ways to a token, each as a function that gets a fresh one. */
import { DragomanError } from "../../errors.ts";
import { isJsonObject, type JsonObject } from "../../json.ts";
import { describeSecret, resolveSecret, Secret, type SecretReference } from "../../secret.ts";
import type {
  AccessTokenSource,
  GoogleCredential,
  GoogleTokenSource,
  GoogleWorld,
  ServiceAccount,
  TokenReference,
} from "./google-credential.ts";

/** What is not there, found out without asking anybody over the network. */
export type MissingCredential = () => Promise<{ readonly detail: string; readonly nextStep: string } | undefined>;

export interface TokenWay {
  readonly source: GoogleTokenSource;
  readonly missing: MissingCredential;
  readonly nextStep: string;
}

export function tokenWay(credential: GoogleCredential, world: GoogleWorld): TokenWay {
  if ("getAccessToken" in credential) return ofSource(credential, world);
  switch (credential.type) {
    case "token":
      return ofReference(credential, world);
    case "service-account":
      return ofServiceAccount(credential, world);
    case "application-default":
      return ofApplicationDefault(world);
  }
}

const NOTHING_MISSING: MissingCredential = async () => undefined;

function ofSource(credential: AccessTokenSource, { now }: GoogleWorld): TokenWay {
  return {
    async source() {
      const answer = await credential.getAccessToken();
      const token = typeof answer === "string" ? answer : answer?.token;
      if (token) return { token, expiresAt: now() };
      throw new DragomanError({ code: "authentication", detail: "the given credential has no access token" });
    },
    missing: NOTHING_MISSING,
    nextStep: "check the credential that the program gives",
  };
}

/** How long a token is kept that does not tell its end; one of gcloud lives for an hour at most. Milliseconds. */
const UNTOLD_LIFE_MS = 300_000;

function ofReference({ token: reference }: TokenReference, { sources, now }: GoogleWorld): TokenWay {
  const described = describeSecret(reference);
  const nextStep = `check that ${described} gives a valid access token`;
  return {
    async source() {
      const secret = await resolveSecret(reference, sources);
      if (secret !== undefined) return { token: secret.reveal(), expiresAt: now() + UNTOLD_LIFE_MS };
      throw new DragomanError({ code: "authentication", detail: `no access token: ${described} is not set`, advice: nextStep });
    },
    async missing() {
      // A command is not run only to see whether it could be.
      if (!(reference instanceof Secret) && reference.startsWith("exec:")) return undefined;
      const secret = await resolveSecret(reference, sources);
      return secret === undefined ? { detail: `${described} is not set`, nextStep } : undefined;
    },
    nextStep,
  };
}

function ofServiceAccount({ key }: ServiceAccount, world: GoogleWorld): TokenWay {
  const nextStep = "check the service account's key and its role Vertex AI User";
  return {
    async source() {
      const { tokenOfServiceAccount } = await import("./service-account.ts");
      return tokenOfServiceAccount(isReference(key) ? await readKey(key, world) : key, world);
    },
    missing: NOTHING_MISSING,
    nextStep,
  };
}

function isReference(key: JsonObject | SecretReference): key is SecretReference {
  return typeof key === "string" || key instanceof Secret;
}

async function readKey(reference: SecretReference, { sources }: GoogleWorld): Promise<JsonObject> {
  const described = describeSecret(reference);
  const secret = await resolveSecret(reference, sources);
  if (secret === undefined) {
    throw new DragomanError({ code: "authentication", detail: `no service account: ${described} is not set` });
  }
  const { parseCredential } = await import("./application-default.ts");
  const json = parseCredential(secret.reveal(), described);
  if (isJsonObject(json)) return json;
  throw new DragomanError({ code: "configuration", detail: `${described} holds no service account` });
}

function ofApplicationDefault(world: GoogleWorld): TokenWay {
  const nextStep = "run gcloud auth application-default login, or set GOOGLE_APPLICATION_CREDENTIALS";
  const detail = "there are no application default credentials: no file, and this is no machine of Google's";
  let source: GoogleTokenSource | undefined;
  return {
    async source() {
      if (source === undefined) {
        const { findCredential, tokenOfFound } = await import("./application-default.ts");
        const found = await findCredential(world);
        if (found === undefined) throw new DragomanError({ code: "authentication", detail, advice: nextStep });
        source = tokenOfFound(found, world);
      }
      return source();
    },
    async missing() {
      const { findCredential } = await import("./application-default.ts");
      return (await findCredential(world)) === undefined ? { detail, nextStep } : undefined;
    },
    nextStep,
  };
}
