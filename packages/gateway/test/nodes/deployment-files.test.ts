/** The files of docs/deploy cannot be run here; that they parse, agree with one another and with the program can be told. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { loadConfiguration } from "../../src/config/load-configuration.ts";
import type { GatewayConfiguration } from "../../src/configuration.ts";
import { createGateway } from "../../src/create-gateway.ts";
import { createServer } from "../../src/http/server.ts";

const FOLDER = join(import.meta.dirname, "../../../../docs/deploy");
const read = (name: string): string => readFileSync(join(FOLDER, name), "utf8");

const SECRETS = ["DATABASE_URL", "DRAGOMAN_ADMIN_KEY", "DRAGOMAN_PEPPER", "OPENAI_API_KEY"];
const environment = Object.fromEntries(SECRETS.map((name) => [name, "postgres://host/database/with/a/long/enough/name"]));

async function configuration(): Promise<{ readonly read: GatewayConfiguration; readonly warnings: readonly unknown[] }> {
  const loaded = await loadConfiguration(join(FOLDER, "dragoman.yaml"), { environment });
  return { read: loaded.configuration, warnings: loaded.warnings };
}

async function stateFolder(): Promise<string> {
  const { store } = (await configuration()).read;
  if (store.type !== "postgres") throw new Error("it is not shared");
  return store.file.slice(0, store.file.lastIndexOf("/"));
}

/** Seconds that it may take to stop: running calls, then shipping and giving back with their limits. */
async function stopSeconds(): Promise<number> {
  return (await configuration()).read.server.drainMs / 1_000 + 10;
}

describe("files to deploy", () => {
  test("the configuration is right, and names what the others provide", async () => {
    const { read: found, warnings } = await configuration();
    expect(warnings).toEqual([]);
    expect(found.store).toMatchObject({ type: "postgres", url: "env:DATABASE_URL", leaseMs: 10_000 });
    const named = [...read("dragoman.yaml").matchAll(/env:([A-Z_]+)/g)].map(([, name]) => name);
    expect([...named, "DRAGOMAN_PEPPER"].toSorted()).toEqual(SECRETS);
  });

  test("the paths of the probes are served, and to anybody", async () => {
    const gateway = await createGateway(
      { ...(await configuration()).read, store: { type: "memory" }, limits: [] },
      { environment },
    );
    const { fastify } = createServer({ gateway });
    onTestFinished(async () => {
      await fastify.close();
      await gateway.close();
    });
    const text = `${read("kubernetes.yaml")}${read("Dockerfile")}`;
    const paths = new Set([...text.matchAll(/path: (\/\w+)|:4242(\/\w+)/g)].map(([, one, other]) => one ?? other));
    expect([...paths].toSorted()).toEqual(["/health", "/ready"]);
    for (const url of paths) {
      if (url === undefined) continue;
      expect((await fastify.inject({ url, headers: { host: "localhost" } })).statusCode).toBe(200);
    }
  });

  test("the image runs the program as nobody in particular, over its own folder", async () => {
    const lines = read("Dockerfile").split("\n");
    const { version } = JSON.parse(readFileSync(join(FOLDER, "../../packages/cli/package.json"), "utf8"));
    expect(JSON.parse(read("package.json")).dependencies).toEqual({ dragoman: version });
    expect(lines).toContain(`VOLUME ${await stateFolder()}`);
    expect(lines).toContain("USER 10001:10001");
    expect(lines).toContain(`EXPOSE ${(await configuration()).read.server.port}`);
    expect(lines.some((line) => line.startsWith("RUN npm ci --omit=dev"))).toBe(true);
    expect(lines.findLastIndex((line) => line.startsWith("FROM"))).toBeLessThan(
      lines.findIndex((line) => line.startsWith("USER")),
    );
  });

  test("compose gives each node its name, its volume and all secrets", async () => {
    const compose = parse(read("compose.yaml"), { merge: true });
    const nodes = Object.entries<Record<string, never>>(compose.services).filter(([name]) => name.startsWith("dragoman"));
    expect(nodes).toHaveLength(2);
    for (const [name, service] of nodes) {
      expect(service).toMatchObject({ hostname: name, read_only: true });
      expect(service.volumes).toContain(`${name}:${await stateFolder()}`);
      expect(Object.keys(compose.volumes)).toContain(name);
      expect(Object.keys(service.environment ?? {}).toSorted()).toEqual(SECRETS);
      expect(Number.parseInt(service.stop_grace_period ?? "", 10)).toBeGreaterThanOrEqual(await stopSeconds());
    }
  });

  test("the unit leaves time to stop, and keeps its state", async () => {
    const settings = new Map(
      read("dragoman.service")
        .split("\n")
        .filter((line) => /^\w+=/.test(line))
        .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
    expect(settings.get("ExecStart")).toContain("dragoman serve --config /etc/dragoman/dragoman.yaml");
    expect(Number(settings.get("TimeoutStopSec"))).toBeGreaterThanOrEqual(await stopSeconds());
    expect(`/var/lib/${settings.get("StateDirectory")}`).toBe(await stateFolder());
    for (const [name, value] of Object.entries({ DynamicUser: "yes", ProtectSystem: "strict", NoNewPrivileges: "yes" }))
      expect(settings.get(name)).toBe(value);
  });

  test("the manifest agrees with itself, and its map is the configuration", async () => {
    const documents = parseAllDocuments(read("kubernetes.yaml"));
    for (const one of documents) expect(one.errors).toEqual([]);
    const byKind = Object.fromEntries(documents.map((one) => [one.toJS().kind, one.toJS()]));
    expect(Object.keys(byKind).toSorted()).toEqual(["ConfigMap", "Deployment", "PodDisruptionBudget", "Secret", "Service"]);
    expect(parse(byKind.ConfigMap.data["dragoman.yaml"])).toEqual(parse(read("dragoman.yaml")));
    expect(Object.keys(byKind.Secret.stringData).toSorted()).toEqual(SECRETS);
    const { spec } = byKind.Deployment.spec.template;
    const [container] = spec.containers;
    expect(container.ports[0].containerPort).toBe((await configuration()).read.server.port);
    const pauseSeconds = container.lifecycle.preStop.sleep.seconds;
    expect(spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(pauseSeconds + (await stopSeconds()));
    expect(container.volumeMounts.map(({ mountPath }: { mountPath: string }) => mountPath)).toEqual(
      expect.arrayContaining(["/etc/dragoman", await stateFolder()]),
    );
    const volumes = spec.volumes.map(({ name }: { name: string }) => name);
    for (const { name, subPath } of container.volumeMounts) {
      expect(volumes).toContain(name);
      expect(subPath).toBeUndefined();
    }
    const labels = byKind.Deployment.spec.template.metadata.labels;
    expect(byKind.Service.spec.selector).toEqual(labels);
    expect(byKind.PodDisruptionBudget.spec.selector.matchLabels).toEqual(labels);
    expect(byKind.Deployment.spec.selector.matchLabels).toEqual(labels);
    expect(container.securityContext.readOnlyRootFilesystem).toBe(true);
    expect(spec.securityContext.runAsUser).toBe(10_001);
  });
});
