/** Azure OpenAI, over its fake: surfaces, deployments, keys and Entra tokens, the content filter. */
import { expect, test } from "vitest";
import { type AzureOptions, azure, fold, isJsonObject, type Provider, Secret, textOf, userMessage } from "../../src/index.ts";
import { createEntraSigner } from "../../src/providers/azure/entra-signer.ts";
import { tokenSource } from "../../src/providers/azure/token-sources.ts";
import { eventsOf, failureOf, KEY, lastBody, startVendor } from "./vendor-under-test.ts";

const deployments = { "gpt-4.1": "my-gpt-4-1", "gpt-5-mini": "my-gpt-5-mini" };
const hello = [userMessage("Hello.")];
const ask = (provider: Provider, text = "Hello.") => provider.complete({ model: "gpt-4.1", messages: [userMessage(text)] });

async function start(options: AzureOptions = {}) {
  const fake = await startVendor("azure");
  return { fake, provider: azure({ baseUrl: fake.url, key: KEY, deployments, ...options }) };
}

test("the newer surface gets the deployment as its model, the price follows the model", async () => {
  const { fake, provider } = await start();
  const { cost } = await ask(provider);
  expect(fake.requests.at(-1)).toMatchObject({ path: "/openai/v1/responses", headers: { "api-key": "sk-test-0123456789" } });
  expect(lastBody(fake).model).toBe("my-gpt-4-1");
  expect(cost?.totalUsd).toBeGreaterThan(0);
  expect(provider.capabilities("gpt-5-mini").reasoning.answer).toBe("yes");
});

test("a deployment's own name stands for its model", async () => {
  const { fake, provider } = await start({ wire: "chat" });
  await provider.complete({ model: "my-gpt-4-1", messages: hello });
  expect(fake.requests.at(-1)?.path).toBe("/openai/v1/chat/completions");
  expect(lastBody(fake).model).toBe("my-gpt-4-1");
  expect(provider.pricing("my-gpt-4-1")).toEqual(provider.pricing("gpt-4.1"));
});

test("the classic surface has deployment and version in the address", async () => {
  const { fake, provider } = await start({ apiVersion: "2024-10-21" });
  await ask(provider);
  expect(fake.requests.at(-1)?.path).toBe("/openai/deployments/my-gpt-4-1/chat/completions?api-version=2024-10-21");
  expect(lastBody(fake).model).toBeUndefined();
  await ask(azure({ baseUrl: fake.url, key: KEY, deployments, apiVersion: "2025-04-01-preview", wire: "responses" }));
  expect(fake.requests.at(-1)?.path).toBe("/openai/responses?api-version=2025-04-01-preview");
});

test("the endpoint may come from the environment, with or without its version", async () => {
  const { fake } = await start();
  const environment = { AZURE_OPENAI_ENDPOINT: `${fake.url}/openai/v1/`, AZURE_OPENAI_API_KEY: "from-environment" };
  await ask(azure({ deployments, secrets: { environment } }));
  expect(fake.requests.at(-1)).toMatchObject({ path: "/openai/v1/responses", headers: { "api-key": "from-environment" } });
});

test("without an endpoint nothing goes out, and the next step is named", async () => {
  const provider = azure({ key: KEY, secrets: { environment: {} } });
  expect(await failureOf(ask(provider))).toMatchObject({ code: "configuration", detail: expect.stringContaining("no endpoint") });
  expect(await provider.availability()).toMatchObject({
    available: false,
    nextStep: expect.stringContaining("AZURE_OPENAI_ENDPOINT"),
  });
});

test("claims what is deployed, not OpenAI's own names", async () => {
  const { provider } = await start();
  expect(["gpt-4.1", "my-gpt-4-1", "gpt-5"].map((model) => provider.supports(model))).toEqual([true, true, false]);
});

test("a deployment that is not there is a missing model", async () => {
  const { provider } = await start({ apiVersion: "2024-10-21" });
  const error = await failureOf(provider.complete({ model: "nothing", messages: hello }));
  expect(error).toMatchObject({ code: "model_not_found", vendorCode: "DeploymentNotFound" });
});

test.each(["chat", "responses"] as const)("a prompt that the filter stops names its categories over %s", async (wire) => {
  const { provider } = await start({ wire });
  const error = await failureOf(provider.complete({ model: "fault-refusal", messages: hello }));
  expect(error).toMatchObject({ code: "content_refused", status: 400, vendorCode: "content_filter", retryable: false });
  expect(error.detail).toContain("(violence: medium, jailbreak)");
});

test("what the filter found is kept, whole and streamed, also where it reports without a delta", async () => {
  const { provider } = await start({ wire: "chat" });
  const call = { model: "gpt-4.1", messages: [userMessage("Speak. [cut by the filter]")] };
  for (const completion of [await provider.complete(call), await fold(provider.stream(call))]) {
    expect(completion.finish.reason).toBe("content-filter");
    expect(completion.origin.model).toBe("gpt-4.1-2025-04-14");
    expect(completion.vendor?.["openai-chat"]).toMatchObject({
      body: { prompt_filter_results: [{ prompt_index: 0 }] },
      choice: { content_filter_results: { violence: { filtered: true, severity: "medium" } } },
    });
  }
  expect((await eventsOf(provider.stream(call))).at(0)?.type).toBe("start");
});

test("a document goes over responses; chat is known to take none", async () => {
  const { provider } = await start({ wire: "chat" });
  expect(provider.capabilities("gpt-4.1").pdf.answer).toBe("no");
  const document = { type: "file", mediaType: "application/pdf", source: { type: "data", data: "JVBERi0=" } } as const;
  const { message } = await (await start()).provider.complete({ model: "gpt-4.1", messages: [userMessage([document])] });
  expect(textOf(message)).not.toBe("");
});

const CLIENT = {
  type: "client-secret",
  tenantId: "contoso",
  clientId: "client",
  clientSecret: new Secret("client-secret-0123"),
} as const;

test("client credentials get one token for calls at once, and keep it", async () => {
  const fake = await startVendor("azure");
  const provider = azure({ baseUrl: fake.url, deployments, entra: { ...CLIENT, authorityHost: fake.url } });
  await Promise.all([ask(provider), ask(provider), ask(provider)]);
  await ask(provider);
  const tokens = fake.requests.filter((request) => request.path.endsWith("/oauth2/v2.0/token"));
  expect(tokens.map((request) => request.path)).toEqual(["/contoso/oauth2/v2.0/token"]);
  expect(String(tokens[0]?.body)).toContain(encodeURIComponent("https://cognitiveservices.azure.com/.default"));
  expect(fake.requests.at(-1)?.headers.authorization).toMatch(/^Bearer /);
  expect(fake.requests.at(-1)?.headers["api-key"]).toBeUndefined();
});

test("a refused client secret is told without the secret", async () => {
  const fake = await startVendor("azure");
  const entra = { ...CLIENT, clientSecret: new Secret("wrong-secret"), authorityHost: fake.url };
  const error = await failureOf(ask(azure({ baseUrl: fake.url, deployments, entra })));
  expect(error).toMatchObject({ code: "authentication", provider: "azure", detail: expect.stringContaining("AADSTS7000215") });
  expect(`${error.message}${error.stack}`).not.toContain("wrong-secret");
});

test("an app's managed identity asks where the environment says", async () => {
  const fake = await startVendor("azure");
  const environment = { IDENTITY_ENDPOINT: `${fake.url}/metadata/identity/oauth2/token`, IDENTITY_HEADER: "identity-header" };
  const entra = { type: "managed-identity", clientId: "mine" } as const;
  await ask(azure({ baseUrl: fake.url, deployments, entra, secrets: { environment } }));
  expect(fake.requests[0]).toMatchObject({ headers: { "x-identity-header": "identity-header" } });
  expect(fake.requests[0]?.path).toContain("resource=https%3A%2F%2Fcognitiveservices.azure.com&client_id=mine");
});

test("any object that gives tokens will do", async () => {
  const fake = await startVendor("azure");
  const form = "grant_type=client_credentials&client_id=x&client_secret=y&scope=z/.default";
  const issued: unknown = await (await fetch(`${fake.url}/t/oauth2/v2.0/token`, { method: "POST", body: form })).json();
  const token = isJsonObject(issued) ? String(issued.access_token) : "";
  const scopes: (string | string[])[] = [];
  const getToken = async (scope: string | string[]) => {
    scopes.push(scope);
    return { token, expiresOnTimestamp: 4_102_444_800_000 };
  };
  await ask(azure({ baseUrl: fake.url, deployments, entra: { getToken }, scope: "https://ai.azure.com/.default" }));
  expect(scopes).toEqual(["https://ai.azure.com/.default"]);
});

/** A signer over tokens that live ten minutes, at a time that the test sets. */
function signerAt(clock: { now: number }) {
  let count = 0;
  const source = async () => ({ token: `token-${++count}`, expiresOnTimestamp: clock.now + 600_000 });
  const signer = createEntraSigner({ source, scope: "s", missing: async () => undefined, nextStep: "", now: () => clock.now });
  const request = { method: "POST", url: "http://127.0.0.1/", headers: {} };
  return async (signal?: AbortSignal) =>
    (await signer.sign(request, signal === undefined ? {} : { signal })).headers.authorization;
}

test("a token is replaced shortly before its end, not sooner", async () => {
  const clock = { now: 1_000_000 };
  const sign = signerAt(clock);
  expect(await sign()).toBe("Bearer token-1");
  clock.now += 299_000;
  expect(await sign()).toBe("Bearer token-1");
  clock.now += 2_000;
  expect(await Promise.all([sign(), sign()])).toEqual(["Bearer token-2", "Bearer token-2"]);
});

test("one caller's abort does not end the waiting of the others", async () => {
  const sign = signerAt({ now: 0 });
  const leaving = new AbortController();
  const [left, stayed] = [sign(leaving.signal), sign()];
  leaving.abort();
  await expect(left).rejects.toMatchObject({ name: "AbortError" });
  expect(await stayed).toBe("Bearer token-1");
});

test("a token by reference is read anew, and tells its own end", async () => {
  const environment: Record<string, string> = {};
  const source = tokenSource(
    { type: "token", token: "env:ENTRA_TOKEN" },
    { transport: undefined, sources: { environment }, environment, now: () => 0 },
  );
  expect(await failureOf(source("s"))).toMatchObject({ code: "authentication", detail: expect.stringContaining("ENTRA_TOKEN") });
  const claims = Buffer.from(JSON.stringify({ exp: 1_800_000_000 })).toString("base64url");
  environment.ENTRA_TOKEN = `header.${claims}.signature`;
  expect(await source("s")).toMatchObject({ expiresOnTimestamp: 1_800_000_000_000 });
});
