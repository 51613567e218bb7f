/** Bedrock as a provider: who signs, where it goes, what is listed, and that no secret is told. */
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type BedrockOptions,
  bedrock,
  createUndiciTransport,
  Secret,
  type Transport,
  textOf,
  userMessage,
} from "../../src/index.ts";
import type { AwsCredentials, AwsWorld } from "../../src/providers/aws/aws-credentials.ts";
import { createAwsSigner } from "../../src/providers/aws/aws-signer.ts";
import { controlPlaneUrl } from "../../src/providers/aws/control-plane.ts";
import { createCredentialSearch } from "../../src/providers/aws/credential-search.ts";
import { keepCredentials } from "../../src/providers/aws/kept-credentials.ts";
import type { FakeVendor } from "../../src/testing/fake-vendors/fake-vendor.ts";
import { startFakeVendor } from "../../src/testing/fake-vendors/start-fake-vendor.ts";
import { FAKE_AWS_CREDENTIALS } from "../../src/testing/fake-vendors/vendors/bedrock.ts";
import { readSignature, signatureOf } from "../../src/testing/fake-vendors/wires/aws-signature.ts";

const NOVA = "us.amazon.nova-lite-v1:0";
const messages = [userMessage("Hello.")];
const NOTHING_SET = { secrets: { environment: {} } };

let fake: FakeVendor;
beforeAll(async () => {
  fake = await startFakeVendor("bedrock");
});
afterAll(() => fake.close());

function provider(options: BedrockOptions = {}) {
  return bedrock({ region: "us-east-1", credentials: FAKE_AWS_CREDENTIALS, baseUrl: fake.baseUrl, ...NOTHING_SET, ...options });
}

// AWS's published examples of signatures, "Signature Version 4 test suite": the same credentials, day and service for all.

const SUITE = { region: "us-east-1", service: "service", time: Date.UTC(2015, 7, 30, 12, 36, 0) };
const SESSION =
  "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

interface Vector {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly signature: string;
  readonly sessionToken?: string;
}

const VECTORS: readonly Vector[] = [
  {
    name: "get-vanilla",
    method: "GET",
    path: "/",
    signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
  },
  {
    name: "get-vanilla-empty-query-key",
    method: "GET",
    path: "/?Param1=value1",
    signature: "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
  },
  {
    name: "get-vanilla-query-order-key-case",
    method: "GET",
    path: "/?Param2=value2&Param1=value1",
    signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
  },
  {
    name: "get-unreserved",
    method: "GET",
    path: "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    signature: "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
  },
  {
    name: "post-vanilla",
    method: "POST",
    path: "/",
    signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
  },
  {
    name: "post-sts-header-before",
    method: "POST",
    path: "/",
    signature: "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
    sessionToken: SESSION,
  },
];

describe("a signature", () => {
  async function sign(method: string, url: string, credentials: AwsCredentials, body?: string) {
    const { region, service, time } = SUITE;
    const signer = createAwsSigner({
      provider: "bedrock",
      service,
      region,
      bearer: undefined,
      secrets: undefined,
      credentials: async () => credentials,
      missing: async () => undefined,
      regionInAddress: true,
      now: () => time,
    });
    return signer.sign({ method, url, headers: { "x-own": "1" }, ...(body === undefined ? {} : { body }) }, {});
  }

  test.each(VECTORS)("is AWS's own: $name", async ({ method, path, signature, sessionToken }) => {
    const signed = await sign(method, `https://example.amazonaws.com${path}`, { ...FAKE_AWS_CREDENTIALS, sessionToken });
    const { authorization = "" } = signed.headers;
    expect(readSignature(authorization)?.signature).toBe(signature);
    expect(signed.headers["x-amz-date"]).toBe("20150830T123600Z");
    expect(signed.headers["x-amz-security-token"]).toBe(sessionToken);
    expect(signed.secrets).toContain(FAKE_AWS_CREDENTIALS.secretAccessKey);
  });

  test.each(VECTORS)("is made alike by the fake, which shares no code: $name", ({ method, path, signature, sessionToken }) => {
    const url = new URL(path, "https://example.amazonaws.com");
    const headers = {
      host: "example.amazonaws.com",
      "x-amz-date": "20150830T123600Z",
      ...(sessionToken === undefined ? {} : { "x-amz-security-token": sessionToken }),
    };
    const request = { method, path: url.pathname, query: url.searchParams, headers, bytes: new Uint8Array() };
    const signedHeaders = Object.keys(headers);
    const scope = "20150830/us-east-1/service/aws4_request";
    const header = { accessKeyId: "AKIDEXAMPLE", scope, signedHeaders, signature };
    expect(signatureOf(FAKE_AWS_CREDENTIALS.secretAccessKey, request, header)).toBe(signature);
  });

  test("covers host, time and token alone, so that what a proxy adds does not break it", async () => {
    const { headers } = await sign(
      "POST",
      "https://example.amazonaws.com/",
      { ...FAKE_AWS_CREDENTIALS, sessionToken: "t" },
      "{}",
    );
    expect(readSignature(headers.authorization ?? "")?.signedHeaders).toEqual(["host", "x-amz-date", "x-amz-security-token"]);
    expect(Object.keys(headers).sort()).toEqual(["authorization", "x-amz-date", "x-amz-security-token"]);
  });
});

describe("a call", () => {
  test("is signed for the region, and answered", async () => {
    const completion = await provider({ region: "eu-central-1" }).complete({ model: NOVA, messages });
    expect(textOf(completion.message)).toContain("Hello.");
    const { headers, path } = fake.requests.at(-1) ?? {};
    expect(path).toBe("/model/us.amazon.nova-lite-v1%3A0/converse");
    expect(readSignature(headers?.authorization ?? "")?.scope).toMatch(/^\d{8}\/eu-central-1\/bedrock\/aws4_request$/);
  });

  test("bears a key where there is one, given or in the environment", async () => {
    await bedrock({ baseUrl: fake.baseUrl, key: new Secret("given-key"), ...NOTHING_SET }).complete({ model: NOVA, messages });
    expect(fake.requests.at(-1)?.headers.authorization).toBe("Bearer given-key");
    const environment = { AWS_BEARER_TOKEN_BEDROCK: "environment-key", AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };
    await bedrock({ baseUrl: fake.baseUrl, secrets: { environment } }).complete({ model: NOVA, messages });
    expect(fake.requests.at(-1)?.headers.authorization).toBe("Bearer environment-key");
  });

  test("asks a function for credentials, and tells nothing of what it threw", async () => {
    const model = provider({ credentials: async () => ({ ...FAKE_AWS_CREDENTIALS }) });
    expect((await model.complete({ model: NOVA, messages })).finish.reason).toBe("stop");
    const broken = provider({ credentials: () => Promise.reject(new TypeError("secret-words")) });
    const error = await broken.complete({ model: NOVA, messages }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "authentication", provider: "bedrock" });
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain("secret-words");
  });

  test("never shows the secret or the session's token", async () => {
    const echoing = {
      send: async () => ({
        status: 403,
        headers: {},
        body: (async function* () {})(),
        text: async () => JSON.stringify({ message: "no: wJalr-secret-1 and token-of-session-1" }),
        cancel: () => undefined,
      }),
      close: async () => undefined,
    } satisfies Transport;
    const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalr-secret-1", sessionToken: "token-of-session-1" };
    const model = provider({ credentials, transport: echoing });
    for (const call of [() => model.complete({ model: NOVA, messages }), () => model.models()]) {
      const error = await call().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ status: 403 });
      expect(`${String(error)} ${JSON.stringify(error)}`).not.toMatch(/secret-1|session-1/);
    }
  });

  test("hands places in a bucket on to Bedrock instead of fetching them", async () => {
    const image = { type: "image", mediaType: "image/png", source: { type: "url", url: "s3://pictures/cat.png" } } as const;
    const completion = await provider().complete({
      model: NOVA,
      messages: [userMessage([image, { type: "text", text: "What?" }])],
    });
    expect(textOf(completion.message)).toContain("image at s3://pictures/cat.png");
  });

  test("counts tokens at the vendor", async () => {
    expect(await provider().countTokens({ model: NOVA, messages })).toMatchObject({ tokens: 1, exact: true, method: "endpoint" });
  });
});

describe("the region", () => {
  test.each([
    [{ region: "eu-west-1" }, {}, "https://bedrock-runtime.eu-west-1.amazonaws.com/model/m/converse"],
    [
      {},
      { AWS_REGION: "us-west-2", AWS_DEFAULT_REGION: "us-east-1" },
      "https://bedrock-runtime.us-west-2.amazonaws.com/model/m/converse",
    ],
    [{}, { AWS_DEFAULT_REGION: "ap-south-1" }, "https://bedrock-runtime.ap-south-1.amazonaws.com/model/m/converse"],
  ])("of %j and %j is in the address", async (options, environment, expected) => {
    let url = "";
    const transport = {
      send: async (request: { url: string }) => {
        url = request.url;
        throw new Error("no network here");
      },
      close: async () => undefined,
    } satisfies Transport;
    const model = bedrock({ ...options, credentials: FAKE_AWS_CREDENTIALS, transport, secrets: { environment } });
    await model.complete({ model: "m", messages }).catch(() => undefined);
    expect(url).toBe(expected);
  });

  test("that nothing names keeps everything here, and says what to set", async () => {
    const model = bedrock({ key: new Secret("some-key"), ...NOTHING_SET });
    await expect(model.complete({ model: NOVA, messages })).rejects.toMatchObject({ code: "configuration" });
    expect(await model.availability()).toMatchObject({
      available: false,
      reason: "no-key",
      nextStep: "set AWS_REGION, as in us-east-1",
    });
  });

  test("chooses the profile that the short names stand for", () => {
    expect(bedrock({ region: "eu-west-1", ...NOTHING_SET }).aliases).toMatchObject({ "nova-lite": "eu.amazon.nova-lite-v1:0" });
    expect(bedrock({ region: "us-gov-west-1", ...NOTHING_SET }).aliases).toMatchObject({ "nova-lite": "amazon.nova-lite-v1:0" });
  });
});

describe("credentials", () => {
  const ENVIRONMENT = { AWS_ACCESS_KEY_ID: "AKIDENV", AWS_SECRET_ACCESS_KEY: "env-secret", AWS_SESSION_TOKEN: "env-token" };

  function world(rest: Partial<AwsWorld> & { readonly files?: Readonly<Record<string, string>> } = {}): AwsWorld {
    const { files = {}, ...others } = rest;
    return {
      environment: {},
      readFile: async (path) => files[path],
      importProviders: () => Promise.reject(new Error("not installed")),
      now: () => 0,
      ...others,
    };
  }

  const FILES = {
    "/home/a/.aws/credentials":
      "[default]\naws_access_key_id = AKIDFILE\naws_secret_access_key = wJalr/K7+x=\n\n[work]\naws_access_key_id=AKIDWORK\naws_secret_access_key=work-secret\naws_session_token=work-token\n",
    "/home/a/.aws/config":
      "[default]\nregion = eu-west-1\n[profile sso.login]\nsso_session = s\n[profile role]\nrole_arn = arn:aws:iam::000000000000:role/r\nsource_profile = work\n",
  };
  const HOME = { HOME: "/home/a" };

  test("come from the environment first, then from the shared files, by profile", async () => {
    const fromEnvironment = createCredentialSearch(world({ environment: { ...HOME, ...ENVIRONMENT }, files: FILES }), undefined);
    expect(await fromEnvironment.find()).toEqual({
      accessKeyId: "AKIDENV",
      secretAccessKey: "env-secret",
      sessionToken: "env-token",
    });
    const find = (environment: Record<string, string>, profile?: string) =>
      createCredentialSearch(world({ environment, files: FILES }), profile).find();
    expect(await find(HOME)).toEqual({ accessKeyId: "AKIDFILE", secretAccessKey: "wJalr/K7+x=" });
    expect(await find({ ...HOME, AWS_PROFILE: "work" })).toMatchObject({ accessKeyId: "AKIDWORK", sessionToken: "work-token" });
    expect(await find({ ...HOME, ...ENVIRONMENT }, "work")).toMatchObject({ accessKeyId: "AKIDWORK" });
    expect(await find({ AWS_SHARED_CREDENTIALS_FILE: "/home/a/.aws/credentials" })).toMatchObject({ accessKeyId: "AKIDFILE" });
  });

  test("are read from real files", async () => {
    const folder = await mkdtemp(join(tmpdir(), "aws-"));
    const file = join(folder, "credentials");
    const { accessKeyId, secretAccessKey } = FAKE_AWS_CREDENTIALS;
    await writeFile(file, `[team]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`);
    const environment = { AWS_SHARED_CREDENTIALS_FILE: file, AWS_PROFILE: "team", AWS_REGION: "us-east-1" };
    const model = bedrock({ baseUrl: fake.baseUrl, secrets: { environment } });
    expect(await model.availability()).toMatchObject({ available: true });
    expect((await model.complete({ model: NOVA, messages })).finish.reason).toBe("stop");
  });

  test("of sign-ins and roles come from AWS's library, which is loaded only then", async () => {
    let asked: unknown;
    let loads = 0;
    const importProviders = async () => {
      loads += 1;
      return {
        fromNodeProviderChain: (options: unknown) => {
          asked = options;
          return async () => ({ accessKeyId: "AKIDCHAIN", secretAccessKey: "chain-secret" });
        },
      };
    };
    const search = createCredentialSearch(world({ environment: HOME, files: FILES, importProviders }), "sso.login");
    expect(await search.missing()).toBeUndefined();
    expect(await search.find()).toMatchObject({ accessKeyId: "AKIDCHAIN" });
    expect(asked).toEqual({ profile: "sso.login" });
    loads = 0;
    await createCredentialSearch(world({ environment: { ...HOME }, files: FILES, importProviders }), undefined).find();
    expect(loads).toBe(0);
  });

  test.each([
    ["sso.login", "sso_session", "install @aws-sdk/credential-providers beside @dragoman/llm"],
    ["role", "role_arn", "install @aws-sdk/credential-providers beside @dragoman/llm"],
    ["nobody", "profile nobody holds none", "set AWS_BEARER_TOKEN_BEDROCK"],
  ])("of profile %s are missing for a reason that is told", async (profile, words, advice) => {
    const search = createCredentialSearch(world({ environment: HOME, files: FILES }), profile);
    expect(await search.missing()).toContain(words);
    await expect(search.find()).rejects.toMatchObject({
      code: "authentication",
      detail: expect.stringContaining(words),
      advice: expect.stringContaining(advice),
    });
  });

  test("that the library cannot get are an error without its words", async () => {
    const importProviders = async () => ({
      fromNodeProviderChain: () => () =>
        Promise.reject(Object.assign(new Error("token-1 has expired"), { name: "CredentialsProviderError" })),
    });
    const search = createCredentialSearch(world({ environment: HOME, files: FILES, importProviders }), "sso.login");
    const error = await search.find().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "authentication", advice: "run aws sso login --profile sso.login" });
    expect(String(error)).not.toContain("token-1");
  });

  test("are kept until they are about to end, and asked for once however many wait", async () => {
    let now = 0;
    let asked = 0;
    let broken = false;
    const keep = keepCredentials(
      async () => {
        asked += 1;
        if (broken) throw new Error("no network");
        return { ...FAKE_AWS_CREDENTIALS, expiration: new Date(now + 7 * 60_000) };
      },
      () => now,
    );
    await Promise.all([keep(), keep(), keep()]);
    expect(asked).toBe(1);
    now = 60_000;
    await keep();
    expect(asked).toBe(1);
    now = 2 * 60_000 + 1;
    await keep();
    expect(asked).toBe(2);
    broken = true;
    now += 3 * 60_000;
    expect(await keep()).toMatchObject({ accessKeyId: "AKIDEXAMPLE" });
    now += 10 * 60_000;
    await expect(keep()).rejects.toThrow("no network");
  });
});

describe("models", () => {
  test("are listed by their own ids and by profile, with what the listing says", async () => {
    const listed = await provider().models();
    const ids = listed.map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(["amazon.nova-lite-v1:0", NOVA, "openai.gpt-oss-120b-1:0"]));
    expect(ids).not.toContain("amazon.titan-embed-text-v2:0");
    expect(listed.find(({ id }) => id === NOVA)).toMatchObject({
      displayName: "US amazon.nova-lite-v1:0",
      source: "vendor",
      capabilities: { images: { answer: "yes", source: "vendor" } },
    });
  });

  test("are known by family, in every region", () => {
    const model = provider();
    for (const region of ["", "us.", "eu.", "apac.", "global.", "jp."]) {
      expect(model.capabilities(`${region}anthropic.claude-sonnet-4-5-20250929-v1:0`).jsonSchema.answer).toBe("yes");
      expect(model.capabilities(`${region}meta.llama3-3-70b-instruct-v1:0`).promptCache.answer).toBe("no");
      expect(model.supports(`${region}amazon.nova-pro-v1:0`)).toBe(true);
    }
    expect(model.supports("arn:aws:bedrock:us-east-1:000000000000:inference-profile/x")).toBe(true);
    expect(model.supports("claude-sonnet-4-5")).toBe(false);
  });

  test.each([
    ["https://bedrock-runtime.us-east-1.amazonaws.com", "https://bedrock.us-east-1.amazonaws.com"],
    ["https://bedrock-runtime-fips.us-east-1.amazonaws.com", "https://bedrock-fips.us-east-1.amazonaws.com"],
    ["https://bedrock-runtime.us-east-1.api.aws/", "https://bedrock.us-east-1.api.aws"],
    ["https://proxy.example/bedrock-runtime.x", "https://proxy.example/bedrock-runtime.x"],
  ])("of %s are listed at %s", (runtime, plane) => {
    expect(controlPlaneUrl(runtime)).toBe(plane);
  });

  test("are listed where the caller says", async () => {
    const model = provider({
      baseUrl: "http://127.0.0.1:9",
      controlPlaneUrl: `${fake.baseUrl}/`,
      transport: createUndiciTransport(),
    });
    expect((await model.models()).length).toBeGreaterThan(3);
    await model.close?.();
  });
});
