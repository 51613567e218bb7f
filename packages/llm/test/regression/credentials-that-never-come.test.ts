/** A caller's own function for credentials that never came back held the call for ever, past its limit and its abort. */
import { expect, test } from "vitest";
import { azure, bedrock, fold, type Provider, userMessage } from "../../src/index.ts";

const never = () => new Promise<never>(() => undefined);
const baseUrl = "http://127.0.0.1:9/openai/v1";

test.each<[string, Provider]>([
  ["azure", azure({ baseUrl, entra: { getToken: never } })],
  ["bedrock", bedrock({ baseUrl, region: "us-east-1", credentials: never })],
])("%s gives up on them in the call's time, or with the call", async (_name, provider) => {
  const call = { model: "any", messages: [userMessage("Hello")] };
  await expect(provider.complete({ ...call, timeouts: { totalMs: 5 } })).rejects.toMatchObject({ code: "timeout" });
  await expect(fold(provider.stream({ ...call, timeouts: { totalMs: 5 } }))).rejects.toMatchObject({ code: "timeout" });
  const controller = new AbortController();
  const aborted = provider.complete({ ...call, signal: controller.signal });
  controller.abort();
  await expect(aborted).rejects.toMatchObject({ code: "aborted" });
});
