import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type ConfigurationWatch,
  changeText,
  defaultConfiguration,
  diffConfigurations,
  type LoadedConfiguration,
  loadConfiguration,
  watchConfiguration,
} from "../../src/config/index.ts";

let folder: string;
let file: string;
let stop: AbortController;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dragoman-config-"));
  file = join(folder, "dragoman.yaml");
  stop = new AbortController();
});

afterEach(async () => {
  stop.abort();
  await rm(folder, { recursive: true, force: true });
});

interface Followed {
  readonly watch: ConfigurationWatch;
  readonly ports: number[];
  readonly changes: string[][];
  readonly errors: string[];
  /** Resolves at the next change. */
  readonly told: () => Promise<void>;
}

async function follow(
  options: { readonly onChange?: (loaded: LoadedConfiguration) => void; readonly pollMs?: number } = {},
): Promise<Followed> {
  const ports: number[] = [];
  const changes: string[][] = [];
  const errors: string[] = [];
  let next = Promise.withResolvers<void>();
  const tell = (): void => {
    next.resolve();
    next = Promise.withResolvers();
  };
  const watch = await watchConfiguration(file, {
    environment: {},
    signal: stop.signal,
    debounceMs: 1,
    pollMs: options.pollMs ?? 0,
    onChange: (loaded, changed) => {
      options.onChange?.(loaded);
      ports.push(loaded.configuration.server.port);
      changes.push(changed.map(changeText));
      tell();
    },
    onError: (error) => {
      errors.push(error instanceof Error ? error.message : String(error));
    },
  });
  return { watch, ports, changes, errors, told: () => next.promise };
}

/** At once, as an editor does: nobody sees half of it. */
async function replace(text: string): Promise<void> {
  await writeFile(join(folder, "beside"), text);
  await rename(join(folder, "beside"), file);
}

const port = (number: number) => `server: { port: ${number} }\n`;

describe("watching a configuration", () => {
  it("gives the new one when the file is written", async () => {
    await writeFile(file, port(1));
    const { watch, ports, changes, told } = await follow();
    const change = told();
    await writeFile(file, port(2));
    await change;
    expect(ports).toEqual([2]);
    expect(changes).toEqual([["server.port: 1 -> 2"]]);
    await watch.reload();
    expect(watch.lastGood?.server.port).toBe(2);
  });

  it("does not take a file that is empty, as it is for a moment while it is written", async () => {
    await writeFile(file, port(1));
    const { watch, ports, errors } = await follow();
    await replace("");
    await watch.reload();
    expect(watch.lastGood?.server.port).toBe(1);
    expect([ports, errors.length]).toEqual([[], 1]);
  });

  it("follows a file that an editor puts in its place", async () => {
    await writeFile(file, port(1));
    const { ports, told } = await follow();
    const change = told();
    await writeFile(join(folder, "new"), port(2));
    await rename(join(folder, "new"), file);
    await change;
    expect(ports).toEqual([2]);
  });

  it("follows a link that is turned to another folder, as Kubernetes does", async () => {
    await Promise.all(["v1", "v2"].map((name) => mkdir(join(folder, name))));
    await writeFile(join(folder, "v1/dragoman.yaml"), port(1));
    await writeFile(join(folder, "v2/dragoman.yaml"), port(2));
    await symlink("v1", join(folder, "..data"));
    await symlink("..data/dragoman.yaml", file);
    const { watch, ports, told } = await follow();
    expect(watch.lastGood?.server.port).toBe(1);
    const change = told();
    await symlink("v2", join(folder, "..new"));
    await rename(join(folder, "..new"), join(folder, "..data"));
    await change;
    expect(ports).toEqual([2]);
  });

  it("finds what no watcher tells by looking now and then", async () => {
    await writeFile(file, port(1));
    const elsewhere = await mkdtemp(join(tmpdir(), "dragoman-config-"));
    await writeFile(join(elsewhere, "target.yaml"), port(1));
    await rm(file);
    // The watched folder holds a link only: what changes is behind it.
    await symlink(join(elsewhere, "target.yaml"), file);
    const { ports, told } = await follow({ pollMs: 5 });
    const change = told();
    await writeFile(join(elsewhere, "target.yaml"), port(22));
    await change;
    expect(ports).toEqual([22]);
    await rm(elsewhere, { recursive: true });
  });

  it("keeps the last good one, tells of each mistake once, and goes on", async () => {
    await writeFile(file, port(1));
    const { watch, ports, errors } = await follow();
    await replace("server: { prot: 2 }");
    await watch.reload();
    await watch.reload();
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain("did you mean port?");
    expect(watch.lastGood?.server.port).toBe(1);
    await rm(file);
    await watch.reload();
    expect(errors).toHaveLength(2);
    expect(errors[1]).toContain("there is no such file");
    await replace(port(3));
    await watch.reload();
    expect(ports).toEqual([3]);
  });

  it("does not tell of content that says the same", async () => {
    await writeFile(file, port(1));
    const { watch, ports, errors } = await follow();
    await replace(port(1));
    await watch.reload();
    await replace(`# a comment\nserver:\n  port: 1\nledger: { retention: 400d }\n`);
    await watch.reload();
    expect([ports, errors]).toEqual([[], []]);
  });

  it("tries again what was not taken", async () => {
    await replace(port(1));
    let refuses = true;
    const { watch, ports, errors } = await follow({
      onChange: () => {
        if (refuses) throw new Error("the port is in use");
      },
    });
    await replace(port(2));
    await watch.reload();
    expect(errors).toContain("the port is in use");
    expect(watch.lastGood?.server.port).toBe(1);
    refuses = false;
    await watch.reload();
    expect(ports).toEqual([2]);
  });

  it("begins with a file that is wrong, and ends with its signal", async () => {
    await replace("no: 1");
    const { watch, ports, errors } = await follow();
    expect(errors).toHaveLength(1);
    expect(watch.lastGood).toBeUndefined();
    await replace(port(1));
    await watch.reload();
    expect(ports).toEqual([1]);
    stop.abort();
    await replace(port(2));
    await watch.reload();
    expect(ports).toEqual([1]);
  });
});

describe("loading a configuration", () => {
  it("counts paths from the file's folder", async () => {
    await writeFile(file, "store: sqlite:data/d.db\nproviders: { openai: { key: file:secret } }");
    const { configuration } = await loadConfiguration(file, { environment: {} });
    expect(configuration.store).toEqual({ type: "sqlite", file: join(folder, "data/d.db") });
    expect(configuration.providers.openai?.key).toBe(`file:${join(folder, "secret")}`);
  });

  it("reads TOML by the file's ending", async () => {
    const toml = join(folder, "dragoman.toml");
    await writeFile(toml, "[server]\nport = 7");
    expect((await loadConfiguration(toml, { environment: {} })).configuration.server.port).toBe(7);
  });

  it("refuses a folder, and a file that is too large", async () => {
    await expect(loadConfiguration(folder)).rejects.toThrow("it cannot be read (EISDIR)");
    await writeFile(file, "x".repeat(1024 * 1024 + 10));
    await expect(loadConfiguration(file)).rejects.toThrow("larger than");
  });
});

describe("the difference between two configurations", () => {
  it("is told setting by setting, limits by their names", () => {
    const limit = { metric: "usd", amount: 5, window: { type: "calendar", unit: "month", timeZone: "UTC" } } as const;
    const before = defaultConfiguration({ providers: { openai: { key: "env:A" } }, limits: [{ ...limit, name: "all" }] });
    const after = defaultConfiguration({
      providers: { openai: { key: "env:B" }, gemini: {} },
      limits: [
        { metric: "concurrency", amount: 3, name: "few" },
        { ...limit, name: "all", amount: 6 },
      ],
      failing: { breaker: { openMs: 90_000 } },
    });
    expect(diffConfigurations(before, after).map(changeText)).toEqual([
      "providers.openai.key: env:A -> env:B",
      "providers.gemini: added {}",
      "failing.breaker.open: 10s -> 1m30s",
      "limits.all.usd: 5 -> 6",
      'limits.few: added {"concurrency":3,"of":{},"each":[],"overflow":"refuse","warn_at":[]}',
    ]);
    expect(diffConfigurations(before, before)).toEqual([]);
  });
});
