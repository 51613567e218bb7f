import { describe, expect, it } from "vitest";
import type { FakeVendor } from "../../src/testing/fake-vendors/fake-vendor.ts";
import { startFakeVendor } from "../../src/testing/fake-vendors/start-fake-vendor.ts";

function ask(vendor: FakeVendor, model: string, change: Record<string, unknown> = {}, init: RequestInit = {}): Promise<Response> {
  return fetch(`${vendor.baseUrl}/chat/completions`, {
    method: "POST",
    headers: { authorization: "Bearer any", "content-type": "application/json" },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Grüße 🚀" }], ...change }),
    ...init,
  });
}

describe("the fake vendor's server", () => {
  it("records each request with its body, and answers on the loopback only", async () => {
    const vendor = await startFakeVendor("openai");
    expect(vendor.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    await (await ask(vendor, "gpt-4.1-mini")).text();
    expect(vendor.requests).toMatchObject([
      {
        method: "POST",
        path: "/v1/chat/completions",
        headers: { authorization: "Bearer any" },
        body: { model: "gpt-4.1-mini" },
        aborted: false,
      },
    ]);
    await vendor.close();
  });

  it("notices a client that gives up, before and within the answer", async () => {
    const vendor = await startFakeVendor("openai");
    const silent = new AbortController();
    const waiting = ask(vendor, "fault-silence", {}, { signal: silent.signal }).catch(() => undefined);
    while (vendor.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    silent.abort();
    await waiting;
    await vendor.waitForAbort();
    expect(vendor.requests[0]?.aborted).toBe(true);
    await vendor.close();

    const stalled = await startFakeVendor("openai");
    const midway = new AbortController();
    const response = await ask(stalled, "fault-stall", { stream: true }, { signal: midway.signal });
    await response.body?.getReader().read();
    midway.abort();
    await stalled.waitForAbort();
    expect(stalled.requests[0]?.aborted).toBe(true);
    await stalled.close();
  });

  it("does not call its own breaking off a client's", async () => {
    const vendor = await startFakeVendor("openai");
    await ask(vendor, "fault-reset").catch(() => undefined);
    const response = await ask(vendor, "fault-reset-mid", { stream: true });
    await response.text().catch(() => undefined);
    await (await ask(vendor, "gpt-4.1-mini")).text();
    expect(vendor.requests.map((request) => request.aborted)).toEqual([false, false, false]);
    const never = vendor.waitForAbort();
    await vendor.close();
    await expect(never).rejects.toThrow(/closed before a client gave up/);
    await expect(vendor.waitForAbort()).rejects.toThrow(/is closed/);
  });

  it("closes open answers and its port, twice without harm", async () => {
    const vendor = await startFakeVendor("openai");
    const hanging = ask(vendor, "fault-silence").then(
      () => "answered",
      () => "closed",
    );
    while (vendor.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await Promise.all([vendor.close(), vendor.close()]);
    expect(await hanging).toBe("closed");
    const asked = vendor.requests.length;
    // Refused; or somebody else's by now, for ports are given out again at once.
    await fetch(vendor.url, { signal: AbortSignal.timeout(1_000) }).catch(() => {});
    expect(vendor.requests).toHaveLength(asked);
  });

  it("cuts its writes inside characters of several bytes", async () => {
    const vendor = await startFakeVendor("openai");
    const pieces: Uint8Array[] = [];
    for await (const piece of (await ask(vendor, "gpt-4.1-mini", { stream: true })).body ?? []) pieces.push(piece);
    const isBroken = (bytes: Uint8Array) => new TextDecoder().decode(bytes).includes("\uFFFD");
    expect(pieces.some(isBroken)).toBe(true);
    expect(isBroken(Buffer.concat(pieces))).toBe(false);
    await vendor.close();
  });

  it("refuses what is not JSON, what it has no route for, and the wrong method, in the vendor's shape", async () => {
    const vendor = await startFakeVendor("openai");
    const notJson = await ask(vendor, "x", {}, { body: "{" });
    expect([notJson.status, await notJson.json()]).toMatchObject([400, { error: { message: expect.stringContaining("JSON") } }]);
    const headers = { authorization: "Bearer any" };
    const unknown = await fetch(`${vendor.baseUrl}/nothing`, { headers });
    expect([unknown.status, await unknown.json()]).toMatchObject([404, { error: { type: "invalid_request_error" } }]);
    expect((await fetch(`${vendor.baseUrl}/chat/completions`, { headers })).status).toBe(405);
    expect(vendor.requests[0]?.body).toBe("{");
    await vendor.close();
  });

  it("gives equal answers from equal seeds, and equal usage where its cache is off", async () => {
    const bodies: string[] = [];
    for (const seed of ["a", "a", "b"]) {
      const vendor = await startFakeVendor("openai", { seed, promptCache: false });
      bodies.push(await (await ask(vendor, "gpt-4.1-mini")).text());
      const again = await (await ask(vendor, "gpt-4.1-mini")).json();
      expect(again).toMatchObject({ usage: { prompt_tokens_details: { cached_tokens: 0 } } });
      await vendor.close();
    }
    expect(bodies[0]).toBe(bodies[1]);
    expect(bodies[0]).not.toBe(bodies[2]);
  });

  it("serves further models, and any that reasons by its name", async () => {
    const vendor = await startFakeVendor("openai-compatible", { models: ["mine"] });
    expect((await ask(vendor, "mine")).status).toBe(200);
    expect(await (await ask(vendor, "a-reasoner")).json()).toMatchObject({
      choices: [{ message: { reasoning: expect.any(String) } }],
    });
    expect((await ask(vendor, "theirs")).status).toBe(404);
    await vendor.close();
  });
});
