/** The ways to an access token, against an endpoint that verifies what it is given. */
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import {
  createUndiciTransport,
  type JsonObject,
  Secret,
  type Transport,
  toDragomanError,
  userMessage,
  type VertexOptions,
  vertex,
} from "../../src/index.ts";
import { createTokenSigner } from "../../src/providers/google/token-signer.ts";
import type { FakeVendor } from "../../src/testing/fake-vendors/fake-vendor.ts";
import { startFakeVendor } from "../../src/testing/fake-vendors/start-fake-vendor.ts";
import { FAKE_USER, fakeServiceAccount } from "../../src/testing/fake-vendors/wires/google-tokens.ts";

const CALL = { model: "gemini-2.5-flash", messages: [userMessage("Hello.")] };

let fake: FakeVendor;
let undici: Transport;
let folder: string;
beforeAll(() => {
  undici = createUndiciTransport();
  folder = mkdtempSync(join(tmpdir(), "dragoman-credentials-"));
});
afterAll(async () => {
  await undici.close();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  fake = await startFakeVendor("vertex");
});
afterEach(() => fake.close());

/** Google's two hosts of tokens lead to the fake; any other host is an error. */
function toFake(): Transport {
  return {
    send(request) {
      const { origin, pathname } = new URL(request.url);
      if (origin === "https://oauth2.googleapis.com" || origin === "http://metadata.google.internal") {
        return undici.send({ ...request, url: fake.url + pathname });
      }
      if (origin !== fake.url) throw new Error(`a request went to ${origin}`);
      return undici.send(request);
    },
    close: async () => undefined,
  };
}

function provider(credentials: VertexOptions["credentials"], environment: Record<string, string> = {}) {
  return vertex({
    project: "fake-project",
    baseUrl: fake.baseUrl,
    transport: toFake(),
    secrets: { environment },
    ...(credentials === undefined ? {} : { credentials }),
  });
}

function credentialFile(name: string, json: object): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(json));
  return path;
}

const tokenRequests = () => fake.requests.filter(({ path }) => /token$/.test(path));
const takeBack = (token: string) =>
  undici.send({ method: "POST", url: `${fake.url}/revoke`, headers: {}, body: `token=${token}` });
const lastToken = () => String(fake.requests.at(-1)?.headers.authorization);

describe("a service account", () => {
  test("signs an assertion that the endpoint verifies; one token serves many calls, asked for once", async () => {
    const model = provider({ type: "service-account", key: fakeServiceAccount() });
    await Promise.all([model.complete(CALL), model.complete(CALL), model.countTokens(CALL)]);
    await model.complete(CALL);
    expect(tokenRequests()).toHaveLength(1);
    expect(lastToken()).toMatch(/^Bearer ya29\.fake/);
  });

  test("gives its project where none is named", async () => {
    const key = fakeServiceAccount();
    const model = vertex({
      credentials: { type: "service-account", key },
      baseUrl: fake.baseUrl,
      transport: toFake(),
      secrets: { environment: {} },
    });
    await model.complete(CALL);
    expect(fake.requests.at(-1)?.path).toContain("/projects/fake-project/");
  });

  test("may stand in a file, by reference or by Google's variable", async () => {
    const path = credentialFile("service.json", fakeServiceAccount());
    await provider({ type: "service-account", key: `file:${path}` }).complete(CALL);
    await provider(undefined, { GOOGLE_APPLICATION_CREDENTIALS: path }).complete(CALL);
    expect(tokenRequests()).toHaveLength(2);
  });

  test("of another key is refused in the endpoint's words, without assertion or key", async () => {
    const { privateKey } = generateKeyPairSync("rsa", {
      modulusLength: 1024,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    const key: JsonObject = { ...fakeServiceAccount(), private_key: privateKey };
    const error = await failureOf(provider({ type: "service-account", key }).complete(CALL));
    expect(error).toMatchObject({ code: "authentication", detail: expect.stringContaining("Invalid JWT Signature") });
    expect(fake.requests.every(({ path }) => path === "/token")).toBe(true);
  });

  test("whose key is damaged is a matter of configuration, and the key is not shown", async () => {
    const key = {
      ...fakeServiceAccount(),
      private_key: "-----BEGIN PRIVATE KEY-----\nverysecretbits\n-----END PRIVATE KEY-----\n",
    };
    const error = await failureOf(provider({ type: "service-account", key }).complete(CALL));
    expect(error.code).toBe("configuration");
    expect(`${error.stack} ${String(error.cause)}`).not.toContain("verysecretbits");
  });

  test("may not send its assertion elsewhere", async () => {
    const key = { ...fakeServiceAccount(), token_uri: "https://attacker.invalid/token" };
    await provider({ type: "service-account", key }).complete(CALL);
    expect(tokenRequests()).toHaveLength(1);
  });
});

describe("application default credentials", () => {
  test("of a person, in gcloud's well-known file", async () => {
    credentialFile("application_default_credentials.json", FAKE_USER);
    await provider(undefined, { CLOUDSDK_CONFIG: folder }).complete(CALL);
    expect(lastToken()).toMatch(/^Bearer ya29\.fake/);
  });

  test("that are revoked say so, and hide the refresh token that the endpoint repeats", async () => {
    const path = credentialFile("revoked.json", { ...FAKE_USER, refresh_token: "1//revoked-refresh-token" });
    const error = await failureOf(provider(undefined, { GOOGLE_APPLICATION_CREDENTIALS: path }).complete(CALL));
    expect(error).toMatchObject({ code: "authentication", detail: expect.stringContaining("expired or revoked: ***") });
    expect(error.advice).toContain("gcloud auth application-default login");
  });

  test("of the metadata server, on a machine of Google's", async () => {
    await provider(undefined, { K_SERVICE: "my-service" }).complete(CALL);
    expect(tokenRequests()[0]?.headers["metadata-flavor"]).toBe("Google");
  });

  test("of a rarer kind are left to google-auth-library", async () => {
    const path = credentialFile("external.json", {
      type: "external_account",
      audience: "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
      subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
      token_url: "https://sts.googleapis.com/v1/token",
      credential_source: { file: join(folder, "no-such-subject-token") },
    });
    vi.stubEnv("GOOGLE_APPLICATION_CREDENTIALS", path);
    // Else the library asks the metadata server for the project, again and again for seconds.
    vi.stubEnv("GOOGLE_CLOUD_PROJECT", "fake-project");
    const error = await failureOf(provider(undefined, { GOOGLE_APPLICATION_CREDENTIALS: path }).complete(CALL));
    vi.unstubAllEnvs();
    expect(error).toMatchObject({
      code: "authentication",
      detail: expect.stringContaining("the credential gave no access token"),
    });
    expect(fake.requests).toHaveLength(0);
  });

  test("that are not there are told without asking anybody", async () => {
    const model = provider(undefined, { HOME: join(folder, "nobody") });
    await expect(model.availability()).resolves.toMatchObject({ available: false, reason: "no-key" });
    await expect(model.complete(CALL)).rejects.toMatchObject({ code: "authentication" });
    expect(fake.requests).toHaveLength(0);
  });

  test("in a file that cannot be read are named, and its text is not", async () => {
    const path = join(folder, "broken.json");
    writeFileSync(path, "{ secret-text");
    const error = await failureOf(provider(undefined, { GOOGLE_APPLICATION_CREDENTIALS: path }).complete(CALL));
    expect(error).toMatchObject({ code: "configuration", detail: expect.stringContaining("broken.json") });
    expect(`${error.stack} ${String(error.cause)}`).not.toContain("secret-text");
  });
});

describe("a token of somebody else's", () => {
  test("is taken from any object that has getAccessToken", async () => {
    const answers = ["token-as-text", { token: "token-in-object" }];
    const model = provider({ getAccessToken: async () => answers.shift() });
    await model.complete(CALL);
    expect(lastToken()).toBe("Bearer token-as-text");
    await model.complete(CALL);
    expect(lastToken()).toBe("Bearer token-in-object");
    const error = await failureOf(model.complete(CALL));
    expect(error).toMatchObject({ code: "authentication" });
  });

  test("and what such an object throws is not repeated", async () => {
    const error = await failureOf(
      provider({ getAccessToken: () => Promise.reject(new Error("token ab12 is bad")) }).complete(CALL),
    );
    expect(`${error.message} ${error.stack} ${String(error.cause)}`).not.toContain("ab12");
  });

  test("is kept, and read again when it is refused", async () => {
    const issuer = provider({ type: "service-account", key: fakeServiceAccount() });
    await issuer.complete(CALL);
    const first = lastToken().slice("Bearer ".length);
    const environment: Record<string, string> = { MY_TOKEN: first };
    const model = provider({ type: "token", token: "env:MY_TOKEN" }, environment);
    await model.complete(CALL);
    environment.MY_TOKEN = "second-token";
    await model.complete(CALL);
    expect(lastToken()).toBe(`Bearer ${first}`);
    await takeBack(first);
    await expect(model.complete(CALL)).resolves.toMatchObject({ finish: { reason: "stop" } });
    expect(lastToken()).toBe("Bearer second-token");
  });

  test("is not tried over and over when a fresh one is refused too", async () => {
    const model = provider({ type: "token", token: new Secret("bad-key") });
    const error = await failureOf(model.complete(CALL));
    expect(error).toMatchObject({ code: "authentication", status: 401 });
    expect(fake.requests).toHaveLength(1);
  });
});

test("a token that the server takes back is replaced, in a stream before anything has come", async () => {
  const model = provider({ type: "service-account", key: fakeServiceAccount() });
  await model.complete(CALL);
  await model.complete(CALL);
  const token = lastToken().slice("Bearer ".length);
  await takeBack(token);
  const types: string[] = [];
  for await (const event of model.stream(CALL)) types.push(event.type);
  expect(types.at(0)).toBe("start");
  expect(types.at(-1)).toBe("finish");
  expect(tokenRequests()).toHaveLength(2);
});

describe("keeping a token", () => {
  const request = { method: "POST", url: "http://vendor.invalid", headers: {} };

  test("ends some minutes before its own end", async () => {
    let now = 1_000_000;
    let count = 0;
    const source = async () => ({ token: `token-${++count}`, expiresAt: now + 3_600_000 });
    const signer = createTokenSigner({ source, missing: async () => undefined, nextStep: "" }, () => now);
    const sign = async () => (await signer.sign(request, {})).headers.authorization;
    expect(await sign()).toBe("Bearer token-1");
    now += 3_299_000;
    expect(await sign()).toBe("Bearer token-1");
    now += 2_000;
    expect(await sign()).toBe("Bearer token-2");
  });

  test("one caller's abort does not end the others' waiting", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const source = async () => {
      await promise;
      return { token: "token-1", expiresAt: 3_600_000 };
    };
    const signer = createTokenSigner({ source, missing: async () => undefined, nextStep: "" }, () => 0);
    const controller = new AbortController();
    const aborted = signer.sign(request, { signal: controller.signal });
    const patient = signer.sign(request, {});
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ name: "AbortError" });
    resolve();
    await expect(patient).resolves.toMatchObject({ headers: { authorization: "Bearer token-1" } });
  });
});

/** Rejections as errors. */
async function failureOf(promise: Promise<unknown>) {
  return promise.then(
    () => {
      throw new Error("it did not fail");
    },
    (error: unknown) => toDragomanError(error),
  );
}
