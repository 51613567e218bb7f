/** Who may read what the gateway writes, and what its sources and packages must not hold. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, it } from "vitest";
import { chat, startWorld } from "./security-world.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const folder = mkdtempSync(join(tmpdir(), "dragoman-disk-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(process.platform === "win32")("the store", () => {
  it("is for its owner alone, each file and the folder that was made for it", async ({ expect }) => {
    const store = join(folder, "deep", "store");
    const world = await startWorld({
      configuration: { store: { type: "sqlite", file: join(store, "gateway.db") }, cache: { enabled: true, store: "store" } },
    });
    await world.send({ method: "POST", path: "/v1/chat/completions", key: world.keys.red, body: chat("fast") });
    await world.gateway.ledger.usage({ by: ["model"] });
    const modes = readdirSync(store).map((name) => [name, statSync(join(store, name)).mode & 0o777] as const);
    await world.close();
    const kinds = ["gateway.db", ".pepper", ".events", ".responses", "journal", "-wal"];
    expect(kinds.filter((kind) => !modes.some(([name]) => name.includes(kind)))).toEqual([]);
    // What marks a living process is empty.
    expect(modes.filter(([name, mode]) => mode !== 0o600 && !name.includes("-lock-"))).toEqual([]);
    for (const made of [store, join(folder, "deep")]) expect(statSync(made).mode & 0o777).toBe(0o700);
  });
});

function sourcesOf(name: string): readonly (readonly [file: string, text: string])[] {
  const root = join(ROOT, "packages", name, "src");
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => [`${name}/${file}`, readFileSync(join(root, file), "utf8")] as const);
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, "");
}

describe("the sources", () => {
  it("of the gateway run no text as code, start no process and render no template", async ({ expect }) => {
    const forbidden =
      /\beval\s*\(|\bnew\s+Function\b|\bFunction\s*\(|node:vm\b|from "vm"|node:child_process|\bexecSync\b|\bspawn\s*\(|handlebars|mustache|nunjucks|ejs\b|lodash/;
    const found = sourcesOf("gateway").flatMap(([file, text]) => {
      const hit = forbidden.exec(withoutComments(text));
      return hit === null ? [] : [`${file}: ${hit[0]}`];
    });
    expect(found).toEqual([]);
  });

  it("of the gateway join no text of a request into SQL", async ({ expect }) => {
    // What is joined in is a constant of the code, written in capitals, a number, or made by a function that only knows columns.
    const found = sourcesOf("gateway")
      .filter(([file]) => /http\//.test(file))
      .flatMap(([file, text]) =>
        /\b(?:select|insert|update|delete)\b[^"`\n]*\b(?:from|into|set)\b[^`\n]*\$\{/i.test(text) ? [file] : [],
      );
    expect(found).toEqual([]);
  });

  it("of the gateway's HTTP layer open no connection and read no file", async ({ expect }) => {
    const found = sourcesOf("gateway")
      .filter(([file]) => file.startsWith("gateway/http/"))
      .flatMap(([file, text]) =>
        /from "(?:node:fs|node:fs\/promises|undici|node:dns|node:tls)"|\bfetch\(/.test(withoutComments(text)) ? [file] : [],
      );
    expect(found).toEqual([]);
  });

  it("hold no key that looks real", async ({ expect }) => {
    const key =
      /\b(?:sk-(?:proj|ant)-[A-Za-z0-9_-]{20,}|AKIA[A-Z0-9]{16}|ghp_[A-Za-z0-9]{30,}|dgm_[a-z2-7]{16}_[A-Za-z0-9_-]{43})\b/;
    const found = ["gateway", "cli", "llm", "events"].flatMap(sourcesOf).filter(([, text]) => key.test(text));
    expect(found.map(([file]) => file)).toEqual([]);
  });
});

describe("the packages", () => {
  const manifests = readdirSync(join(ROOT, "packages")).map(
    (name) =>
      [name, JSON.parse(readFileSync(join(ROOT, "packages", name, "package.json"), "utf8")) as Record<string, unknown>] as const,
  );

  it("run nothing of ours when they are installed", async ({ expect }) => {
    const hooks = ["preinstall", "install", "postinstall", "prepare", "prepublish", "preuninstall", "postuninstall"];
    const found = manifests.flatMap(([name, { scripts = {} }]) =>
      hooks.filter((hook) => Object.hasOwn(scripts as object, hook)).map((hook) => `${name}: ${hook}`),
    );
    expect(found).toEqual([]);
  });

  it("hold what is named and no more, and come from a registry", async ({ expect }) => {
    for (const [name, { files, dependencies = {} }] of manifests) {
      expect([name, files]).toEqual([name, expect.arrayContaining([expect.any(String)])]);
      expect(JSON.stringify(files)).not.toMatch(/"(?:\.|\*|src|test|\.\.)"/);
      const elsewhere = Object.entries(dependencies as Record<string, string>).filter(([, range]) => /:|\//.test(range));
      expect(elsewhere).toEqual([]);
    }
  });

  it("are pinned by their contents, from one registry, over TLS", async ({ expect }) => {
    const { packages } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
      packages: Record<string, { resolved?: string; integrity?: string; link?: boolean }>;
    };
    const loose = Object.entries(packages).filter(
      ([, { resolved, integrity, link }]) =>
        link !== true && resolved !== undefined && (!integrity?.startsWith("sha512-") || !/^https:/.test(resolved)),
    );
    expect(loose.map(([name]) => name)).toEqual([]);
  });
});
