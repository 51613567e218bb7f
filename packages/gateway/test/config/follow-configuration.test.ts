/** A file that a gateway follows: what is taken and what is not, and that the audit log and the observers know of both. */
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { followConfiguration, loadConfiguration } from "../../src/config/index.ts";
import { createGateway } from "../../src/create-gateway.ts";
import type { Notice } from "../../src/telemetry/observer.ts";
import { verifyAudit } from "../../src/tenancy/audit/verify-audit.ts";

const file = (port: number, more = "") => `server: { port: ${port} }\nstore: memory\nproviders: { openai: { ${more} } }\n`;

async function followed(text: string) {
  const folder = await mkdtemp(join(tmpdir(), "dragoman-follow-"));
  const path = join(folder, "dragoman.yaml");
  await writeFile(path, text);
  const notices: Notice[] = [];
  let next = Promise.withResolvers<void>();
  const noticed = (notice: Notice) => {
    if (!notice.event.startsWith("configuration.")) return;
    notices.push(notice);
    next.resolve();
    next = Promise.withResolvers();
  };
  const current = await loadConfiguration(path, { environment: {} });
  const gateway = await createGateway(current.configuration, { environment: {}, observers: [{ noticed }] });
  const stop = new AbortController();
  const following = await followConfiguration(path, gateway, {
    current,
    signal: stop.signal,
    environment: {},
    debounceMs: 1,
    pollMs: 0,
    adjust: (configuration) => ({ ...configuration, server: { ...configuration.server, host: "::1" } }),
  });
  onTestFinished(async () => {
    stop.abort();
    await gateway.close();
    await rm(folder, { recursive: true });
  });
  return {
    path,
    gateway,
    notices,
    following,
    /** At once, as an editor does. */
    async write(content: string): Promise<void> {
      await writeFile(join(folder, "beside"), content);
      await rename(join(folder, "beside"), path);
    },
    noticedNext: () => next.promise,
    async audited() {
      await gateway.audit.settled();
      return (await gateway.audit.list()).records.filter(({ action }) => action === "configuration.reloaded");
    },
  };
}

describe("a file that is followed", () => {
  it("is put in force when it changes, and the audit log says what changed, without secrets", async () => {
    const { path, gateway, notices, write, noticedNext, audited } = await followed(file(1));
    const told = noticedNext();
    await write(file(2, "headers: { x-trace: plain-header-value }"));
    await told;
    expect(gateway.configuration.server).toMatchObject({ port: 2, host: "::1" });
    await expect.poll(audited, { interval: 2 }).toHaveLength(1);
    const [record] = await audited();
    expect(record).toMatchObject({ actor: "system:file", subject: path, outcome: "done" });
    expect(record?.before).toMatchObject({ "server.port": 1, "server.host": "127.0.0.1" });
    expect(record?.after).toMatchObject({ "server.port": 2, "server.host": "::1" });
    expect(JSON.stringify([record, notices])).not.toContain("plain-header-value");
    expect(notices).toMatchObject([
      { level: "info", event: "configuration.reloaded", message: expect.stringContaining("server.port: 1 -> 2") },
    ]);
    expect(await verifyAudit(gateway.log)).toMatchObject({ intact: true });
  });

  it("is refused where it is wrong: once for each content, and with the reason", async () => {
    const { gateway, notices, write, noticedNext, audited } = await followed(file(1));
    const told = noticedNext();
    await write(file(2, "kye: env:X"));
    await told;
    await expect.poll(audited, { interval: 2 }).toHaveLength(1);
    expect(await audited()).toMatchObject([
      { actor: "system:file", outcome: "failed", detail: expect.stringContaining("providers.openai.kye") },
    ]);
    expect(gateway.configuration.server.port).toBe(1);
    expect(notices).toMatchObject([{ level: "warn", event: "configuration.refused", error: { code: "configuration" } }]);
    expect(notices[0]?.message).toMatch(/was not taken; .*dragoman\.yaml:3:\d+: providers\.openai\.kye/);
    expect(notices[0]?.message).not.toContain("\n");
  });

  it("that names a provider which cannot be made is refused as well", async () => {
    const { gateway, following, write, audited } = await followed(file(1));
    await write("server: { port: 2 }\nstore: memory\nproviders: { strange: { type: no-such-package-anywhere } }\n");
    await following.reloadOnSignal();
    expect(gateway.configuration.server.port).toBe(1);
    expect((await audited())[0]).toMatchObject({ outcome: "failed" });
  });

  it("is looked at on a signal, which is kept as the system's, each time that it is refused", async () => {
    const { following, notices, write, audited } = await followed(file(1));
    await following.reloadOnSignal();
    expect(await audited()).toEqual([]);
    await write(file(2));
    await following.reloadOnSignal();
    await write("server: { port: no }");
    await following.reloadOnSignal();
    await following.reloadOnSignal();
    const records = (await audited()).map(({ actor, outcome }) => [actor, outcome]);
    // The watcher may have been the first to see a change; it tells of it once, and the signal each time.
    expect(records.filter(([, outcome]) => outcome === "done")).toHaveLength(1);
    expect(records.filter(([actor, outcome]) => actor === "system:signal" && outcome === "failed")).toHaveLength(2);
    expect(notices.filter(({ event }) => event === "configuration.refused").length).toBeGreaterThanOrEqual(2);
  });

  it("rejects for whoever asks and keeps account himself, every time, and is not recorded a second time for him", async () => {
    const { following, write, audited } = await followed(file(1));
    await write(file(1, "kye: env:X"));
    for (let asked = 0; asked < 2; asked++) await expect(following.reload()).rejects.toMatchObject({ code: "configuration" });
    expect((await audited()).filter(({ actor }) => actor !== "system:file")).toEqual([]);
    await write(file(1));
    await expect(following.reload()).resolves.toBeUndefined();
  });
});
